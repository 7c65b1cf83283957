import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addExactly, roundedSum } from '../../../src/indicators/exact-sum.js';
import { mean } from '../../../src/indicators/mean.js';
import { WindowMean } from '../../../src/indicators/window-mean.js';

const Exact = Decimal.clone({ precision: 2000 });

/** The double nearest to the mean of decimals as they are printed. */
const meanAsPrinted = (values: readonly number[]): number =>
  values
    .reduce((sum, value) => sum.plus(String(value)), new Exact(0))
    .div(values.length)
    .toNumber();

/** The double nearest to a sum of doubles as the binary numbers they are. */
function sumOfBits(values: readonly number[]): number {
  const unit = 2n ** 1074n;
  let sum = 0n;
  for (const value of values) {
    const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!;
    const exponent = (bits >> 52n) & 2047n;
    const mantissa = (bits & (2n ** 52n - 1n)) + (exponent === 0n ? 0n : 2n ** 52n);
    const magnitude = mantissa << (exponent === 0n ? 0n : exponent - 1n);
    sum += bits >> 63n === 1n ? -magnitude : magnitude;
  }
  return new Exact(sum.toString()).div(new Exact(unit.toString())).toNumber();
}

function means(length: number, values: readonly number[]): number[] {
  const mean = new WindowMean(length);
  return values.map((value) => mean.push(value));
}

const decimal = fc
  .tuple(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), fc.integer({ min: 0, max: 8 }))
  .map(([ticks, places]) => Number(`${ticks}e-${places}`));
const anything = fc.oneof(
  decimal,
  fc.double({ min: -1e6, max: 1e6, noNaN: true }),
  fc.constantFrom(0.1, 1e15, -1e15, 999_999_999_999_999, 1e-8, 1 / 3, 1e-30, 1e30, 2 ** 53, 123_456_789.012_345_6),
);

describe('WindowMean', () => {
  it('is the correctly rounded mean of decimals', () => {
    const market = fc.integer({ min: 0, max: 8 }).chain((places) =>
      fc.array(
        fc.integer({ min: -(10 ** 13), max: 10 ** 13 }).map((ticks) => Number(`${ticks}e-${places}`)),
        { minLength: 1, maxLength: 40 },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), market, (length, values) => {
        means(length, values).forEach((mean, row) => {
          if (row + 1 < length) expect(mean).toBeNaN();
          else expect(mean).toBe(meanAsPrinted(values.slice(row + 1 - length, row + 1)) + 0);
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('depends on the window alone, whatever passed through it before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 8 }),
        fc.array(anything, { minLength: 1, maxLength: 60 }),
        (length, values) => {
          const whole = means(length, values);
          for (let row = length - 1; row < values.length; row++) {
            const alone = means(length, values.slice(row + 1 - length, row + 1)).at(-1)!;
            if (!Object.is(alone, whole[row]!)) expect({ row, mean: whole[row] }).toEqual({ row, mean: alone });
          }
        },
      ),
      { numRuns: 5000 },
    );
  });

  it('fills a column with the same bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.array(anything, { maxLength: 60 }), (length, values) => {
        const out = new Float64Array(values.length);
        new WindowMean(length).fill(Float64Array.from(values), out);
        expect(new BigUint64Array(out.buffer)).toEqual(
          new BigUint64Array(Float64Array.from(means(length, values)).buffer),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('is within half a last digit where values are no decimals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1, max: 1000, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (values) => {
          const exact = values
            .reduce((sum, value) => sum.plus(new Exact(value)), new Exact(0))
            .div(values.length)
            .toNumber();
          const mean = means(values.length, values).at(-1)!;
          expect(Math.abs(mean - exact)).toBeLessThanOrEqual(exact * 2.3e-16);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('finds averages of 10 and 50 bars equal that are equal on paper', () => {
    // A float sum of 0.1 drifts: 0.1 added ten times is 0.9999999999999999.
    const values = Array.from({ length: 300 }, (_, i) => 100 + (i % 10) / 10);
    const ten = means(10, values);
    const fifty = means(50, values);
    for (let row = 49; row < values.length; row++) expect(ten[row]).toBe(fifty[row]);
    expect(ten[299]).toBe(100.45);
  });

  it('gives a constant back, decimal or not', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 300 }),
        (value, length) => {
          expect(means(length, new Array<number>(length).fill(value)).at(-1)).toBe(value);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('returns to ticks once a value that is no decimal has left the window', () => {
    const mean = new WindowMean(3);
    for (const value of [0.1, 0.2, 1 / 3, 0.1, 0.2]) mean.push(value);
    expect(mean.push(0.3)).toBe(0.2);
  });

  it('goes on after an infinity has left the window', () => {
    const mean = new WindowMean(2);
    mean.push(1);
    mean.push(Number.POSITIVE_INFINITY);
    mean.push(2);
    expect(mean.push(4)).toBe(3);
  });
});

describe('mean', () => {
  it('is the number that a moving average over the same values gives', () => {
    fc.assert(
      fc.property(fc.array(anything, { minLength: 1, maxLength: 30 }), (values) => {
        expect(mean(Float64Array.from(values))).toBe(means(values.length, values).at(-1));
      }),
      { numRuns: 5000 },
    );
  });

  it('is NaN without values, or where one is missing', () => {
    expect(mean(new Float64Array(0))).toBeNaN();
    expect(mean(Float64Array.of(1, Number.NaN, 2))).toBeNaN();
    expect(mean(Float64Array.of(1, Number.POSITIVE_INFINITY))).toBeNaN();
  });
});

describe('roundedSum', () => {
  it('is the double nearest to the exact sum', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, min: -1e200, max: 1e200 }), { maxLength: 20 }), (values) => {
        const parts: number[] = [];
        for (const value of values) addExactly(parts, value);
        expect(roundedSum(parts) + 0).toBe(sumOfBits(values) + 0);
      }),
      { numRuns: 2000 },
    );
  });

  it('breaks a tie by the parts below it', () => {
    const parts: number[] = [];
    for (const value of [1, 2 ** -53, 2 ** -110]) addExactly(parts, value);
    expect(roundedSum(parts)).toBe(1 + 2 ** -52);
  });
});
