import type { ModelNumber } from '../model-specification.js';
import type { SlippageModel } from './slippage.js';

/** Moves every fill against the trader by a fixed share of the price, in basis points (hundredths of a per cent); exact, not rounded to a tick. */
export function basisPointSlippage(points: ModelNumber): SlippageModel {
  const unit = 10_000 * 10 ** points.decimals;
  return {
    specification: `bps:${points.text}`,
    extraDecimals: 4 + points.decimals,
    fillPrice: (side, ticks) => ticks * (unit + side * points.mantissa),
  };
}
