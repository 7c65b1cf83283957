import type { ModelNumber } from '../model-specification.js';
import { IMPACT_DECIMALS, impactedPrice } from './impact.js';
import type { SlippageModel } from './slippage.js';

/** Returns of bars that the volatility is taken over where no number is given. */
const DEFAULT_BARS = 20;

/**
 * Moves every fill against the trader by a multiple of the volatility, the standard deviation of the last bars' returns as of the bar
 * before: price * (1 +- factor * volatility). Until two returns are known nothing slips.
 */
export function volatilityScaled(factor: ModelNumber, bars?: ModelNumber): SlippageModel {
  return {
    specification: `volatility:${factor.text}${bars === undefined ? '' : `,bars=${bars.text}`}`,
    extraDecimals: IMPACT_DECIMALS,
    reads: 'bar',
    pastLimit: 'waits',
    needsQuotes: false,
    volatilityBars: bars?.value ?? DEFAULT_BARS,
    volumeLimit: Number.POSITIVE_INFINITY,
    fillPrice: (side, ticks, { volatility }) =>
      impactedPrice(side, ticks, Number.isNaN(volatility) ? 0 : factor.value * volatility),
  };
}
