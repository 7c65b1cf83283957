// How well part of the data ranks parameters as all of it does: Spearman's correlation over the combinations of examples/sma-crossover.ts, for
// shares and parts of the data. Usage: npm run bench -- fidelity [--every 4]
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Fidelity, ParameterSpace } from 'hindcast/optimize';
import strategy from '../examples/sma-crossover.js';
import { quantile, table } from './support/sampler-tables.js';
import { rankCorrelation, valuesOn } from './support/share-ranks.js';
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

const markets = await studiedMarkets();

const found = new Map<Fidelity, number[][]>(PARTS.map((part) => [part, SHARES.map(() => [])]));
for (const [bundle, symbols] of markets) {
  const ranked = { file, bundle, symbols, points };
  const truth = await valuesOn(ranked, 1, { part: 'start' });
  for (const part of PARTS) {
    for (const [at, share] of SHARES.entries()) {
      found.get(part)![at]!.push(rankCorrelation(truth, await valuesOn(ranked, share, part)));
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
