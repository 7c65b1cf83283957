// Functions with known optima that samplers are compared on, and the counting of what a search needs to come near them.
import { bool, choice, float, int, type ParameterMap, variant } from 'hindcast';
import { type Direction, openStudyOn, ParameterSpace, type Search, type SearchName } from 'hindcast/optimize';

/** A function over a space. */
export interface ReferenceProblem {
  readonly name: string;
  readonly parameters: ParameterMap;
  readonly direction: Direction;
  readonly optimum: number;
  /** Returns the value; undefined where there is none, as for a strategy that never traded. */
  readonly evaluate: (params: Readonly<Record<string, unknown>>) => number | undefined;
}

type Numbers = Readonly<Record<string, number>>;

const numbered = (count: number, parameter: ParameterMap[string]): ParameterMap =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, parameter]));

const valuesOf = (params: Readonly<Record<string, unknown>>): number[] => Object.values(params) as number[];

/** Branin and Hoo (1972): three optima in two dimensions. */
export const branin: ReferenceProblem = {
  name: 'branin2',
  parameters: { x1: float(-5, 10), x2: float(0, 15) },
  direction: 'minimize',
  optimum: 0.39788735772973816,
  evaluate: (params) => {
    const { x1 = 0, x2 = 0 } = params as Numbers;
    const curve = x2 - (5.1 / (4 * Math.PI * Math.PI)) * x1 * x1 + (5 / Math.PI) * x1 - 6;
    return curve * curve + 10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x1) + 10;
  },
};

const HARTMANN_CENTRES = [
  [0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
  [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
  [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.665],
  [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381],
] as const;
const HARTMANN_WIDTHS = [
  [10, 3, 17, 3.5, 1.7, 8],
  [0.05, 10, 17, 0.1, 8, 14],
  [3, 3.5, 1.7, 10, 17, 8],
  [17, 8, 0.05, 10, 0.1, 14],
] as const;
const HARTMANN_HEIGHTS = [1, 1.2, 3, 3.2] as const;

/** Hartman (1973) in six dimensions: six local optima. */
export const hartmann6: ReferenceProblem = {
  name: 'hartmann6',
  parameters: numbered(6, float(0, 1)),
  direction: 'minimize',
  optimum: -3.322368011391339,
  evaluate: (params) => {
    const x = valuesOf(params);
    let sum = 0;
    for (const [hill, height] of HARTMANN_HEIGHTS.entries()) {
      let exponent = 0;
      for (let axis = 0; axis < 6; axis++) {
        exponent += HARTMANN_WIDTHS[hill]![axis]! * (x[axis]! - HARTMANN_CENTRES[hill]![axis]!) ** 2;
      }
      sum -= height * Math.exp(-exponent);
    }
    return sum;
  },
};

/** Rosenbrock (1960) in five dimensions: a curved valley. */
export const rosenbrock5: ReferenceProblem = {
  name: 'rosenbrock5',
  parameters: numbered(5, float(-5, 10)),
  direction: 'minimize',
  optimum: 0,
  evaluate: (params) => {
    const x = valuesOf(params);
    let sum = 0;
    for (let axis = 0; axis < 4; axis++) sum += 100 * (x[axis + 1]! - x[axis]! ** 2) ** 2 + (1 - x[axis]!) ** 2;
    return sum;
  },
};

/** Ackley (1987) in ten dimensions: a funnel full of dents. */
export const ackley10: ReferenceProblem = {
  name: 'ackley10',
  parameters: numbered(10, float(-32.768, 32.768)),
  direction: 'minimize',
  optimum: 0,
  evaluate: (params) => {
    const x = valuesOf(params);
    const squares = x.reduce((sum, each) => sum + each * each, 0) / x.length;
    const waves = x.reduce((sum, each) => sum + Math.cos(2 * Math.PI * each), 0) / x.length;
    return -20 * Math.exp(-0.2 * Math.sqrt(squares)) - Math.exp(waves) + 20 + Math.E;
  },
};

const crosses = { fast: int(2, 50), slow: int(20, 200, { step: 5 }) };

/** A rule with parameters of its own, a stop on a logarithm, a filter that may be off: integers, choices and conditions. */
export const mixedConditional: ReferenceProblem = {
  name: 'mixed_conditional',
  parameters: {
    rule: variant({ sma: crosses, ema: crosses, rsi: { rsi_len: int(2, 40), rsi_low: int(5, 45, { step: 5 }) } }),
    stop: float(1e-4, 1e-1, { prior: 'log' }),
    filter: variant({ off: {}, on: { filter_len: int(5, 100, { step: 5 }) } }),
  },
  direction: 'minimize',
  optimum: 0,
  evaluate: ({ rule, stop, filter }) => {
    const kind = rule as { readonly kind: string; readonly [name: string]: unknown };
    const { fast = 0, slow = 0, rsi_len = 0, rsi_low = 0 } = kind as unknown as Numbers;
    let value = kind.kind === 'sma' ? 0.3 : kind.kind === 'ema' ? 0 : 0.1;
    if (kind.kind === 'rsi') value += ((rsi_len - 9) / 12) ** 2 + ((rsi_low - 25) / 15) ** 2;
    else value += ((fast - 13) / 20) ** 2 + ((slow - 95) / 60) ** 2 + (fast >= slow ? 0.5 : 0);
    value += 0.25 * (Math.log10(stop as number) + 2) ** 2;
    const on = filter as { readonly kind: string; readonly filter_len?: number };
    return value + (on.kind === 'on' ? ((on.filter_len! - 40) / 50) ** 2 : 0.15);
  },
};

/** A small space of every sort of parameter without conditions, for searches that know none. */
export const mixedFlat: ReferenceProblem = {
  name: 'mixed_flat',
  parameters: {
    rule: choice('sma', 'ema', 'rsi'),
    length: int(2, 60),
    step: int(10, 200, { step: 10 }),
    stop: float(1e-4, 1e-1, { prior: 'log' }),
    short: bool(),
  },
  direction: 'minimize',
  optimum: 0,
  evaluate: ({ rule, length, step, stop, short }) => {
    const base = rule === 'ema' ? 0 : rule === 'sma' ? 0.2 : 0.35;
    const shape = (((length as number) - 22) / 20) ** 2 + (((step as number) - 120) / 60) ** 2;
    return base + shape + 0.25 * (Math.log10(stop as number) + 2) ** 2 + (short === true ? 0.15 : 0);
  },
};

/** All of them. */
export const REFERENCE_PROBLEMS: readonly ReferenceProblem[] = [
  branin,
  hartmann6,
  rosenbrock5,
  mixedConditional,
  mixedFlat,
  ackley10,
];

/** What one search found. */
export interface SearchCourse {
  /** The best value after 1, 2, 3, ... trials; NaN as long as there is none. */
  readonly best: Float64Array;
  /** How often the function was evaluated: trials without those that repeat an earlier one. */
  readonly evaluations: number;
  /** Milliseconds that the study took for asking and telling, evaluations aside, of each trial. */
  readonly overhead: Float64Array;
}

/** How a search is run. */
export interface CourseOptions {
  readonly trials: number;
  readonly seed: number;
  /** Trial k may see results up to k - lag, and so many are pending at once. @defaultValue 1 */
  readonly lag?: number;
  /** Ends the search with the first value that is as good. @defaultValue all trials run */
  readonly until?: number;
}

/** Searches a problem, with as many trials pending as the lag lets, told in the order of asking. */
export async function searchCourse(
  { parameters, direction, evaluate }: ReferenceProblem,
  search: SearchName | Search,
  { trials, seed, lag = 1, until }: CourseOptions,
): Promise<SearchCourse> {
  const space = new ParameterSpace(parameters);
  await using study = await openStudyOn({ space, search, directions: [direction], seed, lag, trials });
  const best = new Float64Array(trials).fill(Number.NaN);
  const overhead = new Float64Array(trials);
  const pending: { readonly number: number; readonly value: number | undefined }[] = [];
  let evaluations = 0;
  let isThere = false;
  const tell = (): void => {
    const { number, value } = pending.shift()!;
    isThere ||= until !== undefined && value !== undefined && !study.isBetter(until, value);
    study.record(number, value === undefined ? { state: 'pruned' } : { state: 'complete', values: [value] });
  };
  for (;;) {
    if (pending.length === lag) tell();
    if (isThere) break;
    const begun = performance.now();
    const trial = study.next();
    if (trial === undefined) break;
    // Only a repetition of a trial that is pending makes the next one wait with fewer pending than the lag.
    if (trial === 'wait') {
      tell();
      continue;
    }
    overhead[trial.number] = performance.now() - begun;
    evaluations++;
    pending.push({ number: trial.number, value: evaluate(trial.params) });
  }
  while (pending.length > 0) tell();
  let leader = Number.NaN;
  for (let number = 0; number < trials; number++) {
    const value = study.valueOf(number);
    if (!Number.isNaN(value) && (Number.isNaN(leader) || study.isBetter(value, leader))) leader = value;
    best[number] = leader;
  }
  return { best, evaluations, overhead };
}
