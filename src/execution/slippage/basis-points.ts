import type { ModelNumber } from '../model-specification.js';
import { withinBar } from './range.js';
import type { SlippageModel } from './slippage.js';

/** What else may be said of basis points. */
export interface BasisPointOptions {
  /** Largest share of a bar's volume to take. @defaultValue no limit */
  readonly limit?: ModelNumber | undefined;
  /** Whether only units that open a position pay, as under a spread that is charged once for a round trip. */
  readonly entries?: boolean;
  /** Whether a fill stays within the bar's range. */
  readonly inRange?: boolean;
}

/**
 * Moves every fill against the trader by a fixed share of the price, in basis points (hundredths of a per cent); exact, not
 * rounded to a tick. A fill that closes a position and opens another pays for the units that it opens, at the mean price.
 */
export function basisPoints(points: ModelNumber, options: BasisPointOptions = {}): SlippageModel {
  const { limit, entries = false, inRange = false } = options;
  const unit = 10_000 * 10 ** points.decimals;
  const moved = (side: 1 | -1, ticks: number): number => ticks * (unit + side * points.mantissa);
  const flags = `${limit === undefined ? '' : `,limit=${limit.text}`}${entries ? ',entries' : ''}${inRange ? ',in-range' : ''}`;
  return {
    specification: `bps:${points.text}${flags}`,
    extraDecimals: 4 + points.decimals,
    reads: entries || inRange ? 'bar' : 'price',
    pastLimit: 'fills',
    needsQuotes: false,
    volatilityBars: 0,
    volumeLimit: limit?.value ?? Number.POSITIVE_INFINITY,
    fillPrice:
      entries || inRange
        ? (side, ticks, market) => {
            const share = entries ? openedShare(side, market.held, market.units) : 1;
            const price =
              share === 1 ? moved(side, ticks) : ticks * unit + side * Math.round(ticks * points.mantissa * share);
            return inRange ? withinBar(side, ticks, price, unit, market) : price;
          }
        : moved,
  };
}

/** The share of a fill that opens a position rather than closes one. */
function openedShare(side: 1 | -1, held: number, units: number): number {
  if (side * held >= 0) return 1;
  const opened = units + side * held;
  return opened > 0 ? opened / units : 0;
}
