import type { ModelNumber } from '../model-specification.js';
import { IMPACT_DECIMALS, impactedPrice } from './impact.js';
import type { SlippageModel } from './slippage.js';

/**
 * Fills at most a share of the bar's volume, and moves the price by the square of the share that the account's orders take of it:
 * price * (1 +- impact * share ** 2), zipline's VolumeShareSlippage. An unknown volume counts as if the whole limit were taken.
 *
 * @param limit largest share of the volume
 * @param impact share of the price that taking the whole volume would move it by
 */
export function volumeShare(limit: ModelNumber, impact: ModelNumber): SlippageModel {
  return {
    specification: `volume-share:${limit.text},${impact.text}`,
    extraDecimals: IMPACT_DECIMALS,
    reads: 'bar',
    pastLimit: 'waits',
    needsQuotes: false,
    volatilityBars: 0,
    volumeLimit: limit.value,
    fillPrice(side, ticks, { units, filled, volume }) {
      const taken = (filled + units) / volume;
      const share = taken < limit.value ? taken : limit.value;
      return impactedPrice(side, ticks, impact.value * share * share);
    },
  };
}
