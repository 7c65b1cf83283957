import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { meanOfDecimals, WindowMean } from './window-mean.js';

/**
 * Returns the mean of a window, the very number that `sma` gives over the same values: decimals are summed as integers
 * and divided once. NaN for an empty window or one with a missing value.
 */
export function mean(window: ReadonlyFloat64Array): number {
  if (window.length === 0) return Number.NaN;
  const exact = meanOfDecimals(window);
  if (exact !== undefined) return exact;
  const running = new WindowMean(window.length);
  let result = Number.NaN;
  for (let i = 0; i < window.length; i++) {
    const value = window[i]!;
    if (!Number.isFinite(value)) return Number.NaN;
    result = running.push(value);
  }
  return result;
}
