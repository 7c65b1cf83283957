import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { quantile } from '../metrics/quantile.js';
import type { SeenTrial } from './samplers/sampler.js';
import type { Direction } from './trial.js';

/**
 * What stops a trial before its end: plain data, made of the results that the trial may see when it is asked for and followed wherever it
 * runs, so that it stops at the same step for any number of workers. Losses are values, negated where they are maximised.
 */
export type PruneRule =
  /** Stops at a step where the lowest loss so far (or the newest one) is above the step's limit; null where none is known. */
  | { readonly kind: 'limit'; readonly of: 'lowest' | 'newest'; readonly limits: readonly (number | null)[] | number }
  /** Stops when so many steps in a row brought no loss that is lower by more than `least`. */
  | { readonly kind: 'patience'; readonly steps: number; readonly least: number }
  /** Stops when the losses of a step each are above the best trial's, with less than probability `p` for chance. */
  | { readonly kind: 'pairs'; readonly best: readonly number[]; readonly p: number };

/** A way to judge trials before their end, as a value. */
export interface Pruner {
  readonly name: string;
  /** Plain data: a study with another pruner or other settings is another study. */
  readonly settings: Readonly<Record<string, number>>;
  /**
   * What a search over strategies reports behind each part of a run: the objective over the run so far, or over the part by itself.
   * @defaultValue 'so far'
   */
  readonly over?: 'so far' | 'part';
  /** Returns the rule for a trial that may see these results; undefined while they are too few. */
  readonly ruleFor: (history: readonly SeenTrial[], direction: Direction) => PruneRule | undefined;
}

/** Throws UsageError `INVALID_OPTION` for what is no pruner. */
export function checkPruner(pruner: unknown): void {
  const { name, ruleFor } = (pruner ?? {}) as Partial<Pruner>;
  if (typeof pruner === 'object' && typeof name === 'string' && typeof ruleFor === 'function') return;
  const hint = typeof pruner === 'function' ? ` Call it: ${pruner.name}().` : '';
  throw new UsageError('INVALID_OPTION', {
    message: `prune is a pruner, such as median() or percentile(25), not ${givenText(pruner)}.${hint}`,
    details: { option: 'prune', value: pruner },
  });
}

/** When a pruner begins to judge. */
export interface PruneStart {
  /** Complete trials before any is stopped. @defaultValue 5 */
  readonly startupTrials?: number;
  /** Steps of each trial at which it is not stopped. @defaultValue 0 */
  readonly warmUpSteps?: number;
}

/**
 * Stops a trial whose best value so far is worse than a percentile of what complete trials had at the same step (Golovin et al. 2017).
 * @param keep per cent of the trials that would go on, above 0 and below 100
 * @throws UsageError `INVALID_OPTION`, `UNKNOWN_OPTION`, `OUT_OF_RANGE`, `NOT_AN_INTEGER`
 */
export function percentile(keep: number, options: PruneStart = {}): Pruner {
  const { startupTrials, warmUpSteps } = startOf('percentile', options);
  if (!(keep > 0 && keep < 100)) throw refused('percentile', keep, 'a number of per cent above 0 and below 100');
  const columnsOf = remembering(
    () => ({ complete: 0, columns: [] as number[][] }),
    (seen, { ending }, direction) => {
      if (ending.state !== 'complete') return;
      seen.complete++;
      for (const [step, value] of ending.intermediate ?? []) {
        if (step <= warmUpSteps || Number.isNaN(value)) continue;
        seen.columns[step - 1] ??= [];
        insert(seen.columns[step - 1]!, lossOf(value, direction));
      }
    },
  );
  return {
    name: 'percentile',
    settings: { keep, startupTrials, warmUpSteps },
    ruleFor: (history, direction) => {
      const { complete, columns } = columnsOf(history, direction);
      if (complete < startupTrials) return undefined;
      const limits = Array.from(columns, (losses) => (losses === undefined ? null : quantile(losses, keep / 100)));
      return { kind: 'limit', of: 'lowest', limits };
    },
  };
}

/** Stops a trial whose best value so far is worse than the median of complete trials at the same step. Throws as {@link percentile} does. */
export const median = (options: PruneStart = {}): Pruner => ({ ...percentile(50, options), name: 'median' });

/**
 * Stops a trial as soon as a value is worse than a bound: below it where larger is better.
 * @throws UsageError `INVALID_OPTION`
 */
export function threshold(bound: number): Pruner {
  if (!Number.isFinite(bound)) throw refused('threshold', bound, 'a number');
  return {
    name: 'threshold',
    settings: { bound },
    ruleFor: (_history, direction) => ({
      kind: 'limit',
      of: 'newest',
      limits: direction === 'maximize' ? -bound : bound,
    }),
  };
}

/**
 * Stops a trial when so many steps in a row brought nothing better by more than `least`.
 * @throws UsageError `OUT_OF_RANGE`, `NOT_AN_INTEGER`, `INVALID_OPTION`
 */
export function patient(steps: number, least = 0): Pruner {
  assertInteger('patient.steps', steps, { min: 1 });
  if (!(Number.isFinite(least) && least >= 0)) throw refused('patient.least', least, 'a number from 0');
  return { name: 'patient', settings: { steps, least }, ruleFor: () => ({ kind: 'patience', steps, least }) };
}

/**
 * Stops a trial that is worse than the best complete one step by step, by Wilcoxon's (1945) signed-rank test, one-sided. It suits steps
 * that each stand for themselves, such as windows.
 * @param p stops below this probability that the difference is chance. @defaultValue 0.1
 * @throws UsageError `INVALID_OPTION`
 */
export function wilcoxonPruner(p = 0.1): Pruner {
  if (!(p > 0 && p < 1)) throw refused('wilcoxon', p, 'a probability above 0 and below 1');
  const bestOf = bestSeen(({ intermediate }) => intermediate !== undefined);
  return {
    name: 'wilcoxon',
    settings: { p },
    over: 'part',
    ruleFor: (history, direction) => {
      const { best } = bestOf(history, direction);
      if (best === undefined) return undefined;
      const losses: number[] = [];
      for (const [step, value] of best.ending.intermediate ?? []) {
        losses[step - 1] = lossOf(value, direction);
      }
      return { kind: 'pairs', best: Array.from(losses, (loss) => loss ?? Number.POSITIVE_INFINITY), p };
    },
  };
}

/**
 * Stops a trial that can no longer be the best: its value is worse than the best known one, and values only get worse from step to step. The best of a
 * study is the same with it and without. A search over strategies takes it for the objectives of {@link WORSENING}; whoever asks and tells sees to it.
 */
export function bound(): Pruner {
  const bestOf = bestSeen(() => true);
  return {
    name: 'bound',
    settings: {},
    ruleFor: (history, direction) => {
      const { loss } = bestOf(history, direction);
      if (loss === Number.POSITIVE_INFINITY) return undefined;
      // Room for the rounding of a figure that is computed once so far and once over all.
      return { kind: 'limit', of: 'newest', limits: loss + ROUNDING * Math.abs(loss) };
    },
  };
}

const ROUNDING = 1e-12;

/** Metrics that only get worse while a run goes on, with the direction in which they do. */
export const WORSENING: Readonly<Record<string, Direction>> = { maxDrawdown: 'minimize', trades: 'minimize' };

/**
 * Tells whether a trial stops after its values so far, one for each step from the first; NaN for a step without one, at which no trial stops.
 */
export function stopsAfter(rule: PruneRule | undefined, values: readonly number[], direction: Direction): boolean {
  const losses = values.map((value) => lossOf(value, direction));
  const newest = losses.at(-1);
  if (rule === undefined || newest === undefined || Number.isNaN(newest)) return false;
  switch (rule.kind) {
    case 'limit': {
      const limit = typeof rule.limits === 'number' ? rule.limits : rule.limits[losses.length - 1];
      if (limit === null || limit === undefined) return false;
      const judged = rule.of === 'newest' ? newest : Math.min(...losses.filter((loss) => !Number.isNaN(loss)));
      return judged > limit;
    }
    case 'patience': {
      let lowest = Number.POSITIVE_INFINITY;
      let since = 0;
      for (const loss of losses) {
        if (loss < lowest - rule.least || (lowest === Number.POSITIVE_INFINITY && !Number.isNaN(loss))) {
          lowest = loss;
          since = 0;
        } else if (lowest < Number.POSITIVE_INFINITY) since++;
      }
      return since >= rule.steps;
    }
    case 'pairs': {
      const differences = losses
        .slice(0, rule.best.length)
        .map((loss, step) => loss - rule.best[step]!)
        .filter((difference) => Number.isFinite(difference));
      return signedRankTail(differences) < rule.p;
    }
  }
}

/** Tells whether a trial that went on to its end would have stopped at one of the steps that it reported, as [step, value] by step from 1. */
export function stopsAmong(
  rule: PruneRule | undefined,
  reported: readonly (readonly [step: number, value: number])[],
  direction: Direction,
): boolean {
  const values: number[] = [];
  return reported.some(([step, value]) => {
    while (values.length < step - 1) values.push(Number.NaN);
    values.push(value);
    return stopsAfter(rule, values, direction);
  });
}

/**
 * Returns the probability of differences at least as high by Wilcoxon's signed ranks if their signs were chance, exact over all choices of
 * signs; ties share their mean rank, zeros are left out. 1 without differences.
 */
function signedRankTail(differences: readonly number[]): number {
  const sizes = differences.filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  // Doubled, so that the mean of tied ranks stays whole.
  const ranks: number[] = [];
  let above = 0;
  for (let from = 0; from < sizes.length; ) {
    let to = from;
    while (to < sizes.length && Math.abs(sizes[to]!) === Math.abs(sizes[from]!)) to++;
    for (let place = from; place < to; place++) {
      ranks.push(from + to + 1);
      if (sizes[place]! > 0) above += from + to + 1;
    }
    from = to;
  }
  let shares = Float64Array.of(1);
  for (const rank of ranks) {
    const next = new Float64Array(shares.length + rank);
    for (let sum = 0; sum < shares.length; sum++) {
      next[sum]! += shares[sum]! / 2;
      next[sum + rank]! += shares[sum]! / 2;
    }
    shares = next;
  }
  return shares.subarray(above).reduce((sum, share) => sum + share, 0);
}

/** Returns the complete trial of least loss, the earliest of equal ones, and that loss, of those that count. */
const bestSeen = (counts: (ending: SeenTrial['ending']) => boolean) =>
  remembering(
    () => ({ best: undefined as SeenTrial | undefined, loss: Number.POSITIVE_INFINITY }),
    (seen, trial, direction) => {
      if (trial.ending.state !== 'complete' || !counts(trial.ending)) return;
      const loss = lossOf(trial.ending.values[0], direction);
      if (seen.best !== undefined && loss >= seen.loss) return;
      seen.best = trial;
      seen.loss = loss;
    },
  );

/**
 * Returns what has been gathered of a history. A study asks about one list that grows: of that only the new trials are looked at, so that a
 * thousand rules cost no more than the trials that they come from.
 */
function remembering<Seen>(
  begin: () => Seen,
  add: (seen: Seen, trial: SeenTrial, direction: Direction) => void,
): (history: readonly SeenTrial[], direction: Direction) => Seen {
  const known = new WeakMap<readonly SeenTrial[], { seen: Seen; count: number; direction: Direction }>();
  return (history, direction) => {
    let state = known.get(history);
    if (state === undefined || state.direction !== direction || state.count > history.length) {
      state = { seen: begin(), count: 0, direction };
      known.set(history, state);
    }
    for (; state.count < history.length; state.count++) add(state.seen, history[state.count]!, direction);
    return state.seen;
  };
}

/** Puts a value into its place of an ascending list. */
function insert(sorted: number[], value: number): void {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  sorted.splice(low, 0, value);
}

const lossOf = (value: number, direction: Direction): number => (direction === 'maximize' ? -value : value);

function startOf(name: string, options: PruneStart): Required<PruneStart> {
  rejectUnknownKeys(name, options, ['startupTrials', 'warmUpSteps']);
  const { startupTrials = 5, warmUpSteps = 0 } = options;
  assertInteger(`${name}.startupTrials`, startupTrials, { min: 1 });
  assertInteger(`${name}.warmUpSteps`, warmUpSteps, { min: 0 });
  return { startupTrials, warmUpSteps };
}

function refused(option: string, value: unknown, rule: string): UsageError {
  return new UsageError('INVALID_OPTION', {
    message: `${option} is ${rule}, not ${String(value)}.`,
    details: { option, value },
  });
}
