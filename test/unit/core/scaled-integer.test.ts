import { describe, expect, it } from 'vitest';
import { Rounding, ScaledInteger } from '../../../src/core/scaled-integer.js';

const decimal = (text: string, decimals = 8): ScaledInteger => ScaledInteger.fromDecimalString(text, decimals, 'exact');

describe('ScaledInteger', () => {
  it('starts at zero, or at a safe integer', () => {
    expect(new ScaledInteger().isZero).toBe(true);
    expect(new ScaledInteger(-3).toBigInt()).toBe(-3n);
    expect(() => new ScaledInteger(0.5)).toThrow(RangeError);
    expect(() => new ScaledInteger(2 ** 53)).toThrow(RangeError);
    expect(() => new ScaledInteger().setFloor(Number.NaN)).toThrow(RangeError);
  });

  it.each([
    { rounding: Rounding.Down, results: [-2, -2, -1, 1, 2, 2] },
    { rounding: Rounding.Floor, results: [-3, -3, -2, 1, 2, 2] },
    { rounding: Rounding.Ceiling, results: [-2, -2, -1, 2, 3, 3] },
    { rounding: Rounding.HalfEven, results: [-3, -2, -2, 2, 2, 3] },
    { rounding: Rounding.HalfUp, results: [-3, -3, -2, 2, 3, 3] },
  ])('rounds -2.6, -2.5, -1.5, 1.5, 2.5, 2.6 by mode $rounding', ({ rounding, results }) => {
    const tenths = [-26, -25, -15, 15, 25, 26];
    const products = tenths.map((a) => new ScaledInteger().setProduct(new ScaledInteger(a), 1, 1, rounding));
    expect(products.map((product) => product.toNumber(0))).toEqual(results);
    const [two, twenty] = [new ScaledInteger(2), new ScaledInteger(20)];
    const ratios = tenths.map((a) => new ScaledInteger().setMulDiv(new ScaledInteger(a), two, twenty, rounding));
    expect(ratios.map((ratio) => ratio.toNumber(0))).toEqual(results);
  });

  it('prints exactly, trimmed or not, and never a negative zero', () => {
    expect(decimal('-0.5').toString(8)).toBe('-0.5');
    expect(decimal('-0.5').toFixed(8)).toBe('-0.50000000');
    expect(decimal('1200').toString(8)).toBe('1200');
    expect(new ScaledInteger(1200).toString(0)).toBe('1200');
    expect(new ScaledInteger(0).setProduct(new ScaledInteger(0), -5, 3, Rounding.Floor).toNumber(8)).toBe(0);
    expect(decimal('-0').toString(8)).toBe('0');
  });

  it.each(['1000', '+1000', '1000.', '1e3', '1.0E+3', '0.1e4', '001000.00'])('reads %s', (text) => {
    expect(decimal(text).toString(8)).toBe('1000');
  });

  it.each(['', ' ', '.', 'e5', '-', '1,000', '1 000', 'NaN', 'Infinity', '0x10', '1e', '1_000', '1e9999'])(
    "refuses '%s'",
    (text) => expect(() => decimal(text)).toThrow(expect.objectContaining({ code: 'NOT_A_DECIMAL' })),
  );

  it('refuses to lose digits when asked to be exact', () => {
    expect(decimal('0.12345678').toBigInt()).toBe(12_345_678n);
    expect(() => ScaledInteger.fromDecimalString('0.123456789', 8, 'exact', 'cash')).toThrow(
      expect.objectContaining({ code: 'DECIMALS_DO_NOT_FIT', message: expect.stringMatching(/^cash .*0\.123456789/) }),
    );
  });

  it('refuses a division by zero', () => {
    const [one, zero] = [new ScaledInteger(1), new ScaledInteger()];
    expect(() => one.setMulDiv(one, zero, zero, Rounding.Down)).toThrow(RangeError);
    expect(() => one.setQuotient(one, 2, 0, Rounding.Down)).toThrow(RangeError);
  });

  it('comes back from the large representation', () => {
    const limit = (2n ** 53n - 1n) * 100_000_000n + 99_999_999n;
    const value = new ScaledInteger().setBigInt(limit);
    expect(value.add(new ScaledInteger(1)).toBigInt()).toBe(limit + 1n);
    expect(value.subtract(new ScaledInteger(2)).toBigInt()).toBe(limit - 1n);
    expect(value.clone().negate().add(value).isZero).toBe(true);
    expect(value.set(new ScaledInteger(4))).toEqual(new ScaledInteger(4));
  });
});
