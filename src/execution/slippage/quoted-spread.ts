import type { SlippageModel } from './slippage.js';

/**
 * Fills half the bar's own spread, ask less bid, away from the price that the order fills at. Where a bar has no quotes the last known
 * spread holds; before the first, and where the quotes cross, there is none.
 */
export const quotedSpread: SlippageModel = {
  specification: 'quoted-spread',
  extraDecimals: 1,
  reads: 'bar',
  pastLimit: 'waits',
  needsQuotes: true,
  volatilityBars: 0,
  volumeLimit: Number.POSITIVE_INFINITY,
  fillPrice(side, ticks, { bid, ask, tickScale }) {
    const spread = ask > bid ? ask - bid : 0;
    return Math.max(1, ticks * 10 + side * Math.round(spread * tickScale * 5));
  },
};
