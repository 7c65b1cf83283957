import { UsageError } from '../core/errors.js';
import { once } from '../core/once.js';
import { givenText, wrongKind } from '../core/option-kind.js';
import { nearestHint } from '../core/suggest.js';
import type { BacktestResult } from '../engine/result.js';
import {
  isStatisticName,
  type RunStatistics,
  STATISTIC_DIRECTIONS,
  type StatisticsOfRun,
} from '../engine/run-statistics.js';
import type { RunSummary } from '../engine/simulation.js';
import { METRIC_DIRECTIONS, METRIC_NAMES, type MetricName } from '../metrics/summary.js';
import { breachText, excessOf, type ResolvedCondition, type ResolvedPenalty } from './conditions.js';
import type { Direction } from './trial.js';

/** Code of the error for a metric that a run does not have. */
export const UNKNOWN_METRIC = 'UNKNOWN_METRIC';

/** Code of the error for an objective function that returns anything but a number. */
export const OBJECTIVE_NOT_A_NUMBER = 'OBJECTIVE_NOT_A_NUMBER';

/** A metric to look for, in its own direction or in another. */
type MetricObjective =
  | MetricName
  | (string & {})
  | { readonly metric: MetricName | (string & {}); readonly direction: Direction };

/**
 * What a search looks for: a metric by name, several of them (the first decides where one must be chosen), or a function of the result (in this
 * thread only).
 */
export type Objective<R = BacktestResult> = MetricObjective | readonly MetricObjective[] | ((result: R) => number);

/** One metric to look for, with its direction. */
export interface ObjectiveTerm {
  /** A metric's name, or 'function'. */
  readonly metric: string;
  readonly direction: Direction;
}

/** An objective with every choice made: plain data that crosses threads and is written into journals. */
export interface ResolvedObjective extends ObjectiveTerm {
  /** Further objectives, of a study that has several; the first decides where one must be chosen. @defaultValue none */
  readonly also?: readonly ObjectiveTerm[];
  /** What a run must hold to have a value. @defaultValue nothing */
  readonly require?: readonly ResolvedCondition[];
  /** What makes the first objective worse. @defaultValue nothing */
  readonly penalties?: readonly ResolvedPenalty[];
}

/** Metrics that are looked at, each once. */
export const metricsOf = (objective: ResolvedObjective): readonly string[] => [
  ...new Set(
    [...termsOf(objective), ...(objective.require ?? []), ...(objective.penalties ?? [])].map((each) => each.metric),
  ),
];

/** All objectives of a study, the first one first. */
export const termsOf = ({ metric, direction, also = [] }: ResolvedObjective): readonly ObjectiveTerm[] => [
  { metric, direction },
  ...also,
];

/** What the caller's own function gave for a run, of whatever kind. */
export interface OwnValue {
  readonly returned: unknown;
}

/** The values of a run, one an objective, or why there are none. */
export type Score =
  | { readonly state: 'complete'; readonly value: number; readonly values: readonly [number, ...number[]] }
  | { readonly state: 'pruned'; readonly reason: string; readonly broken?: true };

/**
 * Reads objectives as a command line has them: `sharpe`, `turnover:minimize`, or several with commas between.
 * @throws UsageError `INVALID_OPTION`
 */
export function parseObjective(text: string): ResolvedObjective {
  const terms = text.split(',').map((part) => {
    const [metric = '', direction, ...rest] = part.trim().split(':');
    if (metric === '' || rest.length > 0 || (direction !== undefined && !DIRECTIONS.includes(direction))) {
      throw new UsageError('INVALID_OPTION', {
        message: `An objective is a metric, in another direction than its own with ':maximize' or ':minimize' behind it, several with commas between, such as sharpe,turnover:minimize; '${text}' is not.`,
        details: { option: 'objective', value: text },
      });
    }
    return direction === undefined ? metric : { metric, direction: direction as Direction };
  });
  return resolveObjective(terms.length === 1 ? terms[0]! : terms);
}

const DIRECTIONS: readonly string[] = ['maximize', 'minimize'];

/**
 * Completes an objective: a metric's own direction where none is given; what is no metric of ours is one of `analyze`, to be maximised.
 * @throws UsageError `INVALID_OPTION` for a wrong direction, no objective or one that is named twice
 */
export function resolveObjective(objective: Objective<never> | ResolvedObjective): ResolvedObjective {
  if (Array.isArray(objective)) return resolveSeveral(objective as readonly MetricObjective[]);
  if (typeof objective !== 'object' || objective === null) return resolveOne(objective);
  const { require, penalties, ...resolved } = objective as ResolvedObjective;
  return {
    ...resolveSeveral(termsOf(resolved)),
    ...(require === undefined ? {} : { require }),
    ...(penalties === undefined ? {} : { penalties }),
  };
}

/** Completes an objective that a choice is made by. @throws UsageError `ONE_OBJECTIVE_ONLY`, and as {@link resolveObjective} does */
export function resolveSingleObjective(
  objective: Objective<never> | ResolvedObjective,
  what: string,
): ResolvedObjective {
  const resolved = resolveObjective(objective);
  if (resolved.also === undefined) return resolved;
  const names = termsOf(resolved).map(({ metric }) => metric);
  throw new UsageError('ONE_OBJECTIVE_ONLY', {
    message: `${what} chooses by one objective, not by ${names.join(' and ')}. Name one of them.`,
    details: { objectives: names },
  });
}

/** What the caller's own function is called among metrics. */
const OWN = 'function';

function resolveSeveral(objectives: readonly MetricObjective[]): ResolvedObjective {
  const own = objectives.find((each) => typeof each === 'function');
  if (own !== undefined)
    throw wrongKind('objective', own, "in a list only metrics such as 'sharpe' and { metric, direction }");
  const [first, ...also] = objectives.map((each) => resolveOne(each));
  const names = objectives.map((each) => (typeof each === 'object' ? each.metric : each));
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (first === undefined || twice !== undefined) {
    throw new UsageError('INVALID_OPTION', {
      message:
        first === undefined ? 'A list of objectives names at least one.' : `The objective '${twice}' is named twice.`,
      details: { option: 'objective', names },
    });
  }
  return also.length === 0 ? first : { ...first, also };
}

function resolveOne(objective: MetricObjective | ((result: never) => number)): ObjectiveTerm {
  if (typeof objective === 'function') return { metric: OWN, direction: 'maximize' };
  const isPlain = typeof objective !== 'object' || objective === null;
  const metric = isPlain ? objective : objective.metric;
  if (typeof metric !== 'string') {
    const takes = "a metric such as 'sharpe', { metric, direction }, a list of these or a function";
    throw wrongKind('objective', objective, takes);
  }
  if (isPlain) return { metric, direction: directionOf(metric) };
  const { direction } = objective;
  checkDirection('objective', direction);
  return { metric, direction };
}

/** Throws UsageError `INVALID_OPTION` for what is no direction of an objective. */
function checkDirection(option: string, direction: unknown): void {
  if (typeof direction === 'string' && DIRECTIONS.includes(direction)) return;
  const hint = typeof direction === 'string' ? nearestHint(direction, DIRECTIONS) : '';
  throw new UsageError('INVALID_OPTION', {
    message: `The direction of an objective is 'maximize' or 'minimize', not ${givenText(direction)}.${hint}`,
    details: { option, direction },
  });
}

/**
 * Checks the directions of a study, one an objective.
 * @throws UsageError `INVALID_OPTION` for no list and for what is no direction, `NO_OBJECTIVE` for an empty list
 */
export function checkDirections(directions: unknown): void {
  if (!Array.isArray(directions)) {
    throw new UsageError('INVALID_OPTION', {
      message: `directions is a list with 'maximize' or 'minimize' for each objective, such as ['minimize'], not ${givenText(directions)}.`,
      details: { option: 'directions', value: directions },
    });
  }
  if (directions.length === 0) {
    throw new UsageError('NO_OBJECTIVE', {
      message: 'A study needs at least one objective: give a direction for each.',
    });
  }
  for (const direction of Array.from<unknown>(directions)) checkDirection('directions', direction);
}

function directionOf(metric: string): Direction {
  if (isStatisticName(metric)) return STATISTIC_DIRECTIONS[metric];
  return isMetricName(metric) ? METRIC_DIRECTIONS[metric] : 'maximize';
}

/**
 * Judges a run. One that never traded has no value, whatever the metric says of an idle account: it must not win. Nor has one whose
 * metric is not available.
 *
 * @param statistics gives the figures that are no metrics: only asked where the objective or a condition is one of them
 * @param own what the caller's own function gave, in place of a metric
 * @throws UsageError `UNKNOWN_METRIC` for a metric of a run that traded which neither Hindcast nor the strategy's `analyze` knows,
 * `OBJECTIVE_NOT_A_NUMBER` where the caller's own function gave anything else
 */
export function scoreOf(
  objective: ResolvedObjective,
  run: RunSummary,
  statistics: () => Pick<StatisticsOfRun, 'get'>,
  own?: OwnValue,
): Score {
  if (run.fills === 0) return { state: 'pruned', reason: 'it never traded' };
  const figures = once(statistics);
  const value = own && numberOf(own);
  return judge(objective, (metric) =>
    value !== undefined && metric === objective.metric ? value : metricOf(metric, run, figures),
  );
}

/** Judges a run that has traded by what is known of its metrics; undefined for one that is not available. */
export function judge(objective: ResolvedObjective, metricBy: (metric: string) => number | undefined): Score {
  const { also = [], require = [], penalties = [] } = objective;
  // All are looked at: one that nobody knows is an error, whatever another one lacks.
  let missing: string | undefined;
  for (const { metric } of [objective, ...also, ...require, ...penalties]) {
    const value = metricBy(metric);
    if (value === undefined || !Number.isFinite(value)) missing ??= missingText(metric, value);
  }
  if (missing !== undefined) return { state: 'pruned', reason: missing };
  for (const condition of require) {
    const value = metricBy(condition.metric)!;
    if (excessOf(condition, value) > 0) return { state: 'pruned', reason: breachText(condition, value), broken: true };
  }
  let price = 0;
  for (const penalty of penalties) price += penalty.weight * excessOf(penalty, metricBy(penalty.metric)!);
  const first = metricBy(objective.metric)!;
  const value = objective.direction === 'maximize' ? first - price : first + price;
  return { state: 'complete', value, values: [value, ...also.map(({ metric }) => metricBy(metric)!)] };
}

/** Returns the number that a caller's function gave. */
function numberOf({ returned }: OwnValue): number {
  if (typeof returned === 'number') return returned;
  throw new UsageError(OBJECTIVE_NOT_A_NUMBER, {
    message: `The objective function returned ${givenText(returned)}. It returns a number without waiting, and NaN for a result that has none.`,
    details: { returned: givenText(returned) },
  });
}

/** Why there is no value of a metric. What is not available is undefined; only a caller's function and `analyze` give what is not finite. */
function missingText(metric: string, value: number | undefined): string {
  if (value === undefined) return `${metric} is not available: too few returns or trades`;
  return `${metric === OWN ? 'the objective function' : `analyze of '${metric}'`} gave ${value}, which ranks nowhere`;
}

function metricOf(metric: string, run: RunSummary, statistics: () => Pick<StatisticsOfRun, 'get'>): number | undefined {
  if (isMetricName(metric)) return run.metrics[metric];
  // A strategy's own word comes before a figure of the same name.
  if (Object.hasOwn(run.custom, metric)) return run.custom[metric];
  if (isStatisticName(metric)) return statistics().get(metric);
  throw unknownMetric(metric, Object.keys(run.custom));
}

/** Tells whether an objective is one of the metrics of every run. */
export const isMetricName = (metric: string): metric is MetricName => Object.hasOwn(METRIC_DIRECTIONS, metric);

/** True for a metric or a figure that every run has. */
const isKnownMetric = (metric: string): boolean => isMetricName(metric) || isStatisticName(metric);

/** Figures that compare a run with a benchmark. */
const COMPARING: readonly string[] = ['alpha', 'beta', 'benchmarkReturn'] satisfies readonly (keyof RunStatistics)[];

/**
 * Refuses, before the first trial, metrics that no run of a strategy can have. What `analyze` returns is not known before a run has ended.
 *
 * @param own the objective that the caller's own function gives; undefined where there is none
 * @throws UsageError `UNKNOWN_METRIC`, `NEEDS_BENCHMARK`
 */
export function refuseUnknownMetrics(
  objective: ResolvedObjective,
  { analyze }: { readonly analyze?: unknown },
  { benchmark }: { readonly benchmark?: string | undefined },
  own: string | undefined,
): void {
  if (analyze !== undefined) return;
  for (const metric of metricsOf(objective)) {
    if (metric === own) continue;
    if (!isKnownMetric(metric)) throw unknownMetric(metric, undefined);
    if (!COMPARING.includes(metric) || benchmark !== undefined) continue;
    throw new UsageError('NEEDS_BENCHMARK', {
      message: `${metric} compares a run with a benchmark, and none is named. Name a symbol of the bundle: --benchmark SPY.`,
      details: { metric },
    });
  }
}

/** The error for a metric that neither Hindcast nor a strategy's `analyze` knows. @param custom what `analyze` returned; undefined where there is none */
function unknownMetric(metric: string, custom: readonly string[] | undefined): UsageError {
  const ours = [...METRIC_NAMES, ...Object.keys(STATISTIC_DIRECTIONS)];
  const known = [...ours, ...(custom ?? [])];
  const analyze =
    custom === undefined
      ? 'the strategy has no analyze that could return it'
      : `the strategy's analyze returned ${custom.length === 0 ? 'nothing' : `only ${custom.join(', ')}`}`;
  return new UsageError(UNKNOWN_METRIC, {
    message: `No metric '${metric}': Hindcast has none, and ${analyze}.${nearestHint(metric, known)} Hindcast has ${ours.join(', ')}.`,
    details: { metric, known },
  });
}
