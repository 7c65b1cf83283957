import { isMainThread } from 'node:worker_threads';
import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Result } from '../engine/backtest.js';
import type { MarketOptions } from '../engine/market.js';
import type { ParameterMap, ParamsInput, ParamsOf } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { RUN_OPTION_KEYS, splitRunOptions } from '../engine/run-options.js';
import type { RunStatistics } from '../engine/run-statistics.js';
import type { FullRun } from '../engine/simulation.js';
import type { Strategy } from '../engine/strategy.js';
import type { MetricName } from '../metrics/summary.js';
import type { Conditions } from './conditions.js';
import { MIDWAY_KEYS, type MidwayStops } from './midway.js';
import type { Objective, OwnValue } from './objective.js';
import type { SearchName } from './samplers/names.js';
import type { Search } from './samplers/registry.js';
import type { StopRules } from './stop-rules.js';
import { moduleOf } from './strategy-module.js';
import type { Study } from './study.js';
import { type SearchControl, searchLoaded } from './study-run.js';
import type { Direction, FinishedTrial } from './trial.js';
import type { WarmStart } from './warm-start.js';

/** A metric's name: one that every run has, or one that the strategy's `analyze` returns. */
type KnownMetric<M> = MetricName | (keyof M & string);

/** What to look for in the results of a strategy: misspelt names do not compile. */
type StrategyObjective<P, M> =
  | KnownMetric<M>
  | { readonly metric: KnownMetric<M>; readonly direction: Direction }
  | readonly (KnownMetric<M> | { readonly metric: KnownMetric<M>; readonly direction: Direction })[]
  | Extract<Objective<Result<P, M>>, (result: never) => number>;

/** What {@link optimize} searches, and how. */
export interface OptimizeOptions<P extends ParameterMap, M>
  extends MarketOptions,
    StopRules,
    MidwayStops,
    Conditions<KnownMetric<M> | keyof RunStatistics>,
    Omit<SearchControl, 'onTrial' | 'onFound' | 'growing' | 'profile'> {
  /** @defaultValue 'auto': the grid where it is small, else random */
  readonly search?: SearchName | Search;
  /** At most so many trials. @defaultValue as many as the search has */
  readonly trials?: number;
  /** @defaultValue 1, or that of the study in the file */
  readonly seed?: number;
  /** The study's journal; what is there already goes on. @defaultValue none: in memory */
  readonly study?: string;
  /** What to look for; of several metrics in a list, for trials that no other one beats in all of them. A function runs in this thread only (`jobs: 1`), to be maximised. @defaultValue 'sharpe' */
  readonly objective?: StrategyObjective<P, NoInfer<M>>;
  /** Points to try first. */
  readonly enqueue?: readonly ParamsInput<P>[];
  /** Another study whose best points are tried next. @defaultValue none */
  readonly warmStart?: WarmStart;
  /**
   * Files of earlier studies of the same strategy, bundle, dates, costs and objective: trials over all of the data that one of them has evaluated are not evaluated again, but have its
   * outcome. @defaultValue none
   */
  readonly reuse?: readonly string[];
  readonly onTrial?: (trial: FinishedTrial<P>) => void;
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'frequency', ...RUN_OPTION_KEYS],
  ...['search', 'trials', 'seed', 'study', 'objective', 'enqueue', 'warmStart', 'reuse'],
  ...['patience', 'target', 'improvement'],
  ...MIDWAY_KEYS,
  ...['require', 'penalties'],
  ...['jobs', 'pool', 'timeoutMs', 'trialTimeoutMs', 'heapLimitMb', 'signal', 'optimization'],
  ...['onWarning', 'onStart', 'onProgress', 'onTrial', 'onCaches'],
] as const;

/**
 * Searches a strategy's parameters on all cores and returns the study, which the caller closes (`await using`).
 *
 * Worker threads load the strategy by its file: it is the default export of a module of its own and declares
 * `module: import.meta.url`. With `jobs: 1` any strategy object will do; a study names its file, so that it can be resumed, reproduced and reused, where the object is the default export of
 * that module.
 *
 * @throws UsageError for wrong options; RunError when a worker cannot start or the disk is full
 */
export async function optimize<P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: OptimizeOptions<P, M>,
): Promise<Study<P>> {
  if (!isMainThread) {
    throw new UsageError('NESTED_SEARCH', {
      message:
        'optimize() was called while a worker loads a strategy: put the strategy into a module of its own, apart from the program that searches it.',
    });
  }
  rejectUnknownKeys('optimize', options, KEYS);
  const begun = performance.now();
  const { symbols, start, end, frequency, bundle, ...others } = options;
  const [run, rest] = splitRunOptions(others);
  const market = { symbols, start, end, frequency, bundle, ...run };
  const { objective } = rest;
  const score = typeof objective === 'function' ? scorer<P, M>(objective) : undefined;
  const compiled = await moduleOf(strategy as unknown as Strategy, options);
  const { study } = await searchLoaded<P>(
    strategy,
    compiled,
    {
      ...rest,
      market,
      search: rest.search === undefined ? 'auto' : rest.search,
      objective: objective as Parameters<typeof searchLoaded>[2]['objective'],
      score,
      enqueue: rest.enqueue as readonly GivenParams[] | undefined,
      onTrial: rest.onTrial as SearchControl['onTrial'],
    },
    begun,
  );
  return study;
}

/** Returns a function over results as one over runs. */
export function scorer<P, M>(
  objective: (result: Result<P, M>) => number,
): (run: FullRun, params: GivenParams) => OwnValue {
  return ({ result, custom }, params) => {
    const returned: unknown = objective(Object.assign(result, { params: params as ParamsOf<P>, custom: custom as M }));
    // A rejection that nobody hears would end the process.
    if (returned instanceof Promise) returned.catch(() => {});
    return { returned };
  };
}
