import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { assertInteger } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { MarketOptions } from '../engine/market.js';
import type { OptimizationConfig } from '../engine/optimization-config.js';
import type { ParameterMap, ParamsInput } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { RUN_OPTION_KEYS, splitRunOptions } from '../engine/run-options.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { loadStrategy } from '../engine/strategy-loader.js';
import { readStudy } from '../optimize/journal/file-journal.js';
import { type OptimizeOptions, scorer } from '../optimize/optimize.js';
import type { SearchName } from '../optimize/samplers/names.js';
import type { Search } from '../optimize/samplers/registry.js';
import type { StopRules } from '../optimize/stop-rules.js';
import { moduleOf } from '../optimize/strategy-module.js';
import type { SearchControl } from '../optimize/study-run.js';
import type { FinishedTrial } from '../optimize/trial.js';
import type { Executor } from '../parallel/executor.js';
import type { Seam } from './out-of-sample.js';
import type { SelectionRule } from './selection.js';
import type { WalkForwardResult } from './walk-forward-result.js';
import { type ChoosingRequest, runWalkForward, type WalkForwardRequest } from './walk-forward-run.js';
import { type WindowProgress, windowName } from './window-search.js';
import { WINDOWING_KEYS, type Windowing } from './windows.js';

/** Where a walk-forward runs, and who hears of it: none of it changes a result. */
export interface WalkForwardControl {
  /** Workers; -1 or undefined for all cores, 1 for none but this thread. */
  readonly jobs?: number | undefined;
  /** Workers that live on afterwards; whoever made the pool closes it. @defaultValue workers of its own */
  readonly pool?: Executor | undefined;
  /** Fails a trial that takes longer; with one job it is judged when the trial ends. Loading the strategy is limited as for a search. */
  readonly trialTimeoutMs?: number | undefined;
  /** Heap of a worker in MiB; a trial that needs more fails. @defaultValue Node's own */
  readonly heapLimitMb?: number | undefined;
  /** Stops at once: what has finished is kept, and no test has been read. */
  readonly signal?: AbortSignal | undefined;
  /** Which caches, pools and shared memory are used. @defaultValue `OptimizationConfig.fromDefaults()` */
  readonly optimization?: OptimizationConfig | undefined;
  /** Hears, when all windows are traded, what each flag of `optimization` chose, and how often it helped. @defaultValue nothing is counted */
  readonly onCaches?: SearchControl['onCaches'];
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called once, when workers are ready and the first trial is about to start. */
  readonly onStart?: ((start: { readonly workers: number; readonly windows: number }) => void) | undefined;
  readonly onProgress?: ((progress: WindowProgress & { readonly busy: number }) => void) | undefined;
}

/** What {@link walkForward} searches, and how. */
export interface WalkForwardOptions<P extends ParameterMap, M>
  extends MarketOptions,
    StopRules,
    Windowing,
    WalkForwardControl {
  /** @defaultValue 'auto': the grid where it is small, else random */
  readonly search?: SearchName | Search;
  /** Most trials of each window. @defaultValue as many as the search has */
  readonly trials?: number;
  /** Of every window's study. @defaultValue 1, or that of the studies found */
  readonly seed?: number;
  /** Folder of the studies, one journal a window; what is there already goes on. @defaultValue none: in memory */
  readonly study?: string;
  /** What to look for. A function runs in this thread only (`jobs: 1`). @defaultValue 'sharpe' */
  readonly objective?: OptimizeOptions<P, NoInfer<M>>['objective'];
  /** Points to try first in every window. */
  readonly enqueue?: readonly ParamsInput<P>[];
  /** How parameters are chosen from a window's trials. @defaultValue 'best' */
  readonly select?: SelectionRule;
  /** Best of the training that a validation judges. @defaultValue 10 */
  readonly candidates?: number;
  /**
   * Positions at the end of a window: closed on its last bar with their costs, or carried into the next window, whose parameters go on with them. With `close`
   * the run's `liquidate` says how: at the last close unless told otherwise. @defaultValue 'close'
   */
  readonly seam?: Seam;
  /** With `close`, whether a window trades what the ones before it left; else the opening cash each, and profits are laid aside. @defaultValue true */
  readonly reinvest?: boolean;
  readonly onTrial?: (window: number, trial: FinishedTrial<P>) => void;
}

const KEYS = [
  ...['bundle', 'symbols', 'start', 'end', 'frequency', ...RUN_OPTION_KEYS, ...WINDOWING_KEYS],
  ...['search', 'trials', 'seed', 'study', 'objective', 'enqueue', 'patience', 'target', 'improvement'],
  ...['select', 'candidates', 'seam', 'reinvest'],
  ...['jobs', 'pool', 'trialTimeoutMs', 'heapLimitMb', 'signal', 'optimization'],
  ...['onWarning', 'onStart', 'onProgress', 'onTrial', 'onCaches'],
] as const;

/**
 * Walk-forward: parameters are searched on a window of the past and traded on the bars after it, again and again through the data. What was traded, laid end to end,
 * is a record in which no parameter had seen the prices that it met.
 */
export class WalkForward<P extends ParameterMap, M> {
  readonly #strategy: Strategy<P, M>;
  readonly #options: WalkForwardOptions<P, M>;

  /** @throws UsageError for unknown options */
  constructor(strategy: Strategy<P, M>, options: WalkForwardOptions<P, M>) {
    rejectUnknownKeys('walkForward', options, KEYS);
    definitionOf(strategy as unknown as Strategy);
    this.#strategy = strategy;
    this.#options = options;
  }

  /**
   * Searches every window on the cores, chooses its parameters, and then trades the tests. Worker threads load the strategy by its file, as those of `optimize`
   * do; the result is the same for any number of workers.
   *
   * @throws UsageError for wrong options, and lengths that do not fit the data; RunError `EVERY_TRIAL_FAILED`, `INTERRUPTED`, `NOT_REPRODUCED`
   */
  async run(): Promise<WalkForwardResult<P>> {
    if (!isMainThread) {
      throw new UsageError('NESTED_SEARCH', {
        message:
          'walkForward() was called while a worker loads a strategy: put the strategy into a module of its own, apart from the program that searches it.',
      });
    }
    const begun = performance.now();
    const { objective } = this.#options;
    const compiled = await moduleOf(this.#strategy as unknown as Strategy, this.#options);
    const score = typeof objective === 'function' ? scorer<P, M>(objective as never) : undefined;
    const request = requestOf(this.#options as WalkForwardOptions<ParameterMap, unknown>);
    return runWalkForward<P>(this.#strategy, compiled, { ...request, score } as WalkForwardRequest<P>, begun);
  }
}

/** Runs a walk-forward: see {@link WalkForward.run}. */
export const walkForward = async <P extends ParameterMap, M>(
  strategy: Strategy<P, M>,
  options: WalkForwardOptions<P, M>,
): Promise<WalkForwardResult<P>> => new WalkForward(strategy, options).run();

/** The same for a strategy in a file. @throws UsageError as {@link WalkForward.run} does, and for a file that is no strategy */
export async function walkForwardOfFile(
  file: string,
  options: WalkForwardOptions<ParameterMap, unknown>,
): Promise<WalkForwardResult<ParameterMap>> {
  rejectUnknownKeys('walkForward', options, KEYS);
  const begun = performance.now();
  const compiled = await loadStrategy(file);
  return runWalkForward(compiled.strategy, compiled, { ...requestOf(options), score: undefined }, begun);
}

/** Returns a walk-forward's options with every one read. @throws UsageError `INVALID_OPTION`, `OUT_OF_RANGE` */
export function requestOf(
  options: WalkForwardOptions<ParameterMap, unknown>,
): Omit<WalkForwardRequest<ParameterMap>, 'score'> {
  const { train, validate, test, step, anchored, purge, embargo, windows, seam = 'close', reinvest = true } = options;
  if (seam !== 'close' && seam !== 'carry') {
    throw new UsageError('INVALID_OPTION', {
      message: `'seam' is 'close' or 'carry', not '${String(seam)}'.`,
      details: { option: 'seam', value: seam },
    });
  }
  const windowing = { train, validate, test, step, anchored, purge, embargo, windows };
  return { ...choosingOptions(options), windowing, seam, reinvest };
}

/** Returns the options of choosing parameters, whatever the windows. @throws UsageError `OUT_OF_RANGE` */
export function choosingOptions(
  options: Omit<WalkForwardOptions<ParameterMap, unknown>, keyof Windowing>,
): Omit<ChoosingRequest<ParameterMap>, 'score'> {
  const { bundle, symbols, start, end, frequency, ...others } = options;
  const [runOptions, search] = splitRunOptions(others);
  const { candidates = 10, select = 'best', study } = search;
  assertInteger('candidates', candidates, { min: 1 });
  return {
    ...search,
    market: { bundle, symbols, start, end, frequency },
    runOptions,
    search: search.search ?? 'auto',
    objective: (search.objective ?? 'sharpe') as ChoosingRequest<ParameterMap>['objective'],
    enqueue: search.enqueue as readonly GivenParams[] | undefined,
    seed: search.seed ?? foundSeed(study) ?? DEFAULT_SEED,
    folder: study,
    candidates,
    select,
  };
}

/** Seed of studies that name none: that of every study. */
const DEFAULT_SEED = 1;

/** The seed of the studies that a folder holds already. */
function foundSeed(folder: string | undefined): number | undefined {
  const path = folder === undefined ? undefined : join(folder, `${windowName(1)}.log`);
  if (path === undefined || !existsSync(path)) return undefined;
  const { seed } = readStudy(path).attrs;
  return typeof seed === 'number' ? seed : undefined;
}
