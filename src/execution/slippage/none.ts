import type { SlippageModel } from './slippage.js';

/** Fills at the quoted price. */
export const noSlippage: SlippageModel = {
  specification: 'none',
  extraDecimals: 0,
  reads: 'price',
  pastLimit: 'fills',
  needsQuotes: false,
  volatilityBars: 0,
  volumeLimit: Number.POSITIVE_INFINITY,
  fillPrice: (_side, ticks) => ticks,
};
