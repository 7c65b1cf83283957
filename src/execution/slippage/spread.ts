import type { ModelNumber } from '../model-specification.js';
import type { SlippageModel } from './slippage.js';

/** Fills half a fixed spread, an amount of price, away from the quoted price; a sale gets the smallest price that can be written at least. */
export function fixedSpread(spread: ModelNumber): SlippageModel {
  const extraDecimals = spread.decimals + 1;
  const unit = 10 ** extraDecimals;
  return {
    specification: `spread:${spread.text}`,
    extraDecimals,
    reads: 'bar',
    needsQuotes: false,
    volatilityBars: 0,
    volumeLimit: Number.POSITIVE_INFINITY,
    // Half of 0.03 is 0.015: a decimal more, and five for each unit.
    fillPrice: (side, ticks, { tickScale }) => Math.max(1, ticks * unit + side * spread.mantissa * 5 * tickScale),
  };
}
