// BOHB against the exhaustive grid, by the rule under which it was rejected elsewhere: minBudget 0.05, maxBudget 1, eta 3, 10 iterations, 8 workers, eight
// large technology companies over five years (the sample market where those prices are absent).
//
// What is counted (evaluations, bars, the best value found, how shares of the data rank) is the same on every machine under any load. What is
// timed wants a quiet one; its ratios are of rounds in turns, by processor time.
// Usage: npm run bench -- bohb [--measure counted|timed|all] [--points 100] [--points 1100] [--points 9920] [--runs 10] [--jobs 8] [--json runs.json]
import { existsSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bundle, buildDraft, bundleFromColumns, sampleMarket } from 'hindcast/data';
import { meanInterval, pairedTest, welchTest } from 'hindcast/metrics';
import {
  bohb,
  type FinishedTrial,
  hyperband,
  ParameterSpace,
  PersistentWorkerPool,
  type Search,
  type SearchName,
  searchStrategy,
} from 'hindcast/optimize';
import smaCrossover from '../examples/sma-crossover.js';
import cross100 from './support/cross-100.js';
import cross9920 from './support/cross-9920.js';
import { machineLine } from './support/outcome-table.js';
import { referenceFile } from './support/reference-workloads.js';
import { mannWhitney, quantile, table } from './support/sampler-tables.js';
import { bySymbols, rankCorrelation, type ShareOf, valuesOn, valuesOver } from './support/share-ranks.js';
import { median, ratioWithinRounds, seededRandom, shuffled } from './support/statistics.js';

const SYMBOLS = ['AAPL', 'AMZN', 'MSFT', 'AMD', 'CRM', 'INTC', 'CSCO', 'IBM'];
const SPACES = [
  { points: 100, strategy: cross100, file: new URL('./support/cross-100.ts', import.meta.url) },
  { points: 1_100, strategy: smaCrossover, file: new URL('../examples/sma-crossover.ts', import.meta.url) },
  { points: 9_920, strategy: cross9920, file: new URL('./support/cross-9920.ts', import.meta.url) },
];
const BUDGETS = { minBudget: 0.05, maxBudget: 1, eta: 3 } as const;
const ITERATIONS = 10;
/** The fidelities whose ranks are looked at, and points of each space that are ranked. */
const FIDELITIES: readonly (readonly [name: string, shareOf: (share: number) => ShareOf])[] = [
  ['four windows', (budget) => () => ({ budget, fidelity: { part: 'windows', count: 4 } })],
  ['ten windows', (budget) => () => ({ budget, fidelity: { part: 'windows', count: 10 } })],
  ['first bars', (budget) => () => ({ budget, fidelity: { part: 'start' } })],
  ['symbols', bySymbols],
];
const RANKED = 200;
const WARM_UP = 1;
/** Searches in one thread by which the share that is not evaluations is told. */
const ALONE = 3;

const { values: given } = parseArgs({
  options: {
    measure: { type: 'string', default: 'all' },
    points: { type: 'string', multiple: true, default: SPACES.map(({ points }) => String(points)) },
    runs: { type: 'string', default: '10' },
    jobs: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});
const [runs, jobs] = [given.runs, given.jobs].map(Number) as [number, number];
if (!['counted', 'timed', 'all'].includes(given.measure)) throw new RangeError('--measure is counted, timed or all');
if (!Number.isInteger(runs) || runs < 10)
  throw new RangeError('--runs takes a whole number from 10: fewer prove nothing');
if (!Number.isInteger(jobs) || jobs < 1) throw new RangeError('--jobs takes a whole number from 1');
const unknown = given.points.find((text) => !SPACES.some(({ points }) => String(points) === text));
if (unknown !== undefined)
  throw new RangeError(`--points is ${SPACES.map(({ points }) => points).join(', ')}, not ${unknown}`);

interface Arm {
  readonly name: string;
  readonly search: SearchName | Search;
  readonly trials?: number;
  /** Whether it is timed: the others are only counted. @defaultValue false */
  readonly timed?: boolean;
}

/** The searches that are compared with the grid in a space of so many points: by the terms of the rule, and with a tenth of the grid's evaluations. */
function armsOf(points: number): readonly Arm[] {
  const iterations = ITERATIONS;
  const third = { minBudget: 1 / 3 };
  const byTerms: readonly Arm[] = [
    { name: 'bohb, four windows, 10 iterations', search: bohb({ ...BUDGETS, iterations }), timed: true },
    { name: 'bohb, ten windows, 10 iterations', search: bohb({ ...BUDGETS, iterations, windows: 10 }), timed: true },
    { name: 'bohb, first bars, 10 iterations', search: bohb({ ...BUDGETS, iterations, part: 'start' }), timed: true },
    { name: 'bohb, symbols, 10 iterations', search: bohb({ ...BUDGETS, iterations, part: 'symbols' }) },
  ];
  if (points < 1_000) {
    const search = bohb({ ...BUDGETS, ...third, iterations });
    return [...byTerms, { name: 'bohb, four windows from a third, 10 iterations', search, timed: true }];
  }
  const trials = Math.round(points / 10);
  return [
    ...byTerms,
    { name: 'bohb, four windows', search: bohb(BUDGETS), trials, timed: true },
    { name: 'bohb, ten windows', search: bohb({ ...BUDGETS, windows: 10 }), trials, timed: true },
    { name: 'bohb, first bars', search: bohb({ ...BUDGETS, part: 'start' }), trials, timed: true },
    { name: 'bohb, symbols', search: bohb({ ...BUDGETS, part: 'symbols' }), trials },
    { name: 'bohb, four windows from a third', search: bohb({ ...BUDGETS, ...third }), trials, timed: true },
    { name: 'bohb, ten windows from a third', search: bohb({ ...BUDGETS, ...third, windows: 10 }), trials },
    { name: 'bohb, first bars from a third', search: bohb({ ...BUDGETS, ...third, part: 'start' }), trials },
    { name: 'hyperband, four windows', search: hyperband(BUDGETS), trials },
    { name: 'hyperband, four windows from a third', search: hyperband({ ...BUDGETS, ...third }), trials },
    { name: 'tpe', search: 'tpe', trials },
    { name: 'random', search: 'random', trials, timed: true },
    { name: 'gp', search: 'gp', trials: Math.min(trials, 110) },
  ];
}

interface Market {
  readonly bundle: Bundle;
  readonly symbols: string[] | undefined;
}

/** What one search took and found. */
interface Run {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly evaluations: number;
  /** Evaluations in full ones: the sum of the shares of the data, so of the bars. */
  readonly full: number;
  readonly best: number;
  /** The best value after each trial over all of the data. */
  readonly course: readonly number[];
  /** Seconds of the evaluations themselves, in the threads that made them. */
  readonly trialSeconds: number;
}

async function run(
  market: Market,
  file: string,
  { search, trials }: Arm,
  seed: number,
  pool: PersistentWorkerPool | undefined,
): Promise<Run> {
  const begun = process.cpuUsage();
  const { seconds, allTrials } = await searchStrategy({
    ...{ file, search, trials, seed, pool },
    market: { ...market, commission: 'percent:0.001' },
    jobs: 1,
  });
  const { user, system } = process.cpuUsage(begun);
  const found = { evaluations: 0, full: 0, best: Number.NEGATIVE_INFINITY, trialSeconds: 0 };
  const course: number[] = [];
  for await (const trial of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    found.trialSeconds += trial.seconds ?? 0;
    if (trial.duplicateOf !== undefined) continue;
    found.evaluations++;
    found.full += trial.budget;
    if (trial.state === 'complete') found.best = Math.max(found.best, trial.values[0]);
    if (trial.budget === 1) course.push(found.best);
  }
  return { ...found, course, seconds, processorSeconds: (user + system) / 1e6 };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));
const varies = (numbers: readonly number[]): boolean => new Set(numbers).size > 1;

/** The mean and its bounds with 95 % confidence, as shares; the mean alone where nothing varies. */
function boundsOf(numbers: readonly number[]): readonly [mean: number, low: number, high: number] {
  const middle = mean(numbers);
  return varies(numbers) ? [middle, ...meanInterval(Float64Array.from(numbers))] : [middle, middle, middle];
}

/** No share of the optimum is above 1, whatever Student's law says of a few. */
const boundsText = ([middle, low, high]: ReturnType<typeof boundsOf>): string =>
  `${percent(middle)} [${percent(low)}, ${percent(Math.min(1, high))}]`;

/** One-sided p of shares whose true mean is not above so much (Student 1908). */
function pAbove(shares: readonly number[], least: number): number {
  if (!varies(shares)) return shares[0]! > least ? 0 : 1;
  return pairedTest(Float64Array.from(shares), new Float64Array(shares.length).fill(least)).pGreater;
}

/** What was counted of an arm, and by it. */
interface Counted {
  readonly name: string;
  readonly runs: readonly Run[];
  readonly shares: readonly number[];
  /** What as many bars spent at random find, of the same seeds. */
  readonly chance: readonly number[];
}

/** Runs every arm once a seed, in this thread: what is found is the same on any number of workers. */
async function count(
  market: Market,
  file: string,
  points: number,
): Promise<{ readonly grid: Run; readonly arms: readonly Counted[] }> {
  const label = points.toLocaleString('en-US');
  console.error(`${label} combinations, counted: the grid`);
  const grid = await run(market, file, { name: 'grid', search: 'grid' }, 1, undefined);
  const arms = armsOf(points);
  const found = arms.map((): Run[] => []);
  const byChance: Run[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const begun = performance.now();
    const trials = Math.min(points, Math.max(100, Math.round(points / 10)));
    byChance.push(await run(market, file, { name: 'random', search: 'random', trials }, seed, undefined));
    for (const [at, arm] of arms.entries()) found[at]!.push(await run(market, file, arm, seed, undefined));
    const took = ((performance.now() - begun) / 1000).toFixed(0);
    console.error(`${label} combinations, counted: seed ${seed} of ${runs}, ${took} s`);
  }
  const share = (best: number): number => best / grid.best;
  return {
    grid,
    arms: arms.map(({ name }, at) => ({
      name,
      runs: found[at]!,
      shares: found[at]!.map(({ best }) => share(best)),
      chance: found[at]!.map(({ full }, seed) => {
        const { course } = byChance[seed]!;
        return share(course[Math.min(course.length, Math.max(1, Math.round(full))) - 1]!);
      }),
    })),
  };
}

const COUNTED_HEAD = [
  ...['search', 'evaluations', 'in full ones', 'best found, mean [95 %]', 'median below', 'runs within 10 %'],
  ...['p of 90 %', 'at random for its bars', 'p of a difference'],
];

const countedRow = ({ name, runs: own, shares, chance }: Counted): string[] => [
  name,
  mean(own.map(({ evaluations }) => evaluations)).toFixed(0),
  mean(own.map(({ full }) => full)).toFixed(0),
  boundsText(boundsOf(shares)),
  percent(1 - median(shares)),
  percent(shares.filter((share) => share >= 0.9).length / shares.length),
  pText(pAbove(shares, 0.9)),
  percent(mean(chance)),
  pText(mannWhitney(shares, chance)),
];

/** Prints how well shares of the data rank an even pick of a space's points. */
async function rankTable(market: Market, file: string, strategy: typeof smaCrossover): Promise<string> {
  const constraint = ({ fast, slow }: { readonly fast: number; readonly slow: number }): boolean => fast <= slow;
  const space = new ParameterSpace(strategy.parameters, constraint);
  const all = [...space.points()];
  const every = Math.max(1, Math.ceil(all.length / RANKED));
  const points = all.filter((_, index) => index % every === 0).map((params) => space.toFlat(params));
  const ranked = { file, ...market, points };
  const truth = await valuesOn(ranked, 1, { part: 'start' });
  const rows: string[][] = [];
  for (const [name, shareOf] of FIDELITIES) {
    const cells: string[] = [];
    for (const share of [1 / 9, 1 / 3])
      cells.push(rankCorrelation(truth, await valuesOver(ranked, shareOf(share))).toFixed(2));
    rows.push([name, ...cells]);
  }
  return table([`rank correlation, ${points.length} points`, 'on 1/9', 'on 1/3'], rows);
}

/** What was timed of an arm: rounds in turns with the grid's. */
interface Timed {
  readonly name: string;
  readonly runs: readonly Run[];
  /** Share of a search in one thread that is not evaluations. */
  readonly overhead: number;
}

async function time(market: Market, file: string, points: number, pool: PersistentWorkerPool): Promise<Timed[]> {
  const label = points.toLocaleString('en-US');
  const arms: Arm[] = [{ name: 'grid', search: 'grid' }, ...armsOf(points).filter(({ timed }) => timed)];
  const found = arms.map((): Run[] => []);
  const random = seededRandom(1);
  for (let round = 1 - WARM_UP; round <= runs; round++) {
    const begun = performance.now();
    for (const arm of shuffled(arms, random)) {
      const one = await run(market, file, arm, round + WARM_UP, pool);
      if (round > 0) found[arms.indexOf(arm)]!.push(one);
    }
    const took = ((performance.now() - begun) / 1000).toFixed(0);
    const name = round > 0 ? `round ${round} of ${runs}` : 'a round that does not count';
    console.error(
      `${label} combinations, timed: ${name}, ${arms.length} searches, ${took} s, load ${loadavg()[0]!.toFixed(2)}`,
    );
  }
  const timed: Timed[] = [];
  for (const [at, arm] of arms.entries()) {
    // In one thread, where seconds of evaluations and of the whole search are of the same clock; the first one warms the code.
    const shares: number[] = [];
    for (let seed = 0; seed <= ALONE; seed++) {
      const alone = await run(market, file, arm, seed + 1, undefined);
      if (seed > 0) shares.push(1 - alone.trialSeconds / alone.seconds);
    }
    timed.push({ name: arm.name, runs: found[at]!, overhead: median(shares) });
  }
  return timed;
}

const TIMED_HEAD = [
  ...['search', 'evaluations', 'seconds', 'processor', 'grid / it [95 %]', 'p (Welch, M-W)', 'not evaluations'],
];

function timedRow({ name, runs: own, overhead }: Timed, grid: Timed): string[] {
  const [processor, gridProcessor] = [own, grid.runs].map((each) =>
    each.map(({ processorSeconds }) => processorSeconds),
  ) as [number[], number[]];
  const { value, low, high } = ratioWithinRounds(gridProcessor, processor, seededRandom(1));
  const welch = (): number => welchTest(Float64Array.from(processor), Float64Array.from(gridProcessor)).p;
  const isGrid = grid.name === name;
  return [
    name,
    mean(own.map(({ evaluations }) => evaluations)).toFixed(0),
    `${(
      1000 *
        quantile(
          own.map(({ seconds }) => seconds),
          0.5,
        )
    ).toFixed(0)} ms`,
    `${(1000 * quantile(processor, 0.5)).toFixed(0)} ms`,
    isGrid ? '1' : `${value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`,
    isGrid ? '' : `${pText(welch())}, ${pText(mannWhitney(processor, gridProcessor))}`,
    percent(overhead),
  ];
}

/** The rule, stated beforehand, on what was counted and, where it was, timed. */
function verdictOf(points: number, { name, runs: own, shares }: Counted, timed: readonly Timed[] | undefined): string {
  const bounds = boundsOf(shares);
  const processorOf = (of: string): number[] | undefined =>
    timed?.find((each) => each.name === of)?.runs.map(({ processorSeconds }) => processorSeconds);
  const [grid, its] = [processorOf('grid'), processorOf(name)];
  const overhead = timed?.find((each) => each.name === name)?.overhead ?? 0;
  const isTenth = mean(own.map(({ evaluations }) => evaluations)) <= Math.round(points / 10);
  const faster = grid && its && median(grid) / median(its);
  const p = grid && its && welchTest(Float64Array.from(its), Float64Array.from(grid)).p;
  if (bounds[0] < 0.8) return `rejected: ${percent(1 - bounds[0])} below the optimum`;
  if (overhead > 0.5) return `rejected: ${percent(overhead)} of it is not evaluations`;
  if (faster !== undefined && faster < 1 && p! < 0.05) return `rejected: slower than the grid (${faster.toFixed(2)})`;
  if (points >= 1_000 && isTenth && pAbove(shares, 0.9) < 0.05)
    return `accepted: within 10 % (p ${pText(pAbove(shares, 0.9))})`;
  const comparable = bounds[1] >= 0.9;
  if (faster !== undefined && faster >= 1.05 && p! < 0.05 && comparable && points <= 1_100)
    return `accepted: ${faster.toFixed(2)} times as fast as the grid, lower bound ${percent(bounds[1])}`;
  const speed =
    faster === undefined
      ? 'its time was not taken'
      : `grid / it ${faster.toFixed(2)}, p ${p === undefined ? '' : pText(p)}`;
  return `not accepted: ${percent(1 - bounds[0])} below the optimum, lower bound ${percent(bounds[1])}; ${speed}`;
}

const prices = referenceFile('data/equities/us-wide-119-2015-2020.csv.gz');
const hasPrices = existsSync(prices);
const bundle = await bundleFromColumns(hasPrices ? (await buildDraft({ files: [prices] })).draft : sampleMarket());
const market: Market = { bundle, symbols: hasPrices ? SYMBOLS : undefined };
const pool = given.measure === 'counted' ? undefined : new PersistentWorkerPool({ workers: jobs });
const all: Record<string, unknown> = {};
try {
  console.log(machineLine(loadavg()[0]!));
  console.log(hasPrices ? `${SYMBOLS.join(', ')}, 2015 to 2020.` : 'The sample market: other prices are absent.');
  for (const { points, strategy, file: url } of SPACES) {
    if (!given.points.includes(String(points))) continue;
    const file = fileURLToPath(url);
    console.log(`\n### ${points.toLocaleString('en-US')} combinations`);
    const timed = pool && (await time(market, file, points, pool));
    const counted = given.measure === 'timed' ? undefined : await count(market, file, points);
    if (counted !== undefined) {
      const { grid, arms } = counted;
      console.log(
        `\nCounted, ${runs} seeds. Best Sharpe ratio ${grid.best.toFixed(3)}, by ${grid.evaluations} runs.\n`,
      );
      console.log(table(COUNTED_HEAD, arms.map(countedRow)));
      console.log(`\n${await rankTable(market, file, strategy)}`);
      const judged = arms.filter(({ name }) => name.startsWith('bohb'));
      console.log(
        `\n${table(
          ['by the rule', 'verdict'],
          judged.map((arm) => [arm.name, verdictOf(points, arm, timed)]),
        )}`,
      );
    }
    if (timed !== undefined) {
      const load = loadavg()[0]!.toFixed(1);
      console.log(
        `\nTimed, ${runs} rounds in turns on ${jobs} workers after ${WARM_UP} that does not count; load ${load}.\n`,
      );
      console.log(
        table(
          TIMED_HEAD,
          timed.map((each) => timedRow(each, timed[0]!)),
        ),
      );
    }
    all[points] = { counted, timed };
  }
  if (given.json !== undefined) writeFileSync(given.json, `${JSON.stringify(all)}\n`);
} finally {
  await pool?.close();
  bundle[Symbol.dispose]();
}
