import { assertNumber } from '../../core/assert.js';

/**
 * Returns p-values adjusted for there being several (Holm 1979), in their order: each is the largest of `(n - i + 1) p(i)` over the p-values
 * up to it, at most 1. The probability that any true hypothesis has one below a level is at most that level, whatever depends on what.
 *
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` for what is no probability
 */
export function holm(ps: ArrayLike<number>): Float64Array {
  for (let i = 0; i < ps.length; i++) assertNumber(`ps[${i}]`, ps[i], { min: 0, max: 1 });
  const ascending = Float64Array.from(ps).sort();
  return Float64Array.from(ps, (p) => holmOf(ascending, p, ascending.length));
}

/**
 * Returns one p-value adjusted as {@link holm} does.
 *
 * @param ascending all p-values, this one among them
 * @param tests how many there were, where `ascending` is an even pick of them
 */
export function holmOf(ascending: Float64Array, p: number, tests: number): number {
  const weight = tests / ascending.length;
  let adjusted = 0;
  for (let i = 0; i < ascending.length && ascending[i]! <= p; i++) {
    adjusted = Math.max(adjusted, ascending[i]! * (tests - i * weight));
  }
  return Math.min(1, adjusted);
}
