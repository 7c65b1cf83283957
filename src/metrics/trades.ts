import { assertInteger } from '../core/assert.js';
import { finite } from './returns.js';

/** Closed round trips, from flat to flat, net of fees. */
export interface RoundTripSummary {
  readonly trades: number;
  /** Trips that ended with a profit. */
  readonly wins: number;
  /** Sum of the profits of winning trips, in money. */
  readonly grossProfit: number;
  /** Sum of the losses of losing trips, in money, positive. */
  readonly grossLoss: number;
}

/** Returns the share of closed round trips that won, 0 to 1; undefined without any. @throws UsageError for what are no counts */
export function winRate({ trades, wins }: RoundTripSummary): number | undefined {
  assertInteger('trades', trades, { min: 0 });
  assertInteger('wins', wins, { min: 0, max: trades });
  return trades === 0 ? undefined : wins / trades;
}

/** Returns gross profit over gross loss; undefined without a loss, which includes having no trades. */
export const profitFactor = ({ grossProfit, grossLoss }: RoundTripSummary): number | undefined =>
  grossLoss > 0 ? finite(grossProfit / grossLoss) : undefined;
