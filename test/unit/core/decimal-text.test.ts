import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countText, decimalNumber, groupThousands } from '../../../src/core/decimal-text.js';
import { expectSame } from '../../helpers/same.js';

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

describe('a number that is written in decimals', () => {
  it('is the number that every number prints', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expectSame(decimalNumber(Object.is(value, -0) ? '-0' : String(value)), value);
      }),
      { numRuns: 1000 },
    );
    expect(['+5', '.5', '5.', '1E3', '-1.5e-1', '-1e999'].map(decimalNumber)).toEqual([
      5,
      0.5,
      5,
      1000,
      -0.15,
      Number.NEGATIVE_INFINITY,
    ]);
  });

  it('is none in any other writing', () => {
    for (const text of [
      '',
      ' ',
      '.',
      '-',
      'e5',
      '0x10',
      '0b1',
      '0o7',
      '1_000',
      '1,5',
      ' 1',

      'NaN',
      'Infinity',
    ])
      expect(decimalNumber(text), text).toBeNaN();
  });
});
