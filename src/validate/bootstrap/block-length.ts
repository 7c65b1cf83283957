import { assertFinite } from '../../core/assert.js';
import { log, pow } from '../../core/elementary.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';

/** Lags in a row that must be negligible before the correlation counts as gone. */
const QUIET_LAGS = 5;

/** Block lengths for resampling a series. */
export interface BlockLengths {
  /** Mean length for the stationary bootstrap, at least 1. */
  readonly stationary: number;
  /** For blocks of one length, at least 1, not rounded. */
  readonly block: number;
}

/**
 * Returns the block lengths that estimate the variance of a series' mean best (Politis and White 2004, with the correction of Patton,
 * Politis and White 2009): the longer its rows are correlated, the longer. Both are 1 below eight values and for a series that does not vary.
 *
 * @throws UsageError `NOT_A_NUMBER` for a value that is none
 */
export function blockLengths(series: ReadonlyFloat64Array): BlockLengths {
  assertFinite('series', series);
  const { length } = series;
  if (length < 8) return { stationary: 1, block: 1 };
  const most = Math.ceil(Math.min(3 * Math.sqrt(length), length / 3));
  const lags = Math.min(length - 1, Math.ceil(Math.sqrt(length)) + QUIET_LAGS);
  const covariances = autocovariances(series, lags);
  const variance = covariances[0]!;
  if (!(variance > 0)) return { stationary: 1, block: 1 };
  const negligible = 2 * Math.sqrt(log(length) / Math.LN10 / length);
  const isQuiet = (lag: number): boolean => Math.abs(covariances[lag]! / variance) < negligible;
  let last = 1;
  while (last + QUIET_LAGS <= lags && !quietFrom(last + 1, isQuiet)) last++;
  // Where the correlation never goes away, the last lag that is not negligible counts.
  if (last + QUIET_LAGS > lags) {
    last = lags;
    while (last > 1 && isQuiet(last)) last--;
  }
  const window = Math.min(2 * last, lags);
  let spectrum = variance;
  let slope = 0;
  for (let lag = 1; lag <= window; lag++) {
    const weight = lag / window <= 0.5 ? 1 : 2 * (1 - lag / window);
    spectrum += 2 * weight * covariances[lag]!;
    slope += 2 * weight * lag * covariances[lag]!;
  }
  const bounded = (variability: number): number => {
    const optimal = pow((2 * slope * slope) / variability, 1 / 3) * pow(length, 1 / 3);
    return Math.min(most, Math.max(1, Number.isFinite(optimal) ? optimal : most));
  };
  return { stationary: bounded(2 * spectrum * spectrum), block: bounded((4 / 3) * spectrum * spectrum) };
}

function quietFrom(lag: number, isQuiet: (lag: number) => boolean): boolean {
  for (let k = 0; k < QUIET_LAGS; k++) if (!isQuiet(lag + k)) return false;
  return true;
}

/** Covariances of a series with itself, so many rows apart, divided by its length. */
function autocovariances(series: ReadonlyFloat64Array, lags: number): Float64Array {
  const { length } = series;
  let mean = 0;
  for (let i = 0; i < length; i++) mean += series[i]! / length;
  const found = new Float64Array(lags + 1);
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let i = lag; i < length; i++) sum += (series[i]! - mean) * (series[i - lag]! - mean);
    found[lag] = sum / length;
  }
  return found;
}
