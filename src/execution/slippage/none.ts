import type { SlippageModel } from './slippage.js';

/** Fills at the quoted price. */
export const noSlippage: SlippageModel = {
  specification: 'none',
  extraDecimals: 0,
  fillPrice: (_side, ticks) => ticks,
};
