import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/** Returns values in ascending order, in memory of their own. */
export const sorted = (values: ReadonlyFloat64Array): Float64Array => values.slice().sort() as Float64Array;

/**
 * Returns the quantile of ascending values at least one long, interpolated linearly between the two nearest ranks
 * (definition 7 of Hyndman and Fan 1996).
 *
 * @param share 0 to 1, both inclusive
 */
export function quantile(ascending: ArrayLike<number>, share: number): number {
  const at = (ascending.length - 1) * share;
  const low = Math.floor(at);
  const below = ascending[low]!;
  const above = ascending[Math.min(low + 1, ascending.length - 1)]!;
  // Equal ones may be infinite, and have no difference then.
  return below === above ? below : below + (above - below) * (at - low);
}
