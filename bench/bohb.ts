// BOHB against the exhaustive grid, by the rule under which it was rejected elsewhere: minBudget 0.05, maxBudget 1, eta 3, 10 iterations, 8 workers, eight
// large technology companies over five years (the sample market where those prices are absent).
// Usage: npm run bench -- bohb [--runs 20] [--jobs 8] [--json runs.json]
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bundle, buildDraft, bundleFromColumns, sampleMarket } from 'hindcast/data';
import { meanInterval, welchTest } from 'hindcast/metrics';
import {
  bohb,
  type FinishedTrial,
  hyperband,
  PersistentWorkerPool,
  type Search,
  type SearchName,
  searchStrategy,
} from 'hindcast/optimize';
import { loadBefore, machineLine } from './support/outcome-table.js';
import { referenceFile } from './support/reference-workloads.js';
import { mannWhitney, quantile, table } from './support/sampler-tables.js';
import { seededRandom, shuffled } from './support/statistics.js';

const SYMBOLS = ['AAPL', 'AMZN', 'MSFT', 'AMD', 'CRM', 'INTC', 'CSCO', 'IBM'];
const SPACES = [
  { points: 100, file: new URL('./support/cross-100.ts', import.meta.url) },
  { points: 1_100, file: new URL('../examples/sma-crossover.ts', import.meta.url) },
  { points: 9_920, file: new URL('./support/cross-9920.ts', import.meta.url) },
];
const BUDGETS = { minBudget: 0.05, maxBudget: 1, eta: 3 } as const;
const ITERATIONS = 10;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '8' },
    json: { type: 'string' },
  },
});
const [runs, jobs] = [values.runs, values.jobs].map(Number) as [number, number];
if (!Number.isInteger(runs) || runs < 10)
  throw new RangeError('--runs takes a whole number from 10: fewer prove nothing');
if (!Number.isInteger(jobs) || jobs < 1) throw new RangeError('--jobs takes a whole number from 1');

/** What one search took and found. */
interface Run {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly evaluations: number;
  /** Evaluations in full ones: the sum of the shares of the data. */
  readonly full: number;
  readonly best: number;
  /** Seconds of the evaluations themselves, in the threads that made them. */
  readonly trialSeconds: number;
}

interface Arm {
  readonly name: string;
  readonly search: SearchName | Search;
  readonly trials?: number;
}

/** The searches that are compared in a space of so many points. The last ones have a tenth of the grid's evaluations. */
function armsOf(points: number): Arm[] {
  const tenth = Math.round(points / 10);
  return [
    { name: 'grid', search: 'grid' },
    { name: 'bohb, 10 iterations', search: bohb({ ...BUDGETS, iterations: ITERATIONS }) },
    { name: 'bohb, 10 iterations, first bars', search: bohb({ ...BUDGETS, iterations: ITERATIONS, part: 'start' }) },
    ...(points < 1_000
      ? []
      : [
          { name: `bohb, ${tenth} evaluations`, search: bohb(BUDGETS), trials: tenth },
          { name: `bohb, ${tenth}, first bars`, search: bohb({ ...BUDGETS, part: 'start' }), trials: tenth },
          { name: `bohb, ${tenth}, 10 windows`, search: bohb({ ...BUDGETS, windows: 10 }), trials: tenth },
          { name: `bohb, ${tenth}, from a third`, search: bohb({ ...BUDGETS, minBudget: 1 / 3 }), trials: tenth },
          { name: `hyperband, ${tenth}`, search: hyperband(BUDGETS), trials: tenth },
          { name: `random, ${tenth}`, search: 'random' as const, trials: tenth },
          { name: `gp, ${Math.min(tenth, 110)}`, search: 'gp' as const, trials: Math.min(tenth, 110) },
        ]),
  ];
}

async function run(
  market: { readonly bundle: Bundle; readonly symbols?: string[] | undefined },
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
  for await (const trial of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    found.trialSeconds += trial.seconds ?? 0;
    if (trial.duplicateOf !== undefined) continue;
    found.evaluations++;
    found.full += trial.budget;
    if (trial.state === 'complete') found.best = Math.max(found.best, trial.values[0]);
  }
  return { ...found, seconds, processorSeconds: (user + system) / 1e6 };
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
const pText = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

/** Bounds of the mean with 95 % confidence, as a share; the mean itself twice where nothing varies. */
const boundsOf = (numbers: readonly number[]): string => {
  const [low, high] =
    new Set(numbers).size === 1 ? [numbers[0]!, numbers[0]!] : meanInterval(Float64Array.from(numbers));
  return `${percent(mean(numbers))} [${percent(low)}, ${percent(high)}]`;
};

/** Two-sided p of a difference in seconds by Welch's test and by that of Mann and Whitney. */
function pOf(a: readonly number[], b: readonly number[]): string {
  return `${pText(welchTest(Float64Array.from(a), Float64Array.from(b)).p)}, ${pText(mannWhitney(a, b))}`;
}

function rowOf(name: string, own: readonly Run[], grid: readonly Run[], optimum: number): string[] {
  const shares = own.map(({ best }) => best / optimum);
  const processor = own.map(({ processorSeconds }) => processorSeconds);
  const seconds = own.map((each) => each.seconds);
  const [gridSeconds, gridProcessor] = [grid.map((each) => each.seconds), grid.map((each) => each.processorSeconds)];
  return [
    name,
    mean(own.map(({ evaluations }) => evaluations)).toFixed(0),
    mean(own.map(({ full }) => full)).toFixed(0),
    `${(1000 * quantile(seconds, 0.5)).toFixed(0)} ms`,
    `${(1000 * quantile(processor, 0.5)).toFixed(0)} ms`,
    (quantile(gridProcessor, 0.5) / quantile(processor, 0.5)).toFixed(2),
    own === grid ? '' : pOf(processor, gridProcessor),
    own === grid ? '' : pOf(seconds, gridSeconds),
    boundsOf(shares),
    percent(shares.filter((share) => share >= 0.9).length / shares.length),
  ];
}

const HEAD = [
  ...['search', 'evaluations', 'in full ones', 'seconds', 'processor', 'grid / it', 'p (Welch, M-W)', 'p of seconds'],
  ...['best found [95 %]', 'within 10 %'],
];

const prices = referenceFile('data/equities/us-wide-119-2015-2020.csv.gz');
const hasPrices = existsSync(prices);
const bundle = await bundleFromColumns(hasPrices ? (await buildDraft({ files: [prices] })).draft : sampleMarket());
const market = { bundle, symbols: hasPrices ? SYMBOLS : undefined };
const pool = new PersistentWorkerPool({ workers: jobs });
const all: Record<string, Record<string, Run[]>> = {};
try {
  console.log(machineLine(loadBefore()));
  console.log(hasPrices ? `${SYMBOLS.join(', ')}, 2015 to 2020.` : 'The sample market: other prices are absent.');
  const random = seededRandom(1);
  for (const { points, file } of SPACES) {
    const strategy = fileURLToPath(file);
    const arms = armsOf(points);
    const found: Record<string, Run[]> = Object.fromEntries(arms.map(({ name }) => [name, []]));
    for (let round = -2; round < runs; round++) {
      for (const arm of shuffled(arms, random)) {
        const one = await run(market, strategy, arm, round + 3, pool);
        if (round >= 0) found[arm.name]!.push(one);
      }
    }
    const grid = found.grid!;
    const optimum = grid[0]!.best;
    // In one thread, where seconds of evaluations and of the whole search are of the same clock.
    const alone = await run(market, strategy, arms[1]!, 1, undefined);
    console.log(`\n### ${points.toLocaleString('en-US')} combinations, best Sharpe ratio ${optimum.toFixed(3)}\n`);
    console.log(
      table(
        HEAD,
        Object.entries(found).map(([name, own]) => rowOf(name, own, grid, optimum)),
      ),
    );
    console.log(
      `\n${percent(1 - alone.trialSeconds / alone.seconds)} of a bohb search in one thread is not evaluations.`,
    );
    all[points] = found;
  }
  console.log(`\n${runs} runs each, in turns, ${jobs} workers, after two that do not count.`);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(all)}\n`);
} finally {
  await pool.close();
  bundle[Symbol.dispose]();
}
