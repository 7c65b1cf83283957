import { expect } from 'vitest';

// Assertions for loops of a hundred thousand: one of Vitest's takes several microseconds, more than most of what is asserted there. Only a
// difference reaches it, and fails as it would have.

/** `expect(actual).toBe(expected)` */
export function expectSame(actual: unknown, expected: unknown, message?: string): void {
  if (!Object.is(actual, expected)) expect(actual, message).toBe(expected);
}

/** Both bounds included. */
export function expectWithin(value: number, low: number, high: number, message?: string): void {
  if (value >= low && value <= high) return;
  expect(value, message).toBeGreaterThanOrEqual(low);
  expect(value, message).toBeLessThanOrEqual(high);
}

/** `expect([...actual]).toEqual([...expected])` */
export function expectSameValues(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  let isSame = actual.length === expected.length;
  for (let at = 0; isSame && at < actual.length; at++) isSame = Object.is(actual[at], expected[at]);
  if (!isSame) expect(Array.from(actual)).toEqual(Array.from(expected));
}

const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
const bitsOf = (values: Float64Array): BigUint64Array => new BigUint64Array(values.slice().buffer);

/** Columns of the same bits: two zeros and two kinds of NaN are different. */
export function expectSameBits(actual: Float64Array, expected: Float64Array): void {
  if (!bytesOf(actual).equals(bytesOf(expected))) expect(bitsOf(actual)).toEqual(bitsOf(expected));
}
