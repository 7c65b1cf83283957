import { describe, expect, it } from 'vitest';
import { heatAxis, heatCells, placesOf } from '../../../src/report/client/heat-grid.js';
import type { PageColumn } from '../../../src/report/page-data.js';

const levels = (name: string, values: readonly (string | number)[], codes: readonly number[]): PageColumn => ({
  name,
  kind: 'levels',
  levels: values,
  codes,
});

describe('heatCells', () => {
  const x = heatAxis(levels('fast', [5, 10], [0, 0, 1, 1, -1]));
  const y = heatAxis(levels('rule', ['a', 'b'], [0, 0, 0, 1, 1]));
  const study = { numbers: [7, 8, 9, 10, 11], values: [1, 3, 2, null, 5], columns: [] };

  it.each([
    { direction: 'maximize', best: 3, trial: 8 },
    { direction: 'minimize', best: 1, trial: 7 },
  ] as const)('aggregates over the other parameters to $direction', ({ direction, best, trial }) => {
    const cells = heatCells({ ...study, objective: { name: 'sharpe', direction } }, x, y);
    expect(cells).toEqual([
      { count: 2, best, mean: 2, trial },
      { count: 1, best: 2, mean: 2, trial: 9 },
      undefined,
      undefined,
    ]);
  });
});

describe('heatAxis', () => {
  it('puts many numbers into bins of equal width, the greatest into the last', () => {
    const column: PageColumn = { name: 'decay', kind: 'continuous', values: [0, 2.4, 0.05, 1.25, null] };
    const { labels, places } = heatAxis(column);
    expect(labels).toHaveLength(24);
    expect(placesOf(column)).toBe(24);
    expect([labels[0], labels[23]]).toEqual(['0.00 – 0.10', '2.30 – 2.40']);
    expect([...Array.from(places)]).toEqual([0, 23, 0, 12, -1]);
  });

  it('labels levels as they are', () => {
    expect(heatAxis(levels('threshold', [0.001, 0.009], [0, 1])).labels).toEqual(['0.001', '0.009']);
  });
});
