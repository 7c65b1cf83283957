// How well a share of the data ranks parameters as all of it does.
import type { Bundle } from 'hindcast/data';
import {
  type Fidelity,
  type FinishedTrial,
  type FlatParams,
  type MarketShares,
  type Search,
  searchStrategy,
} from 'hindcast/optimize';

/** A market and the points of a strategy's space that are ranked on it. */
export interface RankedPoints {
  readonly file: string;
  readonly bundle: Bundle;
  /** @defaultValue all of the bundle */
  readonly symbols: string[] | undefined;
  readonly points: readonly FlatParams[];
}

/** A share of a market. */
export type ShareOf = (market: MarketShares) => { readonly budget: number; readonly fidelity: Fidelity };

/** So many of the symbols as a share of them is, at least one. @param orderOf which go first. @defaultValue as a search takes them */
export const bySymbols =
  (share: number, orderOf = (order: readonly string[]): readonly string[] => order): ShareOf =>
  ({ symbols }) => {
    const order = orderOf(symbols);
    const budget = Math.max(1, Math.round(share * order.length)) / order.length;
    return { budget, fidelity: { part: 'symbols', order } };
  };

/** A search that runs the same points on one share of the data. */
function everyPoint(points: readonly FlatParams[], shareOf: ShareOf): Search {
  return {
    name: 'grid',
    create: (_space, _seed, _directions, market) => {
      const { budget, fidelity } = shareOf(market!);
      const at = (ordinal: number) => (ordinal < points.length ? { params: points[ordinal]!, budget } : undefined);
      return {
        ...{ name: 'grid', looksBack: false, distinct: false, size: points.length },
        suggest: ({ ordinal }) => at(ordinal)?.params,
        budgets: { fidelity, awaits: () => 0, place: ({ ordinal }) => at(ordinal) },
      };
    },
  };
}

/** The Sharpe ratio of each point over a share of the bars; the least of all numbers where there is none. */
export const valuesOn = (ranked: RankedPoints, budget: number, fidelity: Fidelity): Promise<number[]> =>
  valuesOver(ranked, () => ({ budget, fidelity }));

/** The same over any share of the market. */
export async function valuesOver({ file, bundle, symbols, points }: RankedPoints, shareOf: ShareOf): Promise<number[]> {
  const { allTrials, trials } = await searchStrategy({
    file,
    market: { bundle, symbols, commission: 'percent:0.001' },
    search: everyPoint(points, shareOf),
    jobs: 1,
  });
  if (trials.failed > 0) throw new Error(`${trials.failed} trials of ${file} failed`);
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
export function rankCorrelation(a: readonly number[], b: readonly number[]): number {
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
