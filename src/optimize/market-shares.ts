import { type LongerRun, longerRuns } from '../engine/longer-view.js';
import type { MarketView } from '../engine/market-view.js';
import type { Frequency } from '../market/bars.js';
import { symbolOrder } from './symbol-order.js';

/** In which shares a market can be run, beside shares of its time. */
export interface MarketShares {
  /** Symbols of the run, in the order in which a share takes them. */
  readonly symbols: readonly string[];
  /** Length of the run's own bars. */
  readonly frequency: Frequency;
  /** Longer bars that these make, ascending by length. */
  readonly lengths: readonly LongerRun[];
}

/** Returns in which shares a market can be run; each kind is looked for when it is asked for. */
export const marketShares = (view: MarketView): MarketShares => ({
  get symbols() {
    return symbolOrder(view);
  },
  frequency: view.group.frequency,
  get lengths() {
    return longerRuns(view);
  },
});
