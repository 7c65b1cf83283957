/**
 * Error-free sums of doubles, after J. R. Shewchuk, "Adaptive Precision Floating-Point Arithmetic and Fast Robust
 * Geometric Predicates", Discrete & Computational Geometry 18 (1997): a sum is kept as parts that do not overlap.
 */

/** Adds a value to a sum kept as non-overlapping parts, smallest first, without losing a bit. */
export function addExactly(parts: number[], value: number): void {
  let x = value;
  let kept = 0;
  for (const part of parts) {
    const sum = x + part;
    const y = sum - x;
    const error = x - (sum - y) + (part - y);
    if (error !== 0) parts[kept++] = error;
    x = sum;
  }
  parts.length = kept;
  parts.push(x);
}

/** Returns the double nearest to the sum of non-overlapping parts, ties to even; 0 for none. */
export function roundedSum(parts: readonly number[]): number {
  let at = parts.length - 1;
  if (at < 0) return 0;
  let high = parts[at]!;
  let low = 0;
  while (at > 0) {
    const x = high;
    const part = parts[--at]!;
    high = x + part;
    low = part - (high - x);
    if (low !== 0) break;
  }
  // A tie was rounded to even without knowing the parts below it: they break it.
  if (at > 0 && low !== 0 && low > 0 === parts[at - 1]! > 0) {
    const doubled = low * 2;
    const moved = high + doubled;
    if (moved - high === doubled) return moved;
  }
  return high;
}
