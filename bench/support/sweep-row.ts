import type { FinishedTrial } from 'hindcast/optimize';
import type { SweepRow } from './reference-workloads.js';

/** Returns a trial as a row of a reference sweep. */
export function sweepRowOf({ params, endingEquity, fills = 0, metrics = {} }: FinishedTrial<never>): SweepRow {
  const { sharpe, maxDrawdown } = metrics;
  // Without a trade there is no Sharpe ratio; the reference calls it 0.
  return {
    ...(params as Pick<SweepRow, 'fast' | 'slow' | 'threshold'>),
    equity: Number(endingEquity),
    fills,
    sharpe: sharpe ?? 0,
    maxDrawdown: maxDrawdown ?? 0,
  };
}
