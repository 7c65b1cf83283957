import type { Series } from './indicator.js';

const CROSSING = Symbol.for('hindcast.crossing');

/** Says which of the two crossings a function is, from whichever copy of the package; undefined for anything else. */
export const crossingOf = (value: unknown): 'above' | 'below' | undefined =>
  typeof value === 'function' ? (value as { readonly [CROSSING]?: 'above' | 'below' })[CROSSING] : undefined;

/** Returns whether `a` rose above `b` with the current bar: above it now, at or below it one bar ago. False before both have two values. */
export function crossedAbove(a: Series, b: Series): boolean {
  return a.value > b.value && a.ago(1) <= b.ago(1);
}

/** Returns whether `a` fell below `b` with the current bar: below it now, at or above it one bar ago. False before both have two values. */
export function crossedBelow(a: Series, b: Series): boolean {
  return a.value < b.value && a.ago(1) >= b.ago(1);
}

Object.defineProperty(crossedAbove, CROSSING, { value: 'above' });
Object.defineProperty(crossedBelow, CROSSING, { value: 'below' });
