import { Decimal as BaseDecimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Amount, Decimal, toDecimal, toScaled } from '../../../src/core/decimal.js';
import { parseScaled } from '../../../src/core/decimal-text.js';
import { Rounding } from '../../../src/core/scaled-integer.js';

describe('toScaled', () => {
  it.each<[Amount, bigint]>([
    [100_000, 10_000_000_000_000n],
    [0.1, 10_000_000n],
    [1e-7, 10n],
    [1e21, 10n ** 29n],
    [-0, 0n],
    ['0.07', 7_000_000n],
    ['1e3', 100_000_000_000n],
    ['12345678901234567890.12345678', 1_234_567_890_123_456_789_012_345_678n],
    [new Decimal('-2.5'), -250_000_000n],
    [new BaseDecimal('1e-8'), 1n],
  ])('takes %s as the decimal it prints', (amount, mantissa) => {
    expect(toScaled(amount, 8, 'exact', 'cash').toBigInt()).toBe(mantissa);
  });

  it.each<[unknown]>([
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    [''],
    ['ten'],
    ['1,5'],
    [new Decimal(Number.NaN)],
    [new Decimal('1e5000')],
    [null],
    [undefined],
    [10n],
    [{}],
  ])('refuses %s and names what it was for', (amount) => {
    expect(() => toScaled(amount as Amount, 8, Rounding.Down, 'cash')).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        code: 'NOT_A_DECIMAL',
        message: expect.stringMatching(/^cash must/),
      }),
    );
  });

  it('rounds only as told', () => {
    expect(toScaled(0.129, 2, Rounding.Down, 'cash').toBigInt()).toBe(12n);
    expect(toScaled('-0.125', 2, Rounding.HalfEven, 'cash').toBigInt()).toBe(-12n);
    expect(() => toScaled(0.129, 2, 'exact', 'cash')).toThrow(expect.objectContaining({ code: 'DECIMALS_DO_NOT_FIT' }));
  });

  it('takes a number as the decimal that it prints, whatever its digits', () => {
    const number = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      // Decimals, and their neighbours: a digit away from what rounds the other way.
      fc
        .tuple(fc.integer({ min: -1e12, max: 1e12 }), fc.integer({ min: 0, max: 16 }), fc.integer({ min: -2, max: 2 }))
        .map(([mantissa, decimals, ulps]) => {
          const value = Number(`${mantissa}e-${decimals}`);
          return value * (1 + ulps * Number.EPSILON);
        }),
    );
    fc.assert(
      fc.property(
        number,
        fc.integer({ min: 0, max: 18 }),
        fc.constantFrom(Rounding.Down, Rounding.HalfEven, Rounding.Floor),
        (value, decimals, rounding) => {
          const expected = parseScaled(String(value), decimals, rounding, 'amount');
          expect(toScaled(value, decimals, rounding, 'amount').toBigInt()).toBe(expected);
        },
      ),
      { numRuns: 20_000 },
    );
  });

  it('returns what toDecimal gave', () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 40n), 10n ** 40n), fc.integer({ min: 0, max: 20 }), (mantissa, decimals) => {
        const scaled = toScaled(`${mantissa}e-${decimals}`, decimals, 'exact', 'amount');
        expect(scaled.toBigInt()).toBe(mantissa);
        expect(toScaled(toDecimal(scaled, decimals), decimals, 'exact', 'amount').equals(scaled)).toBe(true);
        expect(toDecimal(scaled, decimals).toString()).toBe(scaled.toString(decimals));
      }),
      { numRuns: 2000 },
    );
  });

  it('is unmoved by the settings of decimal.js', () => {
    const precision = BaseDecimal.precision;
    BaseDecimal.set({ precision: 3 });
    try {
      expect(new Decimal('123456').plus('0.00000001').toString()).toBe('123456.00000001');
    } finally {
      BaseDecimal.set({ precision });
    }
  });
});
