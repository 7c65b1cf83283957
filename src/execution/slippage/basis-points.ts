import type { ModelNumber } from '../model-specification.js';
import type { SlippageModel } from './slippage.js';

/**
 * Moves every fill against the trader by a fixed share of the price, in basis points (hundredths of a per cent); exact, not
 * rounded to a tick.
 *
 * @param limit largest share of a bar's volume to take. @defaultValue no limit
 */
export function basisPoints(points: ModelNumber, limit?: ModelNumber): SlippageModel {
  const unit = 10_000 * 10 ** points.decimals;
  return {
    specification: `bps:${points.text}${limit === undefined ? '' : `,limit=${limit.text}`}`,
    extraDecimals: 4 + points.decimals,
    reads: 'price',
    needsQuotes: false,
    volatilityBars: 0,
    volumeLimit: limit?.value ?? Number.POSITIVE_INFINITY,
    fillPrice: (side, ticks) => ticks * (unit + side * points.mantissa),
  };
}
