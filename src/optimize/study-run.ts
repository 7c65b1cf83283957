import { existsSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../core/errors.js';
import { checkKinds, LISTENER, type OptionKind, SIGNAL } from '../core/option-kind.js';
import { packageVersion } from '../core/version.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { Bundle, BundleHandle } from '../data/bundle.js';
import { CacheLedger, type CacheReport, reportCaches } from '../engine/cache-ledger.js';
import { hasRoom, type IndicatorSharing, ownIndicators, sharedIndicators } from '../engine/indicator-sharing.js';
import { type MarketOptions, openMarket } from '../engine/market.js';
import type { MarketView, ViewOptions } from '../engine/market-view.js';
import {
  type CacheFlag,
  type OptimizationConfig,
  type OptimizationSettings,
  settingsOf,
} from '../engine/optimization-config.js';
import type { ParameterMap } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import { type ResolvedRunOptions, resolveRunOptions } from '../engine/run-options.js';
import { sessionsPerYear } from '../engine/sessions-of-run.js';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { type CompiledStrategy, loadStrategy } from '../engine/strategy-loader.js';
import { METRIC_NAMES } from '../metrics/summary.js';
import { EphemeralPool } from '../parallel/ephemeral-pool.js';
import type { Executor } from '../parallel/executor.js';
import { InlineExecutor } from '../parallel/inline-executor.js';
import { resolveJobs } from '../parallel/jobs.js';
import { openExecutor } from '../parallel/open-executor.js';
import { PersistentWorkerPool } from '../parallel/persistent-worker-pool.js';
import { heapOptionOf } from '../parallel/pool-options.js';
import type { RecordingSink } from '../profiling/recorder.js';
import { type Conditions, resolveConditions } from './conditions.js';
import { marketShares } from './market-shares.js';
import { type MidwayStops, type MidwayTerms, resolveMidway, stopsOf } from './midway.js';
import {
  isMetricName,
  metricsOf,
  type Objective,
  type ResolvedObjective,
  refuseUnknownMetrics,
  resolveObjective,
  termsOf,
} from './objective.js';
import { openStudyOn } from './open-study.js';
import { recordedPruner } from './pruner-specification.js';
import { type KnownOutcomes, knownOutcomes, knownValues } from './reuse.js';
import type { SearchName } from './samplers/names.js';
import { checkSearch, configuredSearch, type Search } from './samplers/registry.js';
import type { Fidelity } from './samplers/sampler.js';
import { type SearchProgress as LoopProgress, prepareSearch, runSearch, type StopReason } from './search.js';
import {
  completeValues,
  readValues,
  SessionValues,
  type StudiedTrial,
  sessionValuesPath,
  type ValuesIdentity,
  valuesIdentity,
} from './session-values.js';
import { ParameterSpace } from './space.js';
import type { StopRules } from './stop-rules.js';
import type { Study } from './study.js';
import {
  type BundleIdentity,
  identityOf,
  refuseParts,
  type StrategyIdentity,
  type StudyRecord,
  studyRecordOf,
} from './study-record.js';
import type { TrialCounts } from './tally.js';
import type { CompleteTrial, FinishedTrial } from './trial.js';
import type { TrialSetup } from './trial-runner.js';
import { type WarmStart, warmPoints } from './warm-start.js';

/** Where and how long a search runs: none of it changes what the study holds, but for `timeoutMs` and `signal`, which cut it short. */
export interface SearchControl {
  /** Workers; -1 or undefined for all cores, 1 for none but this thread. */
  readonly jobs?: number | undefined;
  /**
   * Workers that live on after the search, ready and warm for the next one; whoever made the pool closes it. Takes the place of
   * `jobs` and `heapLimitMb`. @defaultValue workers of the search's own, which end with it
   */
  readonly pool?: Executor | undefined;
  /** Starts no trial after so many milliseconds. */
  readonly timeoutMs?: number | undefined;
  /**
   * Fails a trial that takes longer; with one job it is judged when the trial ends. A worker that takes longer, and at least ten seconds, to load the
   * strategy ends the search.
   */
  readonly trialTimeoutMs?: number | undefined;
  /** Heap of a worker in MiB; a trial that needs more fails. @defaultValue Node's own */
  readonly heapLimitMb?: number | undefined;
  /**
   * Whether a small search begins with one of its workers, and the others follow if it takes its time: several would each compile the same code, and be
   * ready when one is done. @defaultValue false: all at once, and the search begins when they are ready
   */
  readonly growing?: boolean | undefined;
  /** Takes what the search's own workers record of themselves; see Profiler. @defaultValue none: nothing is recorded */
  readonly profile?: RecordingSink | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Which caches, pools and shared memory are used. @defaultValue `OptimizationConfig.fromDefaults()`: all, but for what the environment
   * switches off
   */
  readonly optimization?: OptimizationConfig | undefined;
  /** Hears, when the search has ended, what each flag of `optimization` chose, and how often it helped. @defaultValue nothing is counted */
  readonly onCaches?: ((reports: readonly CacheReport[]) => void) | undefined;
  /** Hears what the user should be told before the search begins. */
  readonly onWarning?: ((message: string) => void) | undefined;
  /** Called once, when workers are ready and the first trial is about to start. */
  readonly onStart?: ((start: SearchStart) => void) | undefined;
  readonly onProgress?: ((progress: SearchProgress) => void) | undefined;
  readonly onTrial?: ((trial: FinishedTrial<ParameterMap>) => void) | undefined;
  /** Called with what was found while the search's workers are still there, for work that follows. */
  readonly onFound?: ((report: StudyReport, executor: Executor) => Promise<void>) | undefined;
  /**
   * Bytes of account values, one for each trial and session, to keep for statistics over all trials: in memory, and beside a study in a
   * file. Where they are more, an even pick of the trials is kept. @defaultValue 0: nothing is kept
   */
  readonly sessionValueBytes?: number | undefined;
}

/** A search as it begins. */
export interface SearchStart {
  readonly workers: number;
  /** Trials that ended in earlier sessions of the study. */
  readonly found: number;
  readonly total: number | undefined;
}

/** How far a search is. */
export interface SearchProgress {
  /** Trials that ended, those of earlier sessions included. */
  readonly done: number;
  /** Of these, trials that ended in earlier sessions. */
  readonly found: number;
  /** Trials of the whole study; undefined when nobody knows. */
  readonly total: number | undefined;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  readonly best: { readonly number: number; readonly value: number; readonly params: GivenParams } | undefined;
  /** Since the first trial was about to start. */
  readonly elapsedMs: number;
  readonly workers: { readonly busy: number; readonly total: number };
}

/** What to search. */
export interface SearchRequest extends SearchControl, StopRules, MidwayStops, Conditions {
  /** A strategy's file. */
  readonly file: string;
  readonly market: MarketOptions & Pick<ViewOptions, 'rows'>;
  readonly search: SearchName | Search;
  /** At most so many trials. @defaultValue as many as the search has */
  readonly trials?: number | undefined;
  /** Metrics; of ours or of the strategy's `analyze`. @defaultValue 'sharpe' */
  readonly objective?: Exclude<Objective, (result: never) => number> | ResolvedObjective | undefined;
  /** @defaultValue 1, or that of the study in the file */
  readonly seed?: number | undefined;
  /** The study's journal; what is there already goes on. @defaultValue none: in memory */
  readonly study?: string | undefined;
  /** Points to try first. @defaultValue none */
  readonly enqueue?: readonly GivenParams[] | undefined;
  /** Another study whose best points are tried next, see {@link WarmStart}. @defaultValue none */
  readonly warmStart?: WarmStart | undefined;
  /**
   * Earlier studies of the same strategy, bundle, dates, costs and objective: trials over all of the data that one of them has evaluated are not evaluated again, but have its outcome.
   * @defaultValue none
   */
  readonly reuse?: readonly string[] | undefined;
  /** Whether the study's own file names them: one that is gone or has changed since is then a warning, for its trials can be run. @defaultValue false */
  readonly reuseRecorded?: boolean | undefined;
}

/** What a search found. */
export interface StudyReport {
  readonly study: {
    readonly name: string;
    readonly path: string | undefined;
    readonly seed: number;
    readonly search: SearchName;
    /** Why this search; undefined where the user named it. */
    readonly searchReason: string | undefined;
  };
  readonly strategy: StrategyIdentity;
  readonly bundle: BundleIdentity;
  /** Bars of the bundle, over all of its assets. */
  readonly bundleRows: number;
  readonly objective: ResolvedObjective;
  readonly space: ParameterSpace;
  /** Whether a trial may have been pruned before the end of its run, or for a limit that its account broke. */
  readonly prunes: boolean;
  readonly trials: TrialCounts;
  readonly best: CompleteTrial<ParameterMap> | undefined;
  /** Best first, by the first objective. */
  readonly top: readonly CompleteTrial<ParameterMap>[];
  /** Of several objectives the trials that no other one beats in all of them, by number; of one the best. */
  readonly front: readonly CompleteTrial<ParameterMap>[];
  readonly workers: number;
  /** From the first lease to the last result: workers are ready, the bundle is open. */
  readonly seconds: number;
  /** What came before: compiling, opening, starting workers. */
  readonly startupSeconds: number;
  /** Trials that ended in this session. */
  readonly trialsRun: number;
  /** Of these. */
  readonly trialsPerSecond: number;
  /** Of these, trials whose outcome was taken over from another study. */
  readonly takenOver: number;
  readonly stopped: StopReason;
  /** Iterates over all ended trials by number. */
  readonly allTrials: () => AsyncIterable<FinishedTrial<ParameterMap>>;
  /** Account values of the trials and of the best one; undefined where none were asked for, or the search was interrupted. */
  readonly sessionValues: SessionValues | undefined;
  /** Sessions that make a year. */
  readonly sessionsPerYear: number;
}

/**
 * Searches a strategy's parameters. With a study file, what it holds goes on where it ended.
 *
 * @throws UsageError for wrong options, files, names; RunError when every trial failed or the machine did
 */
export async function searchStrategy(request: SearchRequest): Promise<StudyReport> {
  const begun = performance.now();
  await using own = openWorkers(request);
  // A thread starts and loads the engine while this one compiles the strategy and opens the bundle.
  if (own instanceof PersistentWorkerPool) own.begin(1, runnerUrl(own));
  const compiled = await loadStrategy(request.file);
  const { study, report } = await searchLoaded(compiled.strategy, compiled, request, begun, own);
  // A finished study in a file is read from the file; one in memory is kept for whoever iterates.
  if (study.path !== undefined) await study.close();
  return report;
}

/**
 * Goes on with a study where its file ends, with the strategy, the bundle and the options that it was begun with.
 *
 * @param study its file, or the study as it was read from there
 * @throws UsageError `STUDY_MISMATCH` when strategy or bundle have changed since
 */
export async function resumeStudy(study: string | StudyRecord, control: SearchControl = {}): Promise<StudyReport> {
  const { path, facts } = studyRecordOf(study);
  refuseParts(path, facts);
  return searchStrategy({
    ...control,
    ...facts.rules,
    ...stopsOf(facts.midway),
    prune: recordedPruner(facts.pruner),
    file: facts.strategyFile,
    market: { ...facts.view, ...facts.run, bundle: `${facts.bundleName}@${facts.bundleVersion}` },
    search: facts.searchSettings === undefined ? facts.search : configuredSearch(facts.search, facts.searchSettings),
    objective: facts.objective,
    trials: facts.trials ?? undefined,
    study: path,
    reuse: facts.reuse?.map((file) => whereabouts(file, path)),
    reuseRecorded: true,
  });
}

/** Returns where a file lies that a study names: where it was, or beside the study, where both were moved. */
function whereabouts(file: string, study: string): string {
  const beside = join(dirname(resolve(study)), basename(file));
  return !existsSync(file) && existsSync(beside) ? beside : file;
}

const TIME: OptionKind = {
  takes: 'a number of milliseconds above 0',
  accepts: (value) => typeof value === 'number' && value > 0,
};

/** Options that would fail later, or not at all, and then say less. */
const KINDS: Readonly<Record<string, OptionKind>> = {
  study: { takes: "the path of the study's file", accepts: (value) => typeof value === 'string' },
  enqueue: {
    takes: 'a list of points, each the values of its parameters by name',
    accepts: (value) => Array.isArray(value) && value.every((point) => typeof point === 'object' && point !== null),
  },
  reuse: {
    takes: "a list of files of studies, such as ['old.log']",
    accepts: (value) => Array.isArray(value) && value.every((path) => typeof path === 'string' && path !== ''),
  },
  pool: {
    takes: 'an executor such as a PersistentWorkerPool',
    accepts: (value) => typeof (value as Partial<Executor> | null)?.run === 'function',
  },
  signal: SIGNAL,
  timeoutMs: TIME,
  trialTimeoutMs: TIME,
  ...{ onWarning: LISTENER, onStart: LISTENER, onProgress: LISTENER, onTrial: LISTENER, onCaches: LISTENER },
};

/**
 * Runs the search of a strategy that is loaded. The study stays open.
 *
 * @param opened the search's own workers, which the caller closes. @defaultValue opened and closed here
 */
export async function searchLoaded<P extends ParameterMap>(
  strategy: Strategy<P, unknown>,
  compiled: CompiledStrategy | undefined,
  request: Omit<SearchRequest, 'file' | 'objective'> & {
    readonly objective?: Parameters<typeof resolveObjective>[0] | undefined;
    readonly score?: TrialSetup['score'];
  },
  begun: number,
  opened?: Executor,
): Promise<{ readonly study: Study<P>; readonly report: StudyReport }> {
  checkKinds(request, KINDS);
  checkSearch(request.search);
  const { bundle: source, symbols, start, end, rows, frequency, ...runOptions } = request.market;
  const view: ViewOptions = { symbols, start, end, rows, frequency };
  const definition = definitionOf(strategy as unknown as Strategy);
  const run = resolveRunOptions(runOptions, definition.costs);
  const objective = {
    ...resolveObjective(request.objective === undefined ? 'sharpe' : request.objective),
    ...resolveConditions(request),
  };
  refuseUnknownMetrics(objective, definition, run, request.score && objective.metric);
  const { warning } = resolveJobs(request.pool?.workers ?? request.jobs);
  if (warning !== undefined) request.onWarning?.(warning);
  const optimization = settingsOf(request.optimization);
  const ledger = CacheLedger.create(request.onCaches !== undefined);
  using market = openMarket({ bundle: source, ...view }, optimization, ledger);
  const { bundle } = market.view;
  const space = new ParameterSpace(strategy.parameters, definition.constraint as never);
  const midway = resolveMidway(request, objective, request.score !== undefined);
  const trialBars = market.view.assets.length * (market.view.to - market.view.from);
  const { patience, target, improvement, warmStart } = request;
  const warm = warmStart === undefined ? undefined : warmPoints(space, warmStart);
  if (warm?.left !== undefined) request.onWarning?.(leftText(warmStart!, warm.left));
  const isNew = request.study !== undefined && !existsSync(request.study);
  const directions = termsOf(objective).map(({ direction }) => direction);
  const identity = {
    strategySourceHash: compiled?.sourceHash ?? 'in memory',
    bundleVersion: bundle.version,
    view: plain(view),
    run: plain(run),
    objective,
  };
  const reuse = request.reuse?.map((path) => resolve(path));
  const known =
    request.reuse === undefined
      ? undefined
      : knownOutcomes({
          studies: request.reuse,
          onUnusable: request.reuseRecorded === true ? unusable(request) : undefined,
          space: space as unknown as ParameterSpace,
          directions,
          identity,
          midway,
          compiled,
          isScored: request.score !== undefined,
        });
  const study = (await openStudyOn({
    space,
    search: request.search,
    path: request.study,
    known,
    directions,
    seed: request.seed,
    trials: request.trials,
    trialBars,
    market: marketShares(market.view),
    pruner: request.prune,
    enqueue: [...(request.enqueue ?? []), ...(warm?.points ?? [])] as never,
    identity: { ...identity, midway },
    facts: {
      strategyFile: compiled?.path ?? null,
      strategyName: compiled?.name ?? null,
      bundleName: bundle.name,
      synthetic: bundle.manifest.synthetic === true,
      trials: request.trials ?? null,
      rules: plain({ patience, target, improvement }),
      warmStart,
      reuse,
      versions: { hindcast: packageVersion(), node: process.version },
    },
  })) as Study<P>;
  if (!isNew && reuse !== undefined && request.reuseRecorded !== true) study.note('reuse', reuse);
  let release: (() => Promise<void>) | undefined;
  try {
    await using own = opened === undefined ? openWorkers(request) : undefined;
    const executor = opened ?? own ?? request.pool!;
    const isInline = executor instanceof InlineExecutor;
    const setup = trialSetup({
      strategy: strategy as unknown as Strategy,
      compiled,
      bundle,
      view,
      run,
      objective,
      score: request.score,
      seed: study.seed,
      isInline,
      fidelity: study.sampler.budgets?.fidelity,
      midway,
      optimization,
      ledger,
      kept: request.pool,
    });
    const values = keepValues(study, market.view, request);
    const job = {
      key: `study ${study.name} (${++searches})`,
      module: runnerUrl(executor),
      subject: compiled?.path,
      setup: { ...setup, sessionValues: values?.handle },
    };
    // What is our own ends with its workers.
    if (request.pool !== undefined) release = () => executor.release(job.key);
    const found = study.counts.total;
    const total = Number.isFinite(study.expected) ? study.expected : undefined;
    const isSmall = (study.expected - found) * trialBars <= SMALL_SEARCH;
    // A profile shows all workers, or it would show another search.
    const grows = request.growing === true && isSmall && request.profile === undefined;
    const limits = {
      signal: request.signal,
      taskTimeoutMs: request.trialTimeoutMs,
      startWith: grows ? 1 : undefined,
    };
    if (await prepareSearch(executor, job, limits)) request.onStart?.({ workers: executor.workers, found, total });
    const started = performance.now();
    const summary = await runSearch({
      study,
      executor,
      job,
      patience,
      target,
      improvement,
      timeoutMs: request.timeoutMs,
      ...limits,
      onTrial: request.onTrial as ((trial: FinishedTrial<P>) => void) | undefined,
      onProgress: progressListener(request, executor, found, started),
    });
    const isWhole = values !== undefined && summary.stopped !== 'interrupted';
    if (isWhole) {
      const identityOf = (seed: number): ValuesIdentity =>
        valuesIdentity({ ...compiled, bundle, view, run, seed, space });
      await seeToValues({ values, study, isNew, known, identityOf, executor, setup, request });
    }
    const { onWarning, onCaches } = request;
    tellCaches({ ledger, optimization, bundle, executor, isOwn: request.pool === undefined, onWarning, onCaches });
    const report: StudyReport = {
      study: {
        name: study.name,
        path: study.path,
        seed: study.seed,
        search: study.sampler.name,
        searchReason: study.searchReason,
      },
      strategy: {
        name: compiled?.name ?? 'strategy',
        file: compiled?.path,
        sourceHash: compiled?.sourceHash ?? 'in memory',
      },
      bundle: identityOf(bundle),
      bundleRows: rowsOf(bundle),
      objective,
      space: space as unknown as ParameterSpace,
      prunes: midway !== undefined,
      trials: summary.counts,
      best: summary.best as CompleteTrial<ParameterMap> | undefined,
      top: study.top as readonly CompleteTrial<ParameterMap>[],
      front: study.front as readonly CompleteTrial<ParameterMap>[],
      workers: executor.workers,
      seconds: summary.seconds,
      startupSeconds: (started - begun) / 1000,
      trialsRun: summary.evaluated,
      trialsPerSecond: summary.seconds > 0 ? summary.evaluated / summary.seconds : 0,
      takenOver: study.takenOver,
      stopped: summary.stopped,
      allTrials: () => study.trials() as AsyncIterable<FinishedTrial<ParameterMap>>,
      sessionValues: isWhole ? values : undefined,
      sessionsPerYear: sessionsPerYear(market.view, run),
    };
    await request.onFound?.(report, executor);
    return { study, report };
  } catch (error) {
    await study.close();
    // What cannot be searched as it was asked for leaves no file in the way of the corrected command.
    if (isNew && error instanceof UsageError && study.best === undefined) rmSync(request.study!, { force: true });
    throw error;
  } finally {
    await release?.();
  }
}

const rowsOf = ({ groups }: Bundle): number =>
  groups.reduce((sum, { listings }) => sum + listings.reduce((rows, { first, end }) => rows + end - first, 0), 0);

/** What runs trials in a place of execution: from the sources in this thread, built in others. */
const runnerUrl = (executor: Executor): string =>
  executor instanceof InlineExecutor
    ? import.meta.resolve('./trial-runner.js')
    : workerEntry(import.meta.url, './trial-runner.js').href;

const leftText = (
  { study }: WarmStart,
  { count, trial, reason }: NonNullable<ReturnType<typeof warmPoints>['left']>,
): string =>
  `${count} of the better trials of ${study} ${count === 1 ? 'is no point' : 'are no points'} of this space and ${count === 1 ? 'was' : 'were'} left out; trial ${trial}: ${reason}`;

const unusable =
  ({ onWarning }: SearchControl) =>
  (path: string, reason: string): void =>
    onWarning?.(`Nothing is taken over from ${path} any more, so trials that it knew run: ${reason}`);

/** Searches begun in this thread: two on one pool may have studies of the same name. */
let searches = 0;

/** Takes the account values that are kept of a study's trials, makes the others, and keeps them beside the study, where it has a file. */
async function seeToValues<P extends ParameterMap>(parts: {
  readonly values: SessionValues;
  readonly study: Study<P>;
  readonly isNew: boolean;
  readonly known: KnownOutcomes | undefined;
  readonly identityOf: (seed: number) => ValuesIdentity;
  readonly executor: Executor;
  readonly setup: TrialSetup;
  readonly request: SearchControl;
}): Promise<void> {
  const { values, study, isNew, known, identityOf, executor, setup, request } = parts;
  const path = study.path === undefined ? undefined : sessionValuesPath(study.path);
  const identity = identityOf(study.seed);
  // What lies beside a study that has only begun is none of its own.
  const own = path === undefined || isNew ? undefined : readValues(path, identity, values.sessions);
  const elsewhere = known && knownValues(known, identityOf, values.sessions);
  const kept = await completeValues({
    values,
    trials: studied(study),
    best: study.best?.number,
    kept: (trial) => own?.(trial) ?? elsewhere?.(trial),
    executor,
    setup,
  });
  if (path !== undefined) saveValues(request, path, () => values.save(path, identity, kept));
}

/** Writes account values beside the study. They can be made again, so a full disk is no reason to lose what was found. */
function saveValues({ onWarning }: SearchControl, path: string, save: () => void): void {
  try {
    save();
  } catch (error) {
    onWarning?.(
      `Cannot keep the trials' account values in ${path}: ${(error as Error).message}. They will be made again when asked for.`,
    );
  }
}

function keepValues<P extends ParameterMap>(
  study: Study<P>,
  view: MarketView,
  { sessionValueBytes = 0 }: SearchControl,
): SessionValues | undefined {
  return sessionValueBytes > 0 ? SessionValues.over(view, study.expected, sessionValueBytes) : undefined;
}

/** A study's trials with their parameters in the flat form. */
async function* studied<P extends ParameterMap>(study: Study<P>): AsyncGenerator<StudiedTrial> {
  for await (const trial of study.trials()) {
    yield { number: trial.number, params: study.space.toFlat(trial.params), ending: trial };
  }
}

/** Bars of all trials together up to which a search is small: a tenth of a second of compiled code. */
const SMALL_SEARCH = 4e6;

/** Opens a search's own workers; undefined where the caller gave a pool. */
function openWorkers({ pool, jobs, profile, optimization, ...control }: SearchControl): Executor | undefined {
  if (pool !== undefined) return undefined;
  return openExecutor({
    workers: resolveJobs(jobs).workers,
    persistent: settingsOf(optimization).persistentPool,
    ...heapOptionOf(control),
    ...(profile === undefined ? {} : { profile }),
  });
}

/** Warns of caches that failed, and reports what all of them did. */
export function tellCaches(parts: {
  readonly ledger: CacheLedger;
  readonly optimization: OptimizationSettings;
  readonly bundle: Bundle;
  readonly executor: Executor;
  /** Whether the executor was opened for this search. */
  readonly isOwn: boolean;
  readonly onWarning?: SearchControl['onWarning'];
  readonly onCaches?: SearchControl['onCaches'];
}): void {
  const { ledger, optimization, bundle, executor, isOwn, onWarning, onCaches } = parts;
  for (const warning of ledger.warnings()) onWarning?.(warning);
  if (onCaches === undefined) return;
  const isInline = executor instanceof InlineExecutor;
  if (executor instanceof PersistentWorkerPool) {
    ledger.add('persistentPool', 'loads', executor.statistics().threadsStarted);
  }
  const chosen: Partial<Record<CacheFlag, string>> = {
    sharedBundle: isInline ? bundle.sharing : handleFor(bundle, optimization).sharing,
    persistentPool: isOwn || isInline ? poolName(executor) : `${poolName(executor)} of the caller`,
    ...(optimization.indicatorCache && !isInline ? { indicatorCache: 'SharedIndicators' } : {}),
  };
  onCaches(reportCaches(ledger, optimization, bundle.name, chosen));
}

function poolName(executor: Executor): string {
  if (executor instanceof InlineExecutor) return 'this thread';
  if (executor instanceof EphemeralPool) return 'EphemeralPool';
  return executor instanceof PersistentWorkerPool ? 'PersistentWorkerPool' : 'an executor';
}

/** Returns what a worker opens a bundle by; memory that is shared already stays so, for no file need be left to copy. */
const handleFor = ({ handle }: Bundle, { sharedBundle }: OptimizationSettings): BundleHandle =>
  sharedBundle || handle.sharing === 'shared' ? handle : { ...handle, sharing: 'copied' };

/** Returns what workers, or this thread, run a study's trials with. @throws UsageError `STRATEGY_WITHOUT_MODULE`, `OBJECTIVE_IN_ONE_THREAD` */
export function trialSetup(parts: {
  readonly strategy: Strategy;
  readonly compiled: CompiledStrategy | undefined;
  readonly bundle: Bundle;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly objective: ResolvedObjective;
  readonly score: TrialSetup['score'];
  readonly seed: number;
  readonly isInline: boolean;
  readonly fidelity?: Fidelity | undefined;
  readonly midway?: MidwayTerms | undefined;
  readonly optimization: OptimizationSettings;
  readonly ledger: CacheLedger;
  /** Whose threads live on after the search: what they computed is kept for the next search of the same strategy. @defaultValue nothing is kept */
  readonly kept?: Executor | undefined;
}): TrialSetup {
  const { strategy, compiled, bundle, view, run, objective, score, seed, isInline, fidelity, optimization } = parts;
  const { require: _ofWholeRuns, ...ranking } = objective;
  const unmeasured =
    score === undefined ? metricsOf(ranking).find((metric) => !isMetricName(metric)) : objective.metric;
  if (fidelity?.part === 'windows' && unmeasured !== undefined) {
    throw new UsageError('WINDOWS_NEED_A_METRIC', {
      message: `'${unmeasured}' is measured on one run, and windows of the data are several. Let a share of the data be its first bars, fewer symbols or longer bars (--part start, symbols, frequency), or choose one of ${METRIC_NAMES.join(', ')}.`,
      details: { objective: unmeasured },
    });
  }
  const { midway } = parts;
  const common = { view, run, objective, seed, fidelity, midway, optimization, ledger: parts.ledger.handle };
  const { indicatorCache } = optimization;
  if (isInline) return { ...common, strategy, bundle, score, indicators: ownIndicators(indicatorCache) };
  if (compiled === undefined) {
    throw new UsageError('STRATEGY_WITHOUT_MODULE', {
      message:
        'Worker threads load a strategy by its file. Make it the default export of a module of its own and declare `module: import.meta.url` in it, or search with jobs: 1.',
    });
  }
  if (score !== undefined) {
    throw new UsageError('OBJECTIVE_IN_ONE_THREAD', {
      message:
        'A function cannot travel to worker threads. Return the value from analyze and name it as the objective, or search with jobs: 1.',
    });
  }
  const indicators = indicatorCache ? sharedOn(parts.kept, compiled) : ownIndicators(false);
  const { url, path } = compiled;
  return { ...common, strategy: { url, path }, bundle: handleFor(bundle, optimization), indicators };
}

/** Columns that the threads of an executor share from search to search, until another strategy comes or half of the memory is taken. */
const keptColumns = new WeakMap<
  Executor,
  { readonly sourceHash: string; readonly indicators: ReturnType<typeof sharedIndicators> }
>();

/**
 * Returns the memory in which threads share indicator columns. A column is known by its data and by the indicator's own source, but not by what that
 * source may refer to in its module: so another strategy gets memory of its own.
 */
function sharedOn(kept: Executor | undefined, { sourceHash }: CompiledStrategy): IndicatorSharing {
  const known = kept === undefined ? undefined : keptColumns.get(kept);
  if (known?.sourceHash === sourceHash && hasRoom(known.indicators.arena)) return known.indicators;
  const indicators = sharedIndicators();
  if (kept !== undefined) keptColumns.set(kept, { sourceHash, indicators });
  return indicators;
}

function progressListener<P extends ParameterMap>(
  { onProgress }: SearchControl,
  executor: Executor,
  found: number,
  started: number,
): ((progress: LoopProgress<P>) => void) | undefined {
  if (onProgress === undefined) return undefined;
  const { workers } = executor;
  return ({ counts, total, best }) =>
    onProgress({
      done: counts.total,
      found,
      total,
      complete: counts.complete,
      pruned: counts.pruned,
      failed: counts.failed,
      // Getters: a listener that draws ten times a second asks for them ten times a second, not a hundred thousand.
      get best() {
        return best && { number: best.number, value: best.values[0], params: best.params as GivenParams };
      },
      get elapsedMs() {
        return performance.now() - started;
      },
      get workers() {
        return { busy: executor.activity().length, total: workers };
      },
    });
}

/** The same without keys whose value is undefined: what JSON keeps. */
export function plain<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
