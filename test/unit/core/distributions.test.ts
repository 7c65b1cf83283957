import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf, normalQuantile, normalTail } from '../../../src/core/normal.js';
import { studentCdf, studentQuantile, studentTail } from '../../../src/core/student-t.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

const file = 'reference/statistics/benchmark_statistics.json';
const relative = (found: number, expected: number): number =>
  found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected);

describe('the normal distribution', () => {
  // Abramowitz and Stegun 1964, tables 26.1 and 26.2, and Wichura 1988 for quantiles.
  it.each([
    [0, 0.5],
    [1, 0.841344746068543],
    [2, 0.977249868051821],
    [-5, 2.866515718791939e-7],
    [-10, 7.61985302416053e-24],
  ])('lies below %d with the tabled probability', (x, p) => {
    expect(relative(normalCdf(x), p)).toBeLessThan(1e-12);
  });

  it.each([
    [0.25, -0.6744897501960817],
    [0.001, -3.090232306167813],
    [1e-20, -9.262340089798409],
  ])('has the tabled quantile of %d', (p, x) => expect(relative(normalQuantile(p), x)).toBeLessThan(1e-13));

  it('has quantiles that lead back', () => {
    fc.assert(
      fc.property(fc.double({ min: -37, max: 37, noNaN: true }), (x) => {
        const back = x < 0 ? normalQuantile(normalCdf(x)) : -normalQuantile(normalTail(x));
        expect(Math.abs(back - x)).toBeLessThan(1e-12 * Math.max(1, Math.abs(x)));
        expect(normalCdf(x) + normalTail(x)).toBeCloseTo(1, 14);
      }),
      { numRuns: 2000 },
    );
  });

  it('ends where it ends', () => {
    expect([normalQuantile(0), normalQuantile(1), normalQuantile(0.5)]).toEqual([-Infinity, Infinity, 0]);
    expect([normalQuantile(1.1), normalCdf(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
    expect([normalCdf(-50), normalCdf(50)]).toEqual([0, 1]);
  });
});

describe("Student's t", () => {
  it('is known in closed form for one and two degrees of freedom', () => {
    fc.assert(
      fc.property(fc.double({ min: -30, max: 30, noNaN: true }), (t) => {
        expect(studentCdf(t, 1)).toBeCloseTo(0.5 + Math.atan(t) / Math.PI, 12);
        expect(studentCdf(t, 2)).toBeCloseTo(0.5 + t / (2 * Math.sqrt(2 + t * t)), 12);
      }),
      { numRuns: 1000 },
    );
  });

  it('has quantiles that lead back, also for broken degrees of freedom', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-8, max: 0.5, noNaN: true }),
        fc.double({ min: 0.7, max: 2000, noNaN: true }),
        (p, df) => {
          expect(relative(studentTail(-studentQuantile(p, df), df), p)).toBeLessThan(1e-9);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('ends where it ends', () => {
    expect([studentQuantile(0, 3), studentQuantile(1, 3), studentQuantile(0.5, 3)]).toEqual([-Infinity, Infinity, 0]);
    expect([studentQuantile(-1, 3), studentTail(Number.NaN, 3)]).toEqual([Number.NaN, Number.NaN]);
  });
});

describeShared('distributions give the figures of scipy', file, () => {
  const values = referenceJson<{ distribution_values: Record<string, Record<string, number>> }>(
    file,
  ).distribution_values;
  it.each(Object.entries(values))('%s', (name, table) => {
    const degrees = Number(/\d+$/.exec(name)?.[0]);
    for (const [key, expected] of Object.entries(table)) {
      const x = Number(key);
      if (name === 'normal_cdf') expect(relative(normalCdf(x), expected)).toBeLessThan(1e-12);
      else if (name === 'normal_ppf') expect(relative(normalQuantile(x), expected)).toBeLessThan(1e-12);
      else if (name.startsWith('t_sf')) expect(relative(studentTail(x, degrees), expected)).toBeLessThan(1e-12);
      // Its quantiles are good to nine digits: 3.24983554401537 for 9 degrees and 0.995, tabled as 3.249835541592.
      else expect(relative(studentQuantile(x, degrees), expected)).toBeLessThan(1e-9);
    }
  });
});
