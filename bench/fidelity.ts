// How well part of the data ranks parameters as all of it does: Spearman's correlation over the combinations of examples/sma-crossover.ts, for
// shares and parts of the data. Usage: npm run bench -- fidelity [--every 4]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Bundle } from 'hindcast/data';
import { type Fidelity, type FinishedTrial, ParameterSpace, type Search, searchStrategy } from 'hindcast/optimize';
import strategy from '../examples/sma-crossover.js';
import { quantile, table } from './support/sampler-tables.js';
import { studiedMarkets } from './support/studied-markets.js';

const file = fileURLToPath(new URL('../examples/sma-crossover.ts', import.meta.url));
const SHARES = [1 / 9, 1 / 3];
const PARTS: readonly Fidelity[] = [
  { part: 'start' },
  ...[1, 2, 3, 4, 6, 8, 10].map((count) => ({ part: 'windows', count }) as const),
];
const every = Number(parseArgs({ options: { every: { type: 'string', default: '4' } } }).values.every);
if (!Number.isInteger(every) || every < 1) throw new RangeError('--every takes a whole number from 1');

const { parameters } = strategy;
const constraint = ({ fast, slow }: { readonly fast: number; readonly slow: number }): boolean => fast <= slow;
const space = new ParameterSpace(parameters, constraint);
const points = [...space.points()].filter((_, index) => index % every === 0).map((params) => space.toFlat(params));

/** A search that runs the same points on one share of the data. */
function everyPoint(budget: number, fidelity: Fidelity): Search {
  const at = (ordinal: number) => (ordinal < points.length ? { params: points[ordinal]!, budget } : undefined);
  return {
    name: 'grid',
    settings: { budget, ...fidelity },
    create: () => ({
      ...{ name: 'grid', looksBack: false, distinct: false, size: points.length },
      suggest: ({ ordinal }) => at(ordinal)?.params,
      budgets: { fidelity, awaits: () => 0, place: ({ ordinal }) => at(ordinal) },
    }),
  };
}

/** The Sharpe ratio of each point; the least of all numbers where there is none. */
async function valuesOn(
  bundle: Bundle,
  symbols: string[] | undefined,
  budget: number,
  fidelity: Fidelity,
): Promise<number[]> {
  const { allTrials } = await searchStrategy({
    file,
    market: { bundle, symbols, commission: 'percent:0.001' },
    search: everyPoint(budget, fidelity),
    jobs: 1,
  });
  const values: number[] = [];
  for await (const trial of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    const value = trial.state === 'complete' ? trial.values[0] : trial.state === 'pruned' ? trial.value : undefined;
    values.push(value ?? Number.NEGATIVE_INFINITY);
  }
  return values;
}

/** Ranks from 0, equal values sharing the mean of theirs. */
function ranksOf(values: readonly number[]): number[] {
  const order = values
    .map((_, at) => at)
    .sort((a, b) => (values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : 0));
  const ranks = new Array<number>(values.length);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && values[order[to]!] === values[order[from]!]) to++;
    for (let place = from; place < to; place++) ranks[order[place]!] = (from + to - 1) / 2;
    from = to;
  }
  return ranks;
}

/** Spearman's correlation; 0 where one side does not vary. */
function correlation(a: readonly number[], b: readonly number[]): number {
  const [x, y] = [ranksOf(a), ranksOf(b)];
  const middle = (x.length - 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let at = 0; at < x.length; at++) {
    xy += (x[at]! - middle) * (y[at]! - middle);
    xx += (x[at]! - middle) ** 2;
    yy += (y[at]! - middle) ** 2;
  }
  return xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy);
}

const markets = await studiedMarkets();

const found = new Map<Fidelity, number[][]>(PARTS.map((part) => [part, SHARES.map(() => [])]));
for (const [bundle, symbols] of markets) {
  const truth = await valuesOn(bundle, symbols, 1, { part: 'start' });
  for (const part of PARTS) {
    for (const [at, share] of SHARES.entries()) {
      found.get(part)![at]!.push(correlation(truth, await valuesOn(bundle, symbols, share, part)));
    }
  }
}
const shown = (values: readonly number[]): string[] => [
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2),
  quantile(values, 0.5).toFixed(2),
  Math.min(...values).toFixed(2),
];
const head = [
  'part of the data',
  ...['1/9', '1/3'].flatMap((share) => ['mean', 'median', 'least'].map((name) => `${name} on ${share}`)),
];
const rows = PARTS.map((part) => [
  part.part === 'start' ? 'its start' : `${part.count} windows`,
  ...found.get(part)!.flatMap(shown),
]);
console.log(table(head, rows));
console.log(`\nSpearman's correlation with all of the data, ${points.length} combinations, ${markets.length} markets.`);
for (const bundle of new Set(markets.map(([each]) => each))) bundle[Symbol.dispose]();
