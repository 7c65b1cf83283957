import { formatNumber, formatShort } from '../format.js';
import type { PageColumn, PageData } from '../page-data.js';

/** One cell of the heat map: what the trials in it reached. */
export interface HeatCell {
  readonly count: number;
  readonly best: number;
  readonly mean: number;
  /** Number of the trial that reached the best. */
  readonly trial: number;
}

/** One axis: the label of each place, and the place of each trial (-1: not on the axis). */
export interface HeatAxis {
  readonly name: string;
  readonly labels: readonly string[];
  readonly places: ArrayLike<number>;
}

const binCount = 24;

/** Returns the axis of a parameter: its levels, or bins of equal width. */
export function heatAxis(column: PageColumn): HeatAxis {
  const { name } = column;
  if (column.kind === 'levels') {
    const labels = column.levels.map((value) => (typeof value === 'number' ? formatShort(value) : String(value)));
    return { name, labels, places: column.codes };
  }
  const known = column.values.filter((value) => value !== null);
  const low = known.reduce((a, b) => Math.min(a, b));
  const width = (known.reduce((a, b) => Math.max(a, b)) - low) / binCount;
  const places = column.values.map((value) =>
    value === null ? -1 : Math.min(binCount - 1, Math.floor((value - low) / width)),
  );
  // As many decimals as tell one edge from the next.
  const decimals = Math.min(12, Math.max(0, Math.ceil(-Math.log10(width)) + 1));
  const edge = (k: number): string => formatNumber(low + k * width, decimals);
  return { name, labels: Array.from({ length: binCount }, (_, k) => `${edge(k)} – ${edge(k + 1)}`), places };
}

/** Returns how many places an axis would have. */
export const placesOf = (column: PageColumn): number => (column.kind === 'levels' ? column.levels.length : binCount);

/** Returns the cells row by row, undefined where no trial with a value lies. */
export function heatCells(
  { numbers, values, objective }: NonNullable<PageData['study']>,
  x: HeatAxis,
  y: HeatAxis,
): (HeatCell | undefined)[] {
  const across = x.labels.length;
  const sums = new Float64Array(across * y.labels.length);
  const counts = new Float64Array(sums.length);
  const bests = new Float64Array(sums.length).fill(Number.NaN);
  const trials = new Float64Array(sums.length);
  const sign = objective.direction === 'maximize' ? 1 : -1;
  values.forEach((value, k) => {
    const column = x.places[k]!;
    const row = y.places[k]!;
    if (value === null || column < 0 || row < 0) return;
    const cell = row * across + column;
    sums[cell]! += value;
    counts[cell]!++;
    if (Number.isNaN(bests[cell]!) || value * sign > bests[cell]! * sign) {
      bests[cell] = value;
      trials[cell] = numbers[k]!;
    }
  });
  return Array.from(counts, (count, k) =>
    count === 0 ? undefined : { count, best: bests[k]!, mean: sums[k]! / count, trial: trials[k]! },
  );
}
