// Measured surfaces of a moving-average rule over 1,100 combinations, from the reference data.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { int } from 'hindcast';
import type { ReferenceProblem } from './reference-problems.js';
import { referenceFile } from './reference-workloads.js';

/** The surfaces: a series, and whether the first 200 bars count. */
export const SURFACES = ['goog-warm', 'goog-cold', 'nvda-warm', 'nvda-cold'] as const;

/** The combinations. */
export const sweepParameters = {
  short: int(5, 50, { step: 5 }),
  long: int(50, 200, { step: 15 }),
  threshold: int(1, 10),
};

/** Reads a surface: the Sharpe ratio of each combination over all data, to be maximised. */
export function sweepSurface(name: (typeof SURFACES)[number]): ReferenceProblem {
  const [series, start] = name.split('-') as [string, string];
  const file = referenceFile(`reference/optimisers/sma_surface_${series}.csv.gz`);
  const [head = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split(/\r?\n/);
  const column = head.split(',').indexOf(`${start}_1`);
  const values = new Map<string, number>();
  for (const line of lines) {
    const cells = line.split(',').map(Number);
    values.set(cells.slice(0, 3).join(), cells[column]!);
  }
  return {
    name,
    parameters: sweepParameters,
    direction: 'maximize',
    optimum: Math.max(...values.values()),
    evaluate: ({ short, long, threshold }) => values.get([short, long, threshold].join()),
  };
}
