// How well part of the data ranks parameters as all of it does: Spearman's correlation of the Sharpe ratio over combinations of a strategy, for shares
// of the bars, of the symbols, and for longer bars. Usage: npm run bench -- fidelity [--measure rows|symbols|bars] [--every 4]
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Bundle, buildDraft, bundleFromColumns, sampleMarket } from 'hindcast/data';
import { type Fidelity, openStudyOn, ParameterSpace } from 'hindcast/optimize';
import reversion from '../examples/bracketed-reversion.js';
import breakout from '../examples/channel-breakout.js';
import momentum from '../examples/momentum-portfolio.js';
import crossover from '../examples/sma-crossover.js';
import dayCrossover from './strategies/day-crossover.js';
import { referenceFile } from './support/reference-workloads.js';
import { quantile, table } from './support/sampler-tables.js';
import {
  bySymbols,
  type RankedPoints,
  rankCorrelation,
  type ShareOf,
  valuesOn,
  valuesOver,
} from './support/share-ranks.js';
import { type StudiedMarket, studiedMarkets } from './support/studied-markets.js';

const SHARES = [1 / 9, 1 / 3];
const ALL: Fidelity = { part: 'start' };
const PARTS: readonly Fidelity[] = [
  { part: 'start' },
  ...[1, 2, 3, 4, 6, 8, 10].map((count) => ({ part: 'windows', count }) as const),
];
const { values: given } = parseArgs({
  options: { every: { type: 'string', default: '4' }, measure: { type: 'string', default: 'rows' } },
});
const every = Number(given.every);
if (!Number.isInteger(every) || every < 1) throw new RangeError('--every takes a whole number from 1');

const fileOf = (name: string): string => fileURLToPath(new URL(`../${name}.ts`, import.meta.url));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const shown = (values: readonly number[]): string[] => [
  mean(values).toFixed(2),
  quantile(values, 0.5).toFixed(2),
  Math.min(...values).toFixed(2),
];

const namesOn = (shares: readonly string[]): string[] =>
  shares.flatMap((share) => ['mean', 'median', 'least'].map((name) => `${name} on ${share}`));

/** An even pick of the points of the crossovers. */
function pickedPoints({ parameters }: typeof crossover): RankedPoints['points'] {
  const constraint = ({ fast, slow }: { readonly fast: number; readonly slow: number }): boolean => fast <= slow;
  const space = new ParameterSpace(parameters, constraint);
  return [...space.points()].filter((_, index) => index % every === 0).map((params) => space.toFlat(params));
}

/** Shares of the bars: the start, or windows. */
async function measureRows(): Promise<void> {
  const points = pickedPoints(crossover);
  const markets = await studiedMarkets();
  const found = new Map<Fidelity, number[][]>(PARTS.map((part) => [part, SHARES.map(() => [])]));
  for (const [bundle, symbols] of markets) {
    const ranked = { file: fileOf('examples/sma-crossover'), bundle, symbols, points };
    const truth = await valuesOn(ranked, 1, ALL);
    for (const part of PARTS) {
      for (const [at, share] of SHARES.entries()) {
        found.get(part)![at]!.push(rankCorrelation(truth, await valuesOn(ranked, share, part)));
      }
    }
  }
  const rows = PARTS.map((part) => [
    part.part === 'windows' ? `${part.count} windows` : 'its start',
    ...found.get(part)!.flatMap(shown),
  ]);
  console.log(table(['part of the data', ...namesOn(['1/9', '1/3'])], rows));
  console.log(
    `\nSpearman's correlation with all of the data, ${points.length} combinations, ${markets.length} markets.`,
  );
  for (const bundle of new Set(markets.map(([each]) => each))) bundle[Symbol.dispose]();
}

/** The panel of 119 stocks, and portfolios of so many of them, the same in every run. */
async function panel(): Promise<{ readonly bundle: Bundle; portfolios(count: number, size: number): StudiedMarket[] }> {
  const prices = referenceFile('data/equities/us-wide-119-2015-2020.csv.gz');
  if (!existsSync(prices)) throw new Error(`This measure needs the panel of 119 stocks: ${prices}`);
  const { draft } = await buildDraft({ files: [prices] });
  const bundle = await bundleFromColumns(draft);
  const all = bundle.assets.map(({ symbol }) => symbol);
  const portfolios = (count: number, size: number): StudiedMarket[] =>
    Array.from({ length: count }, (_, at) => [bundle, shuffled(all, at * 100 + size).slice(0, size)]);
  return { bundle, portfolios };
}

/** The symbols in an order of a number's own (a linear congruential generator, Fisher and Yates). */
function shuffled(symbols: readonly string[], number: number): string[] {
  const order = [...symbols];
  let state = Math.imul(number + 1, 2_654_435_761) >>> 0 || 1;
  for (let last = order.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** Shares of the symbols, beside those of the bars: over portfolios of 10 and 20, and of 60 where the strongest are picked out of all. */
async function measureSymbols(): Promise<void> {
  const { bundle, portfolios } = await panel();
  const few = [...portfolios(25, 10), ...portfolios(25, 20)];
  const kinds: readonly (readonly [string, (share: number, at: number) => ShareOf])[] = [
    ['symbols that move as all do', (share) => bySymbols(share)],
    ['symbols at random', (share, at) => bySymbols(share, (order) => shuffled([...order].sort(), 7 + at))],
    ['4 windows', (budget) => () => ({ budget, fidelity: { part: 'windows', count: 4 } })],
    ['10 windows', (budget) => () => ({ budget, fidelity: { part: 'windows', count: 10 } })],
    ['its start', (budget) => () => ({ budget, fidelity: ALL })],
  ];
  const studies = [
    ['sma-crossover', new ParameterSpace(crossover.parameters, ({ fast, slow }) => fast <= slow), few],
    ['channel-breakout', new ParameterSpace(breakout.parameters, ({ entry, exit }) => exit < entry), few],
    ['bracketed-reversion', new ParameterSpace(reversion.parameters), few],
    ['momentum-portfolio', new ParameterSpace(momentum.parameters), portfolios(10, 60)],
  ] as const;
  for (const [name, space, markets] of studies) {
    const points = await drawnPoints(space as never, 90);
    const found = kinds.map(() => SHARES.map((): number[] => []));
    for (const [at, [, symbols]] of markets.entries()) {
      const ranked = { file: fileOf(`examples/${name}`), bundle, symbols, points };
      const truth = await valuesOn(ranked, 1, ALL);
      for (const [kind, [, shareOf]] of kinds.entries()) {
        for (const [which, share] of SHARES.entries()) {
          found[kind]![which]!.push(rankCorrelation(truth, await valuesOver(ranked, shareOf(share, at))));
        }
      }
    }
    const rows = kinds.map(([kind], at) => [kind, ...found[at]!.flatMap(shown)]);
    console.log(`\n${table([`${name}, ${markets.length} portfolios`, ...namesOn(['1/9', '1/3'])], rows)}`);
  }
  console.log("\nSpearman's correlation with all of the data, 90 combinations.");
  bundle[Symbol.dispose]();
}

/** So many points at random. */
async function drawnPoints(space: ParameterSpace, count: number): Promise<RankedPoints['points']> {
  await using study = await openStudyOn({ space, search: 'random', seed: 3, trials: count });
  const points: RankedPoints['points'][number][] = [];
  for (let trial = study.ask(); trial !== undefined; trial = study.ask())
    points.push(space.toFlat(trial.params as never));
  return points;
}

/** Longer bars, for parameters that count bars and for such that count days. */
async function measureBars(): Promise<void> {
  const { bundle, portfolios } = await panel();
  const days: StudiedMarket[] = [[await bundleFromColumns(sampleMarket()), undefined], ...portfolios(12, 10)];
  const hours: StudiedMarket[] = [];
  for (const symbol of ['aapl', 'ibm', 'spy']) {
    const { draft } = await buildDraft({ files: [referenceFile(`data/intraday/lean-hour/${symbol}.zip`)] });
    hours.push([await bundleFromColumns(draft), undefined]);
  }
  const lengths = { days: ['1w', '1mo'], hours: ['2h', '4h', '1d', '1w'] } as const;
  const rows: string[][] = [];
  for (const [name, file, strategy] of [
    ['bars', 'examples/sma-crossover', crossover],
    ['days', 'bench/strategies/day-crossover', dayCrossover],
  ] as const) {
    const points = pickedPoints(strategy as typeof crossover);
    for (const [kind, markets] of [
      ['days', days],
      ['hours', hours],
    ] as const) {
      const found = new Map<string, number[]>();
      let share = 0;
      for (const [each, symbols] of markets) {
        const ranked = { file: fileOf(file), bundle: each, symbols, points };
        const truth = await valuesOn(ranked, 1, ALL);
        for (const length of lengths[kind]) {
          const shareOf: ShareOf = ({ lengths: known }) => {
            share = known.find(({ frequency }) => frequency === length)!.share;
            return { budget: share, fidelity: { part: 'frequency', lengths: known } };
          };
          const correlation = rankCorrelation(truth, await valuesOver(ranked, shareOf));
          const key = `${length}, ${(100 * share).toPrecision(3)} % as many`;
          found.set(key, [...(found.get(key) ?? []), correlation]);
        }
      }
      for (const [key, values] of found) rows.push([name, `${kind}, ${markets.length} markets`, key, ...shown(values)]);
    }
  }
  console.log(table(['averages over', 'all of the data', 'longer bars', 'mean', 'median', 'least'], rows));
  for (const [each] of [...days.slice(0, 1), ...hours]) each[Symbol.dispose]();
  bundle[Symbol.dispose]();
}

const MEASURES: Readonly<Record<string, () => Promise<void>>> = {
  rows: measureRows,
  symbols: measureSymbols,
  bars: measureBars,
};
const measure = MEASURES[given.measure];
if (measure === undefined) throw new RangeError(`--measure takes one of ${Object.keys(MEASURES).join(', ')}`);
await measure();
