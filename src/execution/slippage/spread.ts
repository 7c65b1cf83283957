import type { ModelNumber } from '../model-specification.js';
import { withinBar } from './range.js';
import type { SlippageModel } from './slippage.js';

/**
 * Fills half a fixed spread, an amount of price, away from the quoted price; a sale gets the smallest price that can be written at least.
 *
 * @param inRange whether a fill stays within the bar's range, and a limit order fills at its limit
 */
export function fixedSpread(spread: ModelNumber, inRange = false): SlippageModel {
  const extraDecimals = spread.decimals + 1;
  const unit = 10 ** extraDecimals;
  return {
    specification: `spread:${spread.text}${inRange ? ',in-range' : ''}`,
    extraDecimals,
    reads: 'bar',
    pastLimit: inRange ? 'fills' : 'waits',
    needsQuotes: false,
    volatilityBars: 0,
    volumeLimit: Number.POSITIVE_INFINITY,
    fillPrice(side, ticks, market) {
      // Half of 0.03 is 0.015: a decimal more, and five for each unit.
      const price = Math.max(1, ticks * unit + side * spread.mantissa * 5 * market.tickScale);
      return inRange ? withinBar(side, ticks, price, unit, market) : price;
    },
  };
}
