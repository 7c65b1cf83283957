import { rowOfFill } from '../../engine/fill-records.js';
import { instantOf } from '../../engine/home-axis.js';
import type { MarketView } from '../../engine/market-view.js';
import type { BacktestResult } from '../../engine/result.js';
import type { ResolvedRunOptions } from '../../engine/run-options.js';

/** Returns of the assets of a run from one fill price to the next, and which way they were held. Of one column for each asset. */
export interface HeldReturns {
  /** NaN where there is none. */
  readonly returns: readonly Float64Array[];
  /** -1, 0 or 1. */
  readonly held: readonly Int8Array[];
}

/**
 * Returns what each asset of a run returned from bar to bar, from opening to opening, or from close to close where the run fills there, with
 * splits and dividends, and which way the account held it over these stretches.
 */
export function heldReturns(
  { group, assets, from, to }: MarketView,
  { fills }: BacktestResult,
  { fill }: Pick<ResolvedRunOptions, 'fill'>,
): HeldReturns {
  const bars = to - from - 1;
  const atOpen = fill === 'next-open';
  const returns: Float64Array[] = [];
  const held: Int8Array[] = [];
  for (const { asset, listing, events } of assets) {
    const prices = listing.column(atOpen ? 'open' : 'close');
    const own = new Float64Array(bars).fill(Number.NaN);
    // What a unit of the last price has become since.
    let [last, factor, cash] = [Number.NaN, 1, 0];
    const ratios = new Float64Array(bars + 1).fill(1);
    let event = 0;
    for (let row = Math.max(from, listing.first); row < Math.min(to, listing.end); row++) {
      for (; event < events.length && events[event]!.row <= row; event++) {
        const what = events[event]!;
        if (what.row <= from) continue;
        if (what.kind === 'split') {
          const ratio = Number(what.numerator) / Number(what.denominator);
          factor *= ratio;
          ratios[what.row - from]! *= ratio;
        } else cash += (factor * Number(what.mantissa)) / 10 ** what.decimals;
      }
      const price = prices[row - listing.first]!;
      if (!(price > 0)) continue;
      if (!Number.isNaN(last)) own[row - 1 - from] = (price * factor + cash) / last - 1;
      [last, factor, cash] = [price, 1, 0];
    }
    const changes = new Float64Array(bars + 2);
    for (const fill of fills) {
      if (fill.asset.sid !== asset.sid) continue;
      const row = rowOfFill(fill);
      // A fill after the opening of its bar holds from the next stretch on, where stretches go from opening to opening.
      const isLater = atOpen && fill.time > instantOf(listing, group, row, 'opens');
      changes[row - from + (isLater ? 1 : 0)]! += fill.quantity;
    }
    const directions = new Int8Array(bars);
    let units = 0;
    for (let bar = 0; bar < bars; bar++) {
      units = units * ratios[bar]! + changes[bar]!;
      // A split may leave a part of a unit, which is paid in cash.
      directions[bar] = Math.abs(units) < asset.lot / 2 ? 0 : Math.sign(units);
    }
    returns.push(own);
    held.push(directions);
  }
  return { returns, held };
}
