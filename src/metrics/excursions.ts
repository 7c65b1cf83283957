import { assertOneOf, assertSameLength } from '../core/assert.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { RoundTrip } from './round-trips.js';

/** How far the market went against a trade and for it, as fractions of the entry price, at least 0 (Sweeney 1997). */
export interface Excursions {
  /** Maximum adverse excursion. */
  readonly mae: number;
  /** Maximum favourable excursion. */
  readonly mfe: number;
}

/**
 * Returns how far bars between entry and exit went, the exit's own price included. A bar that is partly before the entry or after the
 * exit counts only where the fill was at its other end: the entry's bar when fills are at the opening, the exit's when they are at the close.
 *
 * @param high highs by the trip's rows; NaN where there is no bar
 * @param fillAt where in a bar orders fill
 * @param splits of the asset, ascending by row, as new units for an old one
 */
export function excursions(
  trip: RoundTrip,
  high: ReadonlyFloat64Array,
  low: ReadonlyFloat64Array,
  fillAt: 'open' | 'close',
  splits: readonly { readonly row: number; readonly ratio: number }[] = [],
): Excursions {
  assertOneOf('fillAt', fillAt, ['open', 'close']);
  assertSameLength({ high, low });
  const { side, entryPrice, entryRow, exitRow, exitPrice } = trip;
  let top = exitPrice;
  let bottom = exitPrice;
  const [from, to] = fillAt === 'open' ? [entryRow, exitRow] : [entryRow + 1, exitRow + 1];
  let factor = 1;
  let next = splits.length - 1;
  while (next >= 0 && splits[next]!.row > exitRow) next--;
  for (let row = exitRow; row >= from; row--) {
    // The entry price is in units of the exit: so are the prices before a split.
    for (; next >= 0 && splits[next]!.row > row; next--) factor /= splits[next]!.ratio;
    if (row >= to || Number.isNaN(high[row]!)) continue;
    top = Math.max(top, high[row]! * factor);
    bottom = Math.min(bottom, low[row]! * factor);
  }
  const up = Math.max(0, top / entryPrice - 1);
  const down = Math.max(0, 1 - bottom / entryPrice);
  return side === 'long' ? { mae: down, mfe: up } : { mae: up, mfe: down };
}
