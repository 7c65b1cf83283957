import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawdownOf, representativeRows } from '../../../src/report/downsample.js';

describe('representativeRows', () => {
  it('keeps every row of a short column', () => {
    expect(representativeRows([[3, 1, 2]], 10)).toEqual([0, 1, 2]);
    expect(representativeRows([[]], 10)).toEqual([]);
  });

  it('keeps the ends and the extremes of every column, in order, within its bound', () => {
    const column = fc.array(fc.double({ noNaN: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(column, fc.integer({ min: 1, max: 20 }), (values, stretches) => {
        const other = values.map((value, row) => (row % 3 === 0 ? -value : value / 2));
        const rows = representativeRows([values, other], stretches);
        expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
        expect(rows.length).toBeLessThanOrEqual(4 * stretches + 2);
        expect([rows[0], rows.at(-1)]).toEqual([0, values.length - 1]);
        for (const each of [values, other]) {
          const kept = rows.map((row) => each[row]!);
          expect(Math.max(...kept)).toBe(Math.max(...each));
          expect(Math.min(...kept)).toBe(Math.min(...each));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('prefers any value to a missing one', () => {
    const values = Array.from({ length: 100 }, (_, row) => (row % 10 === 7 ? row : Number.NaN));
    const kept = representativeRows([values], 10).map((row) => values[row]!);
    expect(kept.filter((value) => !Number.isNaN(value))).toEqual([7, 17, 27, 37, 47, 57, 67, 77, 87, 97]);
  });
});

describe('drawdownOf', () => {
  it('is the fall from the running peak', () => {
    expect([...drawdownOf([100, 120, 90, 150, 75])]).toEqual([0, 0, -0.25, 0, -0.5]);
  });
});
