import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { countText } from '../core/decimal-text.js';
import { RunError, UsageError } from '../core/errors.js';
import { packageVersion } from '../core/version.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { CacheLedger } from '../engine/cache-ledger.js';
import type { MarketView, ViewOptions } from '../engine/market-view.js';
import type { OptimizationSettings } from '../engine/optimization-config.js';
import type { ParameterMap } from '../engine/parameters.js';
import type { GivenParams } from '../engine/params.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { Strategy } from '../engine/strategy.js';
import type { CompiledStrategy } from '../engine/strategy-loader.js';
import { INTRADAY_MS } from '../market/bar-axis.js';
import type { Frequency } from '../market/bars.js';
import { marketShares } from '../optimize/market-shares.js';
import type { ResolvedObjective } from '../optimize/objective.js';
import { openStudyOn } from '../optimize/open-study.js';
import type { SearchName } from '../optimize/samplers/names.js';
import type { Search } from '../optimize/samplers/registry.js';
import { prepareSearch, runSearch, type TrialResult } from '../optimize/search.js';
import type { FlatParams, ParameterSpace } from '../optimize/space.js';
import type { StopRules } from '../optimize/stop-rules.js';
import type { Study } from '../optimize/study.js';
import { plain, trialSetup } from '../optimize/study-run.js';
import type { TrialCounts } from '../optimize/tally.js';
import type { FinishedTrial } from '../optimize/trial.js';
import type { TrialSetup } from '../optimize/trial-runner.js';
import type { Executor, Job } from '../parallel/executor.js';
import { InlineExecutor } from '../parallel/inline-executor.js';
import { runBatch } from '../parallel/task-source.js';
import { labels } from './out-of-sample.js';
import { averageParams, type Candidate, type RankedTrial, rankTrials, type Selection } from './selection.js';
import type { RowRange } from './span.js';
import { WindowExecutor } from './window-executor.js';
import type { WindowSetup, WindowTask } from './window-runner.js';
import type { Window } from './windows.js';

/** How the windows of a run are searched. */
export interface WindowSearch<P extends ParameterMap> extends StopRules {
  readonly strategy: Strategy<P, unknown>;
  readonly compiled: CompiledStrategy | undefined;
  readonly space: ParameterSpace<P>;
  readonly view: MarketView;
  /** Symbols of the run, as they were asked for. */
  readonly symbols: readonly string[] | undefined;
  /** Length of its bars, as it was asked for. */
  readonly frequency: Frequency | undefined;
  readonly run: ResolvedRunOptions;
  readonly optimization: OptimizationSettings;
  readonly ledger: CacheLedger;
  readonly objective: ResolvedObjective;
  readonly score: TrialSetup['score'];
  readonly windows: readonly Window[];
  readonly search: SearchName | Search;
  readonly trials: number | undefined;
  readonly seed: number;
  readonly enqueue: readonly GivenParams[] | undefined;
  /** Folder of the journals, one a window. @defaultValue none: in memory */
  readonly folder: string | undefined;
  readonly selection: Selection;
  /** Best trials of the training that the validation judges. */
  readonly candidates: number;
  readonly executor: Executor;
  readonly signal: AbortSignal | undefined;
  readonly trialTimeoutMs: number | undefined;
  readonly onStart: (() => void) | undefined;
  readonly onTrial: ((window: number, trial: FinishedTrial<P>) => void) | undefined;
  /** Called after each trial, with what all windows together have done. */
  readonly onProgress: ((progress: WindowProgress) => void) | undefined;
}

/** How far the search of all windows is. */
export interface WindowProgress {
  readonly counts: TrialCounts;
  /** Trials that ended in earlier sessions. */
  readonly found: number;
  /** Trials of all windows; undefined when nobody knows. */
  readonly total: number | undefined;
  /** Windows whose parameters are chosen. */
  readonly chosen: number;
}

/** What a window's search led to. */
export interface Choice {
  readonly trials: TrialCounts;
  readonly search: SearchName;
  readonly seed: number;
  /** Undefined when no trial has a value. */
  readonly params: FlatParams | undefined;
  /** The trial with these parameters; undefined for an average that is none of them. */
  readonly trial: RankedTrial | undefined;
  /** Value of the objective on the validation, of the trial or the mean over those averaged; undefined without one. */
  readonly validated: number | undefined;
  readonly orderStreamHash: string | undefined;
}

/** A search of all windows as it ended. */
export interface WindowChoices {
  /** One a window. */
  readonly choices: readonly Choice[];
  /** From the first trial that was about to start to the last choice. */
  readonly seconds: number;
}

/** Walk-forwards begun in this thread: two on one pool must not share a job. */
let searches = 0;

/**
 * Searches the windows and chooses parameters for each, several windows at a time on one executor. Nothing here reads a row of a test.
 *
 * @throws UsageError as {@link openStudyOn} does; RunError `EVERY_TRIAL_FAILED`, `INTERRUPTED`, and what an executor rejects with
 */
export async function searchWindows<P extends ParameterMap>(search: WindowSearch<P>): Promise<WindowChoices> {
  const { windows, executor, onStart } = search;
  makeFolder(search.folder);
  const job = jobOf(search);
  const controller = new AbortController();
  const stop = (): void => controller.abort(search.signal?.reason);
  search.signal?.addEventListener('abort', stop, { once: true });
  if (search.signal?.aborted === true) stop();
  try {
    const limits = { signal: search.signal, taskTimeoutMs: search.trialTimeoutMs };
    if (await prepareSearch(executor, job, limits)) onStart?.();
    const started = performance.now();
    const tally = new ProgressTally(windows.length, search.onProgress);
    const choices = new Array<Choice>(windows.length);
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < windows.length && !controller.signal.aborted) {
        const index = next++;
        choices[index] = await searchWindow(search, job, index, controller.signal, tally);
      }
    };
    // As many windows at a time as there are workers: one alone keeps none of them busy at its end.
    const lanes = Array.from({ length: Math.min(executor.workers, windows.length) }, work);
    for (const lane of lanes) lane.catch(() => controller.abort());
    const ended = await Promise.allSettled(lanes);
    const failures = ended.flatMap((lane) => (lane.status === 'rejected' ? [lane.reason as unknown] : []));
    if (search.signal?.aborted === true) throw interrupted(search, tally);
    // Of several, the one that was the cause rather than told to stop.
    if (failures.length > 0) throw failures.find((error) => codeOf(error) !== 'INTERRUPTED') ?? failures[0];
    return { choices, seconds: (performance.now() - started) / 1000 };
  } finally {
    search.signal?.removeEventListener('abort', stop);
    await executor.release(job.key);
  }
}

async function searchWindow<P extends ParameterMap>(
  search: WindowSearch<P>,
  job: Job,
  index: number,
  signal: AbortSignal,
  tally: ProgressTally,
): Promise<Choice> {
  const { executor, patience, target, improvement } = search;
  await using study = await openWindowStudy(search, index);
  tally.open(index, study);
  const summary = await runSearch({
    study,
    executor: new WindowExecutor(executor, index),
    job,
    patience,
    target,
    improvement,
    signal,
    taskTimeoutMs: search.trialTimeoutMs,
    onTrial: search.onTrial === undefined ? undefined : (trial) => search.onTrial!(index + 1, trial),
    onProgress: () => tally.tell(),
  });
  if (summary.stopped === 'interrupted') throw new RunError('INTERRUPTED', { message: 'The search was stopped.' });
  await refuseAllFailed(study, index + 1);
  const choice = await choose(search, job, index, study, signal);
  tally.chose();
  return choice;
}

async function choose<P extends ParameterMap>(
  { selection, candidates, executor, space, windows, objective }: WindowSearch<P>,
  job: Job,
  index: number,
  study: Study<P>,
  signal: AbortSignal,
): Promise<Choice> {
  const facts = { trials: study.counts, search: study.sampler.name, seed: study.seed };
  const { direction } = objective;
  const trials = await candidatesOf(study, selection);
  let ranked = rankTrials(trials, space, direction, selection);
  const values = new Map<number, number>();
  if (windows[index]!.validate !== undefined) {
    const judged = ranked.slice(0, candidates);
    const tasks = judged.map(({ number, params }): WindowTask => {
      return { number, params, budget: 1, window: index, part: 'validate' };
    });
    const outcomes = await runBatch<WindowTask, TrialResult>(executor, job, tasks, { signal });
    for (const [at, outcome] of outcomes.entries()) {
      if (outcome.state === 'done' && outcome.value.state === 'complete') {
        values.set(judged[at]!.number, outcome.value.values[0]);
      }
    }
    const sign = direction === 'maximize' ? -1 : 1;
    // A candidate that has no value on the validation comes last; the sort keeps the order of the training among equals.
    const rank = ({ number }: RankedTrial): number => sign * (values.get(number) ?? Number.NaN);
    ranked = [...judged].sort((a, b) => {
      const [left, right] = [rank(a), rank(b)];
      return Number.isNaN(left) || Number.isNaN(right)
        ? Number(Number.isNaN(left)) - Number(Number.isNaN(right))
        : left - right;
    });
  }
  const chosen = ranked.slice(0, selection.rule === 'average' ? selection.count : 1);
  if (chosen.length === 0) {
    return { ...facts, params: undefined, trial: undefined, validated: undefined, orderStreamHash: undefined };
  }
  const flat = averageParams(
    chosen.map(({ params }) => params),
    space as unknown as ParameterSpace,
  );
  const key = space.keyOf(flat);
  const trial = chosen.find(({ params }) => space.keyOf(params) === key);
  const known = (trial === undefined ? chosen : [trial]).flatMap(({ number }) => values.get(number) ?? []);
  return {
    ...facts,
    params: flat,
    trial,
    validated: known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length,
    orderStreamHash: trials.find(({ number }) => number === trial?.number)?.ending.orderStreamHash,
  };
}

/** The trials that a rule has to look at: the best ones, which the study holds, or all. */
async function candidatesOf<P extends ParameterMap>(study: Study<P>, { rule }: Selection): Promise<Candidate[]> {
  const flat = (trial: FinishedTrial<P>): Candidate => ({
    number: trial.number,
    params: study.space.toFlat(trial.params),
    ending: trial,
  });
  if (rule !== 'plateau') return study.top.map(flat);
  const all: Candidate[] = [];
  for await (const trial of study.trials()) all.push(flat(trial));
  return all;
}

async function openWindowStudy<P extends ParameterMap>(search: WindowSearch<P>, index: number): Promise<Study<P>> {
  const { compiled, view, run, objective, windows, folder, space, selection, candidates } = search;
  const { bundle } = view;
  const { number, train, validate, test } = windows[index]!;
  const name = windowName(number);
  const { patience, target, improvement } = search;
  const spans = (ranges: readonly RowRange[]): string => ranges.map((range) => spanText(view, range)).join(', ');
  const study = await openStudyOn({
    space,
    search: search.search,
    path: folder === undefined ? undefined : join(folder, `${name}.log`),
    name,
    directions: [objective.direction],
    seed: search.seed,
    trials: search.trials,
    market: marketShares(view),
    enqueue: search.enqueue as never,
    topSize: Math.max(50, selection.count, candidates),
    identity: {
      strategySourceHash: compiled?.sourceHash ?? 'in memory',
      bundleVersion: bundle.version,
      view: plain(viewOptions(search, train)),
      run: plain(run),
      objective,
      train: spans(train),
      validate: validate === undefined ? null : spanText(view, validate),
      test: spans(test),
    },
    facts: {
      strategyFile: compiled?.path ?? null,
      strategyName: compiled?.name ?? null,
      bundleName: bundle.name,
      synthetic: bundle.manifest.synthetic === true,
      trials: search.trials ?? null,
      rules: plain({ patience, target, improvement }),
      versions: { hindcast: packageVersion(), node: process.version },
      window: number,
      windows: windows.length,
      parts: train.length,
    },
  });
  if (study.sampler.budgets === undefined) return study;
  await study.close();
  throw new UsageError('SEARCH_OVER_PARTS', {
    message: `A ${study.sampler.name} search tries most parameters on part of the data, and a training is such a part already. Search the windows with tpe, gp, random or another one.`,
    details: { search: study.sampler.name },
  });
}

/** Returns what a study says of the market of its trials, so that one of them can be run again: dates where they say it, else rows. */
function viewOptions<P extends ParameterMap>(
  { symbols, frequency, view }: WindowSearch<P>,
  train: readonly RowRange[],
): ViewOptions {
  const { from, to } = { from: train[0]!.from, to: train.at(-1)!.to };
  if (view.group.frequency in INTRADAY_MS) return { symbols, frequency, rows: [from, to] };
  const { start, end } = labels(view, { from, to });
  return { symbols, frequency, start, end };
}

const spanText = (view: MarketView, range: RowRange): string => {
  const { start, end, bars } = labels(view, range);
  return `${start} to ${end} (${bars} bars)`;
};

/** Returns the name of a window's study, and of its file before the ending. */
export const windowName = (number: number): string => `window-${String(number).padStart(2, '0')}`;

function jobOf<P extends ParameterMap>(search: WindowSearch<P>): Job {
  const { strategy, compiled, view, symbols, frequency, run, objective, score, windows, executor } = search;
  const { optimization, ledger } = search;
  const isInline = executor instanceof InlineExecutor;
  const setup = trialSetup({
    strategy: strategy as unknown as Strategy,
    compiled,
    bundle: view.bundle,
    view: { symbols, frequency },
    run,
    objective,
    score,
    seed: search.seed,
    isInline,
    optimization,
    ledger,
  });
  const choosing = windows.map(({ train, validate }) => ({ train, validate }));
  const full: WindowSetup = { ...setup, windows: choosing };
  const module = isInline
    ? new URL(import.meta.resolve('./window-runner.js'))
    : workerEntry(import.meta.url, './window-runner.js');
  return { key: `windows (${++searches})`, module: module.href, subject: compiled?.path, setup: full };
}

function makeFolder(folder: string | undefined): void {
  if (folder === undefined) return;
  if (statSync(folder, { throwIfNoEntry: false })?.isFile() === true) {
    throw new UsageError('STUDY_IS_A_FILE', {
      message: `${folder} is a file. The studies of the windows lie in a folder, one file each: name another place.`,
      details: { folder },
    });
  }
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new UsageError('FOLDER_UNUSABLE', {
      message: `Cannot make the folder ${folder}: ${(cause as Error).message}. Choose another place.`,
      details: { folder },
      cause,
    });
  }
}

async function refuseAllFailed<P extends ParameterMap>(study: Study<P>, window: number): Promise<void> {
  const { total, failed } = study.counts;
  if (failed === 0 || failed < total) return;
  for await (const trial of study.trials()) {
    if (trial.state !== 'failed') continue;
    throw new RunError('EVERY_TRIAL_FAILED', {
      message: `All ${failed} trials of window ${window} failed; the first is trial ${trial.number}: ${trial.reason}`,
      details: { window, failed },
    });
  }
}

function interrupted<P extends ParameterMap>({ folder, windows }: WindowSearch<P>, tally: ProgressTally): RunError {
  const { counts, chosen } = tally.progress;
  const next =
    folder === undefined ? 'They were in memory; with a study they are kept.' : 'The same command goes on with them.';
  return new RunError('INTERRUPTED', {
    message: `Interrupted with ${countText(counts.total)} trials finished and the parameters of ${chosen} of ${windows.length} windows chosen; no test has been read. ${next}`,
    details: { trials: counts.total, chosen, windows: windows.length },
  });
}

const codeOf = (error: unknown): unknown => (error as { readonly code?: unknown }).code;

/** Adds up what the studies of all windows have done. */
class ProgressTally {
  readonly #studies: Pick<Study, 'counts' | 'expected'>[] = [];
  readonly #windows: number;
  readonly #listener: ((progress: WindowProgress) => void) | undefined;
  #found = 0;
  #chosen = 0;

  constructor(windows: number, listener: ((progress: WindowProgress) => void) | undefined) {
    this.#windows = windows;
    this.#listener = listener;
  }

  open(index: number, study: Pick<Study, 'counts' | 'expected'>): void {
    this.#studies[index] = study;
    this.#found += study.counts.total;
    this.tell();
  }

  chose(): void {
    this.#chosen++;
    this.tell();
  }

  tell(): void {
    this.#listener?.(this.progress);
  }

  get progress(): WindowProgress {
    const counts = { total: 0, complete: 0, pruned: 0, failed: 0, duplicate: 0 };
    let expected = 0;
    for (const study of this.#studies) {
      if (study === undefined) continue;
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] += study.counts[name];
      expected = Math.max(expected, study.expected);
    }
    // All windows have one space and one limit of trials.
    const total = Number.isFinite(expected) ? expected * this.#windows : undefined;
    return { counts, found: this.#found, total, chosen: this.#chosen };
  }
}
