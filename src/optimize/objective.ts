import { UsageError } from '../core/errors.js';
import { didYouMean } from '../core/suggest.js';
import type { BacktestResult } from '../engine/result.js';
import { isStatisticName, type RunStatistics, STATISTIC_DIRECTIONS } from '../engine/run-statistics.js';
import type { RunSummary } from '../engine/simulation.js';
import { METRIC_DIRECTIONS, METRIC_NAMES, type MetricName } from '../metrics/summary.js';
import type { Direction } from './trial.js';

/** What a search looks for: a metric by name, or a function of the result (in this thread only). */
export type Objective<R = BacktestResult> =
  | MetricName
  | (string & {})
  | { readonly metric: MetricName | (string & {}); readonly direction: Direction }
  | ((result: R) => number);

/** An objective with every choice made: plain data that crosses threads and is written into journals. */
export interface ResolvedObjective {
  /** A metric's name, or 'function'. */
  readonly metric: string;
  readonly direction: Direction;
}

/** The value of a run, or why there is none. */
export type Score =
  | { readonly state: 'complete'; readonly value: number }
  | { readonly state: 'pruned'; readonly reason: string };

/** Completes an objective: a metric's own direction where none is given; what is no metric of ours is one of `analyze`, to be maximised. */
export function resolveObjective(objective: Objective<never>): ResolvedObjective {
  if (typeof objective === 'function') return { metric: 'function', direction: 'maximize' };
  if (typeof objective === 'object') {
    const { metric, direction } = objective;
    if (direction !== 'maximize' && direction !== 'minimize') {
      throw new UsageError('INVALID_OPTION', {
        message: `The direction of an objective is 'maximize' or 'minimize', not '${String(direction)}'.`,
        details: { option: 'objective', direction },
      });
    }
    return { metric, direction };
  }
  return { metric: objective, direction: directionOf(objective) };
}

function directionOf(metric: string): Direction {
  if (isStatisticName(metric)) return STATISTIC_DIRECTIONS[metric];
  return METRIC_DIRECTIONS[metric as MetricName] ?? 'maximize';
}

/**
 * Judges a run. One that never traded has no value, whatever the metric says of an idle account: it must not win. Nor has one whose
 * metric is not available.
 *
 * @param statistics makes the figures that are no metrics: only asked where the objective is one of them
 * @param own what the caller's own function gave, in place of a metric
 * @throws UsageError `UNKNOWN_METRIC` for a metric that neither Hindcast nor the strategy's `analyze` knows
 */
export function scoreOf(
  { metric }: ResolvedObjective,
  run: RunSummary,
  statistics: () => RunStatistics,
  own?: number,
): Score {
  const value = own ?? metricOf(metric, run, statistics);
  if (run.fills === 0) return { state: 'pruned', reason: 'it never traded' };
  if (value === undefined || !Number.isFinite(value)) {
    return { state: 'pruned', reason: `${metric} is not available: too few returns or trades` };
  }
  return { state: 'complete', value };
}

function metricOf(metric: string, run: RunSummary, statistics: () => RunStatistics): number | undefined {
  if (isMetricName(metric)) return run.metrics[metric];
  // A strategy's own word comes before a figure of the same name.
  if (Object.hasOwn(run.custom, metric)) return run.custom[metric];
  if (isStatisticName(metric)) return statistics()[metric];
  throw unknownMetric(metric, Object.keys(run.custom));
}

/** Tells whether an objective is one of the metrics of every run. */
export const isMetricName = (metric: string): metric is MetricName =>
  (METRIC_NAMES as readonly string[]).includes(metric);

/** True for a metric or a figure that every run has. */
export const isKnownMetric = (metric: string): boolean => isMetricName(metric) || isStatisticName(metric);

/** The error for a metric that neither Hindcast nor a strategy's `analyze` knows. */
export function unknownMetric(metric: string, custom: readonly string[]): UsageError {
  const known = [...METRIC_NAMES, ...Object.keys(STATISTIC_DIRECTIONS), ...custom];
  return new UsageError('UNKNOWN_METRIC', {
    message: `No metric '${metric}': Hindcast has none, and the strategy's analyze does not return it.${didYouMean(metric, known)}`,
    details: { metric, known },
  });
}
