import type { Series } from './indicator.js';

/** Returns whether `a` rose above `b` with the current bar: above it now, at or below it one bar ago. False before both have two values. */
export function crossedAbove(a: Series, b: Series): boolean {
  return a.value > b.value && a.ago(1) <= b.ago(1);
}

/** Returns whether `a` fell below `b` with the current bar: below it now, at or above it one bar ago. False before both have two values. */
export function crossedBelow(a: Series, b: Series): boolean {
  return a.value < b.value && a.ago(1) >= b.ago(1);
}
