import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countText, groupThousands } from '../../../src/core/decimal-text.js';

describe('counts in words', () => {
  it('are grouped as the language groups them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeInteger(), fc.bigInt()), (count) => {
        expect(countText(count)).toBe(count.toLocaleString('en-US'));
      }),
      { numRuns: 1000 },
    );
  });

  it('say what is no whole number as it prints', () => {
    expect([Number.POSITIVE_INFINITY, Number.NaN, 1234.5].map(countText)).toEqual(['Infinity', 'NaN', '1,234.5']);
  });

  it('leave decimals alone', () => {
    expect(['-1234567.8901', '0.0001', '999'].map(groupThousands)).toEqual(['-1,234,567.8901', '0.0001', '999']);
  });
});
