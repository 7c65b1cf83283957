import type { AssetView, MarketView } from '../engine/market-view.js';

/**
 * Returns the symbols of a run in the order in which a share takes them: by the correlation of their returns with the mean return of all, highest first, so that
 * few of them move as all do together. Symbols with less than half as many returns as the one with most come last, those with more before those with
 * fewer. Of equal ones the earlier in the run goes first.
 */
export function symbolOrder(view: MarketView): string[] {
  const returns = view.assets.map((asset) => returnsOf(asset, view));
  const market = meanOf(returns);
  const seen = view.assets.map(({ asset }, index) => {
    const own = returns[index]!;
    return { symbol: asset.symbol, count: own.filter((value) => !Number.isNaN(value)).length, own };
  });
  const most = Math.max(...seen.map(({ count }) => count));
  const ranked = seen.map(({ symbol, count, own }) => {
    const isShort = 2 * count < most;
    return { symbol, isShort, rank: isShort ? count : correlationOf(own, market) };
  });
  // Sorting keeps the order of equal ones.
  return ranked.sort((a, b) => Number(a.isShort) - Number(b.isShort) || b.rank - a.rank).map(({ symbol }) => symbol);
}

/** Returns of an asset over the rows of a run, splits and dividends taken out; NaN where it has none. */
function returnsOf({ listing, marks, schedule }: AssetView, { from, to }: MarketView): Float64Array {
  const returns = new Float64Array(to - from).fill(Number.NaN);
  const factors = new Map(Array.from(schedule?.rows ?? [], (row, event) => [row, schedule!.priceFactors[event]!]));
  for (let row = Math.max(from, listing.first + 1); row < Math.min(to, listing.end); row++) {
    const at = row - listing.first;
    const gain = marks[at]! / (marks[at - 1]! * (factors.get(at) ?? 1)) - 1;
    if (Number.isFinite(gain)) returns[row - from] = gain;
  }
  return returns;
}

/** The mean, row by row, of the values that there are; NaN where there is none. */
function meanOf(columns: readonly Float64Array[]): Float64Array {
  const sums = new Float64Array(columns[0]!.length);
  const counts = new Uint32Array(sums.length);
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) {
      if (Number.isNaN(column[row]!)) continue;
      sums[row]! += column[row]!;
      counts[row]!++;
    }
  }
  return sums.map((sum, row) => sum / counts[row]!);
}

/** Pearson's correlation over the rows where the first has a value; -1 where one of them does not vary. */
function correlationOf(own: Float64Array, market: Float64Array): number {
  let [count, x, y, xx, yy, xy] = [0, 0, 0, 0, 0, 0];
  for (let row = 0; row < own.length; row++) {
    const value = own[row]!;
    if (Number.isNaN(value)) continue;
    count++;
    const away = value - x;
    x += away / count;
    const apart = market[row]! - y;
    y += apart / count;
    xx += away * (value - x);
    yy += apart * (market[row]! - y);
    xy += away * (market[row]! - y);
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : -1;
}
