import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { AdjustmentSchedule } from '../data/adjustments.js';

/**
 * Returns for each row the sample standard deviation of the last `count` returns from close to close as known before that row: a row's
 * own return is not in it. Missing closes are passed over; a split or dividend between two closes restates the first. While fewer
 * returns are known they make do, from two on; NaN before. All rows are of one listing.
 *
 * @param count at least 2
 */
export function returnDeviation(
  closes: ReadonlyFloat64Array,
  schedule: Pick<AdjustmentSchedule, 'rows' | 'priceFactors'> | undefined,
  count: number,
): Float64Array {
  const deviations = new Float64Array(closes.length).fill(Number.NaN);
  const returns = new Float64Array(count);
  let known = 0;
  let before = Number.NaN;
  let event = 0;
  for (let row = 0; row < closes.length; row++) {
    if (known >= 2) deviations[row] = sampleDeviation(returns, Math.min(known, count));
    if (schedule?.rows[event] === row) before *= schedule.priceFactors[event++]!;
    const close = closes[row]!;
    if (Number.isNaN(close)) continue;
    if (!Number.isNaN(before)) returns[known++ % count] = close / before - 1;
    before = close;
  }
  return deviations;
}

/** Two passes: sums of squares alone lose the digits of small deviations. */
function sampleDeviation(values: Float64Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += values[i]!;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < count; i++) squares += (values[i]! - mean) ** 2;
  return Math.sqrt(squares / (count - 1));
}
