import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { millsRatio, normalCdf, normalDensity, normalQuantile } from '../../../src/core/normal.js';

describe('the normal law', () => {
  // From Python's math.erfc: 0.5 * erfc(-x / sqrt 2).
  it.each([
    [-37, 5.725571222525139e-300],
    [-10, 7.619853024160593e-24],
    [-5, 2.866515718791946e-7],
    [-3, 0.0013498980316300957],
    [-2.51, 0.006036558080412668],
    [-2.5, 0.006209665325776139],
    [-2.49, 0.006387154764943176],
    [-1, 0.15865525393145707],
    [0, 0.5],
    [1, 0.8413447460685429],
    [2.4, 0.9918024640754038],
    [2.6, 0.9953388119762813],
    [5, 0.9999997133484281],
  ])('has the probability below %f', (x, expected) => {
    expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(1e-12);
    expect(Math.abs(normalQuantile(expected) - x)).toBeLessThan(x > 4 ? 1e-9 : 1e-12);
  });

  it('has bounds', () => {
    expect([normalCdf(Number.NEGATIVE_INFINITY), normalCdf(Number.POSITIVE_INFINITY), normalCdf(-50)]).toEqual([
      0, 1, 0,
    ]);
    expect(normalCdf(Number.NaN)).toBeNaN();
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect([normalQuantile(-0.1), normalQuantile(1.1), normalQuantile(Number.NaN)]).toEqual([
      Number.NaN,
      Number.NaN,
      Number.NaN,
    ]);
    expect(normalDensity(0)).toBeCloseTo(1 / Math.sqrt(2 * Math.PI), 15);
  });

  it('turns probabilities into values and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1 - 1e-9, noNaN: true }), (p) => {
        expect(Math.abs(normalCdf(normalQuantile(p)) / p - 1)).toBeLessThan(1e-11);
      }),
      { numRuns: 1000 },
    );
  });

  it('is symmetric and rises, and its tails follow the bounds of Gordon (1941)', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -8, max: 8, noNaN: true }),
        fc.double({ min: 1e-6, max: 3, noNaN: true }),
        (x, more) => {
          expect(Math.abs(normalCdf(x) + normalCdf(-x) - 1)).toBeLessThan(1e-15 * 4);
          expect(normalCdf(x + more)).toBeGreaterThanOrEqual(normalCdf(x));
          const tail = 2.5 + Math.abs(x) * 10;
          expect(millsRatio(tail)).toBeLessThan(1 / tail);
          expect(millsRatio(tail)).toBeGreaterThan(tail / (tail * tail + 1));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
