import { type SerializedError, UsageError } from '../core/errors.js';
import type { ParameterMap } from '../engine/parameters.js';
import {
  type Executor,
  type Job,
  NOT_YET,
  type RunOptions,
  type TaskOutcome,
  type TaskSource,
} from '../parallel/executor.js';
import { OBJECTIVE_NOT_A_NUMBER, UNKNOWN_METRIC } from './objective.js';
import type { PruneRule } from './pruners.js';
import { SHARE_LACKS } from './share-text.js';
import type { FlatParams } from './space.js';
import { StopJudge, type StopRule, type StopRules } from './stop-rules.js';
import type { Study } from './study.js';
import type { TrialCounts } from './tally.js';
import type { CompleteTrial, FinishedTrial, TrialEnding } from './trial.js';

/** What a worker gets. */
export interface TrialTask {
  readonly number: number;
  /** Flat: the worker has the space, and makes the typed form of it by `fromFlat`. */
  readonly params: FlatParams;
  /** Share of the data to use; 1 outside multi-fidelity searches. */
  readonly budget: number;
  /** What ends it before its end, made of the results that it may see. @defaultValue nothing */
  readonly rule?: PruneRule | undefined;
}

/** What a worker gives back; its number and, where the runner does not say it, its time are added. What it throws fails the trial. */
export type TrialResult = TrialEnding;

/** How far a search is. */
export interface SearchProgress<P> {
  readonly counts: TrialCounts;
  /** Trials of the whole study; undefined when nobody knows. */
  readonly total: number | undefined;
  readonly best: CompleteTrial<P> | undefined;
}

/** What a search runs with. */
export interface SearchRun<P extends ParameterMap> extends StopRules {
  readonly study: Study<P>;
  readonly executor: Executor;
  /** Its runner takes a {@link TrialTask} and returns a {@link TrialResult}. */
  readonly job: Job;
  /**
   * Starts no trial after so many milliseconds; running ones finish. How many trials that are depends on the machine, which the
   * journal then says.
   */
  readonly timeoutMs?: number | undefined;
  /** Stops at once: running trials get the executor's grace, what has ended is kept, the rest runs again on resume. */
  readonly signal?: AbortSignal | undefined;
  readonly taskTimeoutMs?: number | undefined;
  /** How often a trial is tried again after its worker died under it. @defaultValue 1 */
  readonly retries?: number | undefined;
  /** Threads that a pool starts for it, where others follow if it takes its time. @defaultValue all */
  readonly startWith?: number | undefined;
  readonly onTrial?: ((trial: FinishedTrial<P>) => void) | undefined;
  /** Called after each trial. */
  readonly onProgress?: ((progress: SearchProgress<P>) => void) | undefined;
}

/** Why a search ended: nothing more to try, or what struck. */
export type StopReason = 'exhausted' | StopRule | 'timeout' | 'interrupted';

/** How a search ended. */
export interface SearchSummary<P> {
  readonly stopped: StopReason;
  /** Of the whole study. */
  readonly counts: TrialCounts;
  readonly best: CompleteTrial<P> | undefined;
  /** Trials that ended in this run. */
  readonly evaluated: number;
  /** From the first trial handed out to the last result; 0 when there was none. */
  readonly seconds: number;
}

/**
 * Runs a study's trials on an executor until the study has no more or a stop rule strikes.
 *
 * A rule that strikes at trial d lets the study end with trial d + lag - 1: while a rule watches, trial k starts only when the
 * trials up to k - lag have ended and no rule struck on them. So the study has the same trials for any number of workers, at
 * most lag of which are then busy. `timeoutMs` and `signal` depend on the clock and make no such promise.
 *
 * The study stays open. Rejects as {@link Executor.run} does, but not for `signal`; with what `onTrial` throws; with UsageError `NO_STOP_RULE` for a
 * search without end; with `CONSTRAINT_TOO_TIGHT` where the constraint leaves nothing to try; with `UNKNOWN_METRIC` where the first trial that traded has no metric of a name that is asked for, `OBJECTIVE_NOT_A_NUMBER` where the objective function gives it no number; and with `SHARE_LACKS` where the first trial over
 * part of the data cannot be run there.
 */
export async function runSearch<P extends ParameterMap>(run: SearchRun<P>): Promise<SearchSummary<P>> {
  const { study, executor, job, signal } = run;
  const loop = new SearchLoop(run);
  study.onFinished = (trial) => loop.hear(trial);
  let interrupted = false;
  try {
    await executor.run<TrialTask, TrialResult>(
      job,
      loop.source,
      (task, _index, outcome, worker) => loop.record(task.number, outcome, worker.id, worker.milliseconds),
      runOptions(run),
    );
  } catch (error) {
    if (!isStopped(error, signal)) throw error;
    interrupted = true;
  } finally {
    study.onFinished = undefined;
  }
  const stopped = interrupted ? 'interrupted' : (loop.stopped ?? 'exhausted');
  // What depended on the clock is said in the journal: the study is then not the same on every machine.
  if (stopped === 'interrupted' || stopped === 'timeout')
    study.note('stopped', { by: stopped, after: study.counts.total });
  study.flush();
  const { counts, best } = study;
  return { stopped, counts, best, evaluated: loop.evaluated, seconds: loop.seconds };
}

/**
 * Makes the runner of a search in every worker; returns false where `signal` ended that, as it then ends the search. Rejects as {@link Executor.prepare}
 * does, but not for `signal`.
 */
export async function prepareSearch(
  executor: Executor,
  job: Job,
  limits: Pick<SearchRun<ParameterMap>, 'signal' | 'taskTimeoutMs' | 'startWith'>,
): Promise<boolean> {
  try {
    await executor.prepare(job, runOptions(limits));
    return true;
  } catch (error) {
    if (!isStopped(error, limits.signal)) throw error;
    return false;
  }
}

const isStopped = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && (error as { readonly code?: unknown }).code === 'INTERRUPTED';

/** What a trial fails with that no other trial will do better in. */
const LACKS: readonly string[] = [UNKNOWN_METRIC, OBJECTIVE_NOT_A_NUMBER, SHARE_LACKS];

interface Unmeasured {
  readonly number: number;
  readonly error: SerializedError;
}

/** One run of a study: gives its trials to the executor and its results to the study. */
class SearchLoop<P extends ParameterMap> {
  readonly source: TaskSource<TrialTask>;
  /** What ended the run before its trials were used up. */
  stopped: StopRule | 'timeout' | undefined;
  evaluated = 0;
  readonly #run: SearchRun<P>;
  readonly #judge: StopJudge;
  readonly #deadline: number;
  #judged = 0;
  /** The first trial of those that lack something, until it is known whether those before it have it. */
  #unmeasured: Unmeasured | undefined;
  /** By what trials lack: no trial before this one had it. */
  readonly #had = new Map<string, number>();
  #startedAt = Number.NaN;
  #endedAt = Number.NaN;

  constructor(run: SearchRun<P>) {
    const { study, timeoutMs } = run;
    this.#run = run;
    this.#judge = new StopJudge(run, (a, b) => study.isBetter(a, b));
    if (this.#judge.watches) {
      refuseSeveralObjectives(study.directions.length);
      study.watch();
    }
    refuseEndless(run, this.#judge.watches);
    this.#deadline = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    // A resumed study is judged from its first trial, so that it ends where an unbroken one does.
    this.#judgeTold();
    this.source = { next: () => this.#next(), remaining: () => this.#remaining() };
  }

  get seconds(): number {
    return Number.isNaN(this.#endedAt) ? 0 : (this.#endedAt - this.#startedAt) / 1000;
  }

  hear(trial: () => FinishedTrial<P>): void {
    const { study, onTrial, onProgress } = this.#run;
    this.evaluated++;
    this.#endedAt = performance.now();
    this.#judgeTold();
    onTrial?.(trial());
    onProgress?.({ counts: study.counts, total: this.#total(), best: study.best });
  }

  record(number: number, outcome: TaskOutcome<TrialResult>, worker: number, milliseconds: number): void {
    const seconds = milliseconds / 1000;
    const failed = (reason: string): TrialEnding => ({ state: 'failed', reason, seconds, worker });
    if (outcome.state === 'failed') {
      this.#run.study.record(number, failed(reasonOf(outcome.error)));
      if (LACKS.includes(outcome.error.code) && number < (this.#unmeasured?.number ?? Number.POSITIVE_INFINITY))
        this.#unmeasured = { number, error: outcome.error };
    } else if (isEnding(outcome.value)) this.#run.study.record(number, { seconds, ...outcome.value, worker });
    else this.#run.study.record(number, failed('the runner gave back no result of a trial'));
    if (this.#unmeasured !== undefined) this.#refuseUnmeasured(this.#unmeasured);
  }

  /**
   * Ends the search where the first trial that traded lacks a metric that is asked for, or a number from the objective function, or its share of the data what the
   * strategy asks for: no other trial will have it. Where one before it had it, the trial alone has failed, in whatever order they end.
   */
  #refuseUnmeasured({ number, error: { code, message, details } }: Unmeasured): void {
    const { study } = this.#run;
    if (study.told <= number) return;
    this.#unmeasured = undefined;
    let first = this.#had.get(code) ?? 0;
    while (first < number && !this.#hadWhat(code, first)) first++;
    this.#had.set(code, first);
    if (first < number) return;
    throw new UsageError(code, { message: `${message} The search ended with trial ${number}.`, details });
  }

  /** Whether a trial had what another lacks: of shares those over part of the data alone tell, and they are pruned. */
  #hadWhat(code: string, number: number): boolean {
    const { state, values } = this.#run.study.summaryOf(number)!;
    return Number.isFinite(values[0]) && (code !== SHARE_LACKS || state === 'pruned');
  }

  #next(): TrialTask | typeof NOT_YET | undefined {
    const now = performance.now();
    if (now >= this.#deadline) {
      this.stopped ??= 'timeout';
      return undefined;
    }
    if (Number.isNaN(this.#startedAt)) this.#startedAt = now;
    const trial = this.#run.study.nextFlat();
    if (trial === 'wait') return NOT_YET;
    if (trial === undefined) return undefined;
    const rule = this.#run.study.ruleOf(trial.number);
    const task = { number: trial.number, params: trial.flat, budget: trial.budget };
    return rule === undefined ? task : { ...task, rule };
  }

  #judgeTold(): void {
    const { study } = this.#run;
    while (this.stopped === undefined && this.#judged < study.told) {
      const struck = this.#judge.judge(study.valueOf(this.#judged));
      if (struck !== undefined) {
        this.stopped = struck;
        study.limitTo(this.#judged + study.lag);
      }
      this.#judged++;
    }
  }

  #total(): number | undefined {
    const { expected } = this.#run.study;
    return Number.isFinite(expected) ? expected : undefined;
  }

  #remaining(): number | undefined {
    const total = this.#total();
    return total === undefined ? undefined : Math.max(0, total - this.#run.study.created);
  }
}

function runOptions({
  signal,
  taskTimeoutMs,
  retries,
  startWith,
}: Pick<SearchRun<ParameterMap>, 'signal' | 'taskTimeoutMs' | 'retries' | 'startWith'>): RunOptions {
  return {
    ...(signal === undefined ? {} : { signal }),
    ...(taskTimeoutMs === undefined ? {} : { taskTimeoutMs }),
    ...(retries === undefined ? {} : { retries }),
    ...(startWith === undefined ? {} : { startWith }),
  };
}

const isEnding = (value: unknown): boolean =>
  ['complete', 'pruned', 'failed'].includes((value as Partial<TrialEnding> | null | undefined)?.state ?? '');

const reasonOf = ({ code, message }: SerializedError): string =>
  code === 'UNEXPECTED' ? message : `${code}: ${message}`;

function refuseSeveralObjectives(objectives: number): void {
  if (objectives === 1) return;
  throw new UsageError('STOP_RULE_NEEDS_ONE_OBJECTIVE', {
    message: `patience, target and improvement judge one objective, but the study has ${objectives}. Use trials or a timeout.`,
    details: { objectives },
  });
}

function refuseEndless<P extends ParameterMap>({ study, timeoutMs, signal }: SearchRun<P>, watched: boolean): void {
  if (watched || timeoutMs !== undefined || signal !== undefined || study.expected !== Number.POSITIVE_INFINITY) return;
  throw new UsageError('NO_STOP_RULE', {
    message: `A ${study.sampler.name} search over this space never ends by itself. Give a number of trials, or a timeout.`,
    details: { search: study.sampler.name },
  });
}
