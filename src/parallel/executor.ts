import type { SerializedError } from '../core/errors.js';

/** What the workers do. The same key names the same work for as long as an executor lives. */
export interface Job {
  /** Under this key a worker keeps its runner; a later run with the same key reuses it without sending `setup` again. */
  readonly key: string;
  /** File URL of an ES module that exports {@link CreateRunner} as `createRunner`. */
  readonly module: string;
  /** What its runner loads, as errors call it: a strategy's file. @defaultValue the module */
  readonly subject?: string | undefined;
  /** Handed to `createRunner`, once per worker. Structured-cloneable; shared buffers travel without a copy. */
  readonly setup: unknown;
}

/** What `createRunner` learns about the place it runs in. */
export interface RunnerEnvironment {
  /** Number of the worker, from 0; a replaced worker's number is not given again. 0 when `threads` is 0. */
  readonly workerId: number;
  /** Worker threads of the executor; 0 when the runner lives in the caller's thread. */
  readonly threads: number;
  /** Tells how far the running task is, 0 to 1. Costs one write to shared memory. */
  readonly progress: (fraction: number) => void;
}

/** Does the tasks of one job in one worker, one at a time. */
export interface Runner<T = unknown, R = unknown> {
  /** Returns the result, or a promise of it: plain structured-cloneable data. What it throws fails this task alone. */
  run(task: T): R | Promise<R>;
  /** Called when the job is released or the worker is retired; not when the worker crashes. */
  dispose?(): void | Promise<void>;
}

/** The export that a job's module must have. What it throws ends the run. */
export type CreateRunner<T = unknown, R = unknown> = (
  setup: unknown,
  environment: RunnerEnvironment,
) => Runner<T, R> | Promise<Runner<T, R>>;

/** How a task ended. `attempts` counts the workers it was started on: more than one when a worker died under it. */
export type TaskOutcome<R> =
  | { readonly state: 'done'; readonly value: R }
  | { readonly state: 'failed'; readonly error: SerializedError; readonly attempts: number };

/** A source's answer when it has no task now but will have some later. */
export const NOT_YET: unique symbol = Symbol('not yet');

/**
 * Gives tasks when they are asked for. An executor asks when a worker wants work, never for more than two leases a
 * worker ahead. After {@link NOT_YET} it asks again when it has told outcomes, and when the source says so by `wake`.
 */
export interface TaskSource<T> {
  /** Returns the next task, {@link NOT_YET}, or undefined when there will be no more; not called again after that. */
  next(): T | typeof NOT_YET | undefined;
  /** Tasks still to come, when known: lets leases shrink towards the end. */
  remaining?(): number | undefined;
  /**
   * Called once at the start of a run. A source whose tasks come from elsewhere than outcomes keeps `wake` and calls it
   * when `next` is worth another call. Without this method, answering NOT_YET with nothing running ends the run with
   * `SOURCE_STALLED`, for nothing could ever wake it.
   */
  onReady?(wake: () => void): void;
}

/** Which worker did a task, and how long it took there. */
export interface WorkDone {
  /** Number of the worker, from 0. */
  readonly id: number;
  /** Time in `Runner.run`, in milliseconds; for a task that failed with its worker, up to the end of that worker. */
  readonly milliseconds: number;
}

/** Hears how a task ended. `index` numbers the tasks from 0 in the order the source gave them. */
export type OutcomeListener<T, R> = (task: T, index: number, outcome: TaskOutcome<R>, worker: WorkDone) => void;

/** Options of one run. */
export interface RunOptions {
  /** Stops the run: no task is handed out any more; running ones, and runners that are being made, may finish for `graceMs`. */
  readonly signal?: AbortSignal;
  /** Longest time of one task in milliseconds; a task beyond it fails with `TASK_TIMEOUT`, not retried. @defaultValue none */
  readonly taskTimeoutMs?: number;
  /**
   * Longest time in which a worker makes the job's runner, in milliseconds; the run ends with `SETUP_TIMEOUT` where one takes longer.
   * @defaultValue none without `taskTimeoutMs`; with it the same, but at least 10 seconds: modules are loaded and data is opened, however short a task is
   */
  readonly setupTimeoutMs?: number;
  /** How often a task is tried again after its worker died under it. @defaultValue 1 */
  readonly retries?: number;
  /** Milliseconds that running tasks may take to finish after the run was stopped. @defaultValue 2000 */
  readonly graceMs?: number;
  /**
   * Threads that a pool starts for the run where it has fewer, from 1; the others follow where it is not over by the time that
   * starting them takes.
   * @defaultValue all
   */
  readonly startWith?: number;
}

/** What of a run's options is of use before there are tasks. */
export type PrepareOptions = Omit<RunOptions, 'retries'>;

/** A task that is running now. */
export interface Activity {
  /** Number of the worker. */
  readonly worker: number;
  /** Key of the job. */
  readonly job: string;
  /** Index of the task within its run. */
  readonly task: number;
  /** What the runner last told by `progress`, 0 to 1; 0 when it told nothing. */
  readonly fraction: number;
  /** When the task began, UTC milliseconds. */
  readonly startedAt: number;
}

/** A place where tasks run: this thread, worker threads, other machines. Whoever opens one closes it. */
export interface Executor extends AsyncDisposable {
  /** How many tasks can run at the same time. */
  readonly workers: number;
  /**
   * Runs the tasks of `source`. `onOutcome` hears of every task once, in order of arrival. Resolves when the source has
   * ended and every outcome is told.
   *
   * Rejects with the error of the job's module when it cannot be loaded or its `createRunner` throws, with what
   * `source` or `onOutcome` throws, with `SETUP_TIMEOUT` ({@link RunError}) when a worker takes too long to make its
   * runner, and with `INTERRUPTED` when `signal` aborts; tasks that were handed out but not told are then lost to this run.
   */
  run<T, R>(job: Job, source: TaskSource<T>, onOutcome: OutcomeListener<T, R>, options?: RunOptions): Promise<void>;
  /**
   * Makes a job's runner in every worker, so that a run that follows begins at once. Rejects as {@link run} does when the module cannot be
   * loaded or its `createRunner` throws, when that takes too long, and when `signal` aborts. With `startWith`, in every worker that is there then.
   */
  prepare(job: Job, options?: PrepareOptions): Promise<void>;
  /** The tasks running now; empty when idle. */
  activity(): readonly Activity[];
  /** Disposes the runners kept under a job's key; a later run with that key sends the setup again. */
  release(key: string): Promise<void>;
  /** Ends everything, runs included. Calling it twice is harmless. */
  close(): Promise<void>;
}
