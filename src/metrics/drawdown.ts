import { assertNumber } from '../core/assert.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { finite } from './returns.js';

/**
 * Returns the deepest fall from the running peak as a positive fraction of that peak: 0.29 is 29 %. The peak begins at
 * `startingValue`, so a loss from the first bar on counts. Undefined without values, and where one is NaN.
 *
 * @param startingValue above 0
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` for another starting value
 */
export function maxDrawdown(values: ReadonlyFloat64Array, startingValue: number): number | undefined {
  assertNumber('startingValue', startingValue, { above: 0 });
  if (values.length === 0) return undefined;
  let deepest = 0;
  let peak = startingValue;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > peak) peak = value;
    else deepest = Math.max(deepest, 1 - value / peak);
  }
  return finite(deepest);
}

/** Returns the fall from the running peak at each value, as a positive fraction of the peak; 0 at a new peak. */
export function drawdowns(values: ReadonlyFloat64Array, startingValue: number): Float64Array {
  const falls = new Float64Array(values.length);
  let peak = startingValue;
  for (let i = 0; i < falls.length; i++) {
    peak = Math.max(peak, values[i]!);
    falls[i] = 1 - values[i]! / peak;
  }
  return falls;
}
