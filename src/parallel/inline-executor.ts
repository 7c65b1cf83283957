import { UsageError } from '../core/errors.js';
import { interrupted, LONGEST_TIMER, type ResolvedRunOptions, resolveRunOptions, stalled } from './active-run.js';
import { setupTimeoutError, timeoutError } from './death-reason.js';
import {
  type Activity,
  type Executor,
  type Job,
  NOT_YET,
  type OutcomeListener,
  type PrepareOptions,
  type Runner,
  type RunOptions,
  type TaskOutcome,
  type TaskSource,
} from './executor.js';
import { jobError, portableError } from './portable-error.js';
import { createRunnerOf, isThenable } from './runner-host.js';

/** Milliseconds of work between two turns of the event loop: Ctrl-C and progress bars need no more. */
const SLICE = 15;

interface Current {
  readonly job: string;
  task: number;
  fraction: number;
  /** Milliseconds of performance.now(); NaN while nothing runs. */
  startedAt: number;
}

interface Kept {
  readonly module: string;
  readonly runner: Runner;
  readonly current: Current;
}

/**
 * Runs tasks in the caller's thread: what `--jobs 1` means. The same modules give the same results as in a pool, with
 * nothing copied on the way. Since nobody else is there to stop a task that does not return, a timeout is judged
 * when it does (a promise is left behind at its deadline, one of a runner too), there is no heap limit, and `process.exit` exits.
 */
export class InlineExecutor implements Executor {
  readonly workers = 1;
  readonly #kept = new Map<string, Promise<Kept>>();
  readonly #current = new Set<Current>();
  readonly #closing = new AbortController();

  /** {@inheritDoc Executor.prepare} */
  prepare(job: Job, options: PrepareOptions = {}): Promise<void> {
    return this.#withRunner(job, options, async () => {});
  }

  /** {@inheritDoc Executor.run} */
  run<T, R>(
    job: Job,
    source: TaskSource<T>,
    onOutcome: OutcomeListener<T, R>,
    options: RunOptions = {},
  ): Promise<void> {
    return this.#withRunner(job, options, (kept, resolved, stop) => {
      this.#current.add(kept.current);
      return this.#runAll(kept, source, onOutcome, resolved, stop);
    });
  }

  /** {@inheritDoc Executor.activity} */
  activity(): readonly Activity[] {
    return [...this.#current]
      .filter(({ startedAt }) => !Number.isNaN(startedAt))
      .map(({ job, task, fraction, startedAt }) => ({
        worker: 0,
        job,
        task,
        fraction,
        startedAt: performance.timeOrigin + startedAt,
      }));
  }

  /** {@inheritDoc Executor.release} */
  async release(key: string): Promise<void> {
    const kept = await this.#kept.get(key);
    if (kept === undefined || !this.#kept.delete(key)) return;
    this.#current.delete(kept.current);
    await kept.runner.dispose?.();
  }

  /** {@inheritDoc Executor.close} */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const key of [...this.#kept.keys()]) await this.release(key);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return `InlineExecutor(${this.#closing.signal.aborted ? 'closed' : 'open'})`;
  }

  /** Does something with a job's runner, until `options.signal` or the end of the executor stops it. */
  async #withRunner(
    job: Job,
    options: RunOptions,
    use: (kept: Kept, resolved: ResolvedRunOptions, stop: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const resolved = resolveRunOptions(options);
    if (this.#closing.signal.aborted) {
      throw new UsageError('POOL_CLOSED', { message: 'The executor is closed. Make a new one.' });
    }
    const stop = linked(this.#closing.signal, resolved.signal);
    try {
      await use(await this.#keepInTime(job, resolved, stop.signal), resolved, stop.signal);
    } finally {
      stop.unlink();
    }
  }

  /** Returns a job's runner; one that does not come in time is left behind, and the next run makes another. */
  async #keepInTime(job: Job, { graceMs, setupTimeoutMs }: ResolvedRunOptions, stop: AbortSignal): Promise<Kept> {
    if (stop.aborted) throw interrupted(stop, 0, 0);
    const deadline = new Deadline(stop, graceMs, setupTimeoutMs);
    const kept = await Promise.race([this.#keep(job), deadline.passed]).finally(() => deadline.clear());
    if (kept !== undefined) return kept;
    this.#kept.delete(job.key);
    throw stop.aborted ? interrupted(stop, 0, 0) : setupTimeoutError(job, setupTimeoutMs);
  }

  async #keep(job: Job): Promise<Kept> {
    const known = await this.#kept.get(job.key);
    if (known !== undefined) {
      if (known.module === job.module) return known;
      throw new UsageError('JOB_KEY_TAKEN', {
        message: `Job key '${job.key}' belongs to ${known.module}. Use another key, or release it first.`,
        details: { key: job.key, module: known.module },
      });
    }
    const current: Current = { job: job.key, task: 0, fraction: 0, startedAt: Number.NaN };
    const progress = (fraction: number): void => {
      current.fraction = fraction;
    };
    const coming = createRunnerOf(job, { workerId: 0, threads: 0, progress }).then(
      (runner) => ({ module: job.module, runner, current }),
      (thrown: unknown) => {
        this.#kept.delete(job.key);
        throw jobError(portableError(thrown), job.module);
      },
    );
    this.#kept.set(job.key, coming);
    return coming;
  }

  async #runAll<T, R>(
    { runner, current }: Kept,
    source: TaskSource<T>,
    onOutcome: OutcomeListener<T, R>,
    { graceMs, taskTimeoutMs }: ResolvedRunOptions,
    stop: AbortSignal,
  ): Promise<void> {
    const woken = new Bell();
    source.onReady?.(() => woken.ring());
    const ringOnStop = (): void => woken.ring();
    stop.addEventListener('abort', ringOnStop);
    let index = 0;
    try {
      let sliceEnd = performance.now() + SLICE;
      for (;;) {
        if (stop.aborted) throw interrupted(stop, index, 0);
        const task = source.next();
        if (task === undefined) return;
        if (task === NOT_YET) {
          if (source.onReady === undefined) throw stalled();
          await woken.heard();
          sliceEnd = performance.now() + SLICE;
          continue;
        }
        current.task = index;
        current.fraction = 0;
        const startedAt = performance.now();
        current.startedAt = startedAt;
        let outcome: TaskOutcome<R> | undefined;
        try {
          const returned = runner.run(task);
          if (isThenable(returned)) {
            const deadline = new Deadline(stop, graceMs, taskTimeoutMs);
            outcome = await Promise.race([
              returned.then((value) => ({ state: 'done', value: value as R }) as const),
              deadline.passed,
            ]).finally(() => deadline.clear());
            if (outcome === undefined && stop.aborted) throw new Left();
          } else outcome = { state: 'done', value: returned as R };
        } catch (thrown) {
          if (thrown instanceof Left) throw interrupted(stop, index, 1);
          outcome = { state: 'failed', error: portableError(thrown), attempts: 1 };
        }
        current.startedAt = Number.NaN;
        const now = performance.now();
        const milliseconds = now - startedAt;
        if (outcome === undefined || milliseconds > taskTimeoutMs) {
          outcome = { state: 'failed', error: portableError(timeoutError(index, taskTimeoutMs)), attempts: 1 };
        }
        onOutcome(task, index++, outcome, { id: 0, milliseconds });
        if (now >= sliceEnd) {
          await new Promise((resolve) => setImmediate(resolve));
          sliceEnd = performance.now() + SLICE;
        }
      }
    } finally {
      current.startedAt = Number.NaN;
      stop.removeEventListener('abort', ringOnStop);
    }
  }
}

/** Thrown where a task is left running because the run was stopped and its grace is over. */
class Left extends Error {}

/** Wakes one sleeper; a ring before the sleep is heard, too. */
class Bell {
  #rung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async heard(): Promise<void> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    this.#rung = false;
    this.#wake = undefined;
  }
}

/** Resolves to undefined when a task, or the making of a runner, takes too long, or is not over with the grace after a stop. */
class Deadline {
  readonly passed: Promise<undefined>;
  readonly #stop: AbortSignal;
  readonly #onStop: () => void;
  readonly #timers: NodeJS.Timeout[] = [];

  constructor(stop: AbortSignal, graceMs: number, timeoutMs: number) {
    let pass!: () => void;
    this.passed = new Promise((resolve) => {
      pass = () => resolve(undefined);
    });
    this.#stop = stop;
    this.#onStop = () => void this.#timers.push(setTimeout(pass, graceMs));
    stop.addEventListener('abort', this.#onStop, { once: true });
    if (timeoutMs <= LONGEST_TIMER) this.#timers.push(setTimeout(pass, timeoutMs));
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#stop.removeEventListener('abort', this.#onStop);
  }
}

/** Returns a signal that aborts with either of two, and a way to let go of them. */
function linked(first: AbortSignal, second: AbortSignal | undefined): { signal: AbortSignal; unlink: () => void } {
  const controller = new AbortController();
  const signals = second === undefined ? [first] : [first, second];
  const abort = (event: Event): void => controller.abort((event.target as AbortSignal).reason);
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  }
  const unlink = (): void => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
  return { signal: controller.signal, unlink };
}
