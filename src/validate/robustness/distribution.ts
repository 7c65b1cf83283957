import { quantile } from '../../metrics/quantile.js';

/** How a figure is spread over many runs. */
export interface Distribution {
  /** Runs in which it is available. */
  readonly runs: number;
  readonly mean: number;
  /** Values below which so many per cent of the runs lie. */
  readonly p5: number;
  readonly p25: number;
  readonly median: number;
  readonly p75: number;
  readonly p95: number;
}

/** Returns the spread of values; undefined without any. Values that are no finite number are left out. */
export function distributionOf(values: Iterable<number | null | undefined>): Distribution | undefined {
  const known = Float64Array.from(
    [...values].filter((value): value is number => typeof value === 'number' && Number.isFinite(value)),
  ).sort();
  if (known.length === 0) return undefined;
  const at = (share: number): number => quantile(known, share);
  return {
    runs: known.length,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    p5: at(0.05),
    p25: at(0.25),
    median: at(0.5),
    p75: at(0.75),
    p95: at(0.95),
  };
}
