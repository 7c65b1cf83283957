import { createHash } from 'node:crypto';
import type { BacktestResult } from '../engine/result.js';
import { METRIC_NAMES, type MetricName, summarize } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import { judge, type ResolvedObjective, type Score } from './objective.js';

/** A run over one of several ranges. */
export interface PartialRun {
  readonly result: Pick<BacktestResult, 'equity' | 'startingCash' | 'orders' | 'orderStreamHash' | 'fills'>;
  readonly trips: RoundTripSummary;
}

/** Runs over several ranges, each begun with the same cash, as one. */
export interface JoinedRun {
  /** Growth of the cash, run after run: each goes on from where the one before it ended. */
  readonly equity: Float64Array;
  /** Null where one is not available, as a journal holds them. */
  readonly metrics: Readonly<Record<MetricName, number | null>>;
  readonly orders: number;
  readonly fills: number;
  /** SHA-256 over the hashes of the runs. */
  readonly orderStreamHash: string;
}

/** Lays runs end to end: each curve is scaled so that it begins with what the one before it ended with. @param annualization bars a year */
export function joinRuns(runs: readonly PartialRun[], annualization: number): JoinedRun {
  const cash = runs[0]!.result.startingCash.toNumber();
  const equity = new Float64Array(runs.reduce((bars, { result }) => bars + result.equity.length, 0));
  const hash = createHash('sha256');
  let at = 0;
  let worth = cash;
  for (const { result } of runs) {
    const begun = worth;
    for (const value of result.equity) {
      worth = (begun * value) / cash;
      equity[at++] = worth;
    }
    hash.update(result.orderStreamHash);
  }
  const found = summarize(equity, cash, annualization, sumOfTrips(runs.map(({ trips }) => trips)));
  return {
    equity,
    metrics: Object.fromEntries(METRIC_NAMES.map((name) => [name, found[name] ?? null])) as JoinedRun['metrics'],
    orders: runs.reduce((sum, { result }) => sum + result.orders, 0),
    fills: runs.reduce((sum, { result }) => sum + result.fills.length, 0),
    orderStreamHash: hash.digest('hex'),
  };
}

/** Judges a joined run by a metric, as a run of one piece is. */
export function scoreOfJoined(objective: ResolvedObjective, { metrics, fills }: JoinedRun): Score {
  if (fills === 0) return { state: 'pruned', reason: 'it never traded' };
  return judge(objective, (metric) => metrics[metric as MetricName] ?? undefined);
}

/** Returns closed round trips taken together. */
export const sumOfTrips = (trips: readonly RoundTripSummary[]): RoundTripSummary =>
  trips.reduce(
    (sum, { trades, wins, grossProfit, grossLoss }) => ({
      trades: sum.trades + trades,
      wins: sum.wins + wins,
      grossProfit: sum.grossProfit + grossProfit,
      grossLoss: sum.grossLoss + grossLoss,
    }),
    { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 },
  );
