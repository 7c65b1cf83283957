import type { Activity, Executor, Job, OutcomeListener, RunOptions, TaskOutcome, TaskSource } from './executor.js';
import { PersistentWorkerPool } from './persistent-worker-pool.js';
import { type PoolOptions, type ResolvedPoolOptions, resolvePoolOptions } from './pool-options.js';
import { runBatch } from './task-source.js';

/** A pool made for each run and closed after it: the same results as {@link PersistentWorkerPool}, and the baseline it is measured against. */
export class EphemeralPool implements Executor {
  readonly workers: number;
  readonly #options: ResolvedPoolOptions;
  readonly #pools = new Set<PersistentWorkerPool>();
  #closed = false;

  /** @throws UsageError `INVALID_POOL_SIZE`, `INVALID_OPTION`, `UNKNOWN_OPTION` */
  constructor(options: PoolOptions = {}) {
    this.#options = resolvePoolOptions(options);
    this.workers = this.#options.workers;
  }

  /** {@inheritDoc Executor.run} */
  async run<T, R>(
    job: Job,
    source: TaskSource<T>,
    onOutcome: OutcomeListener<T, R>,
    options: RunOptions = {},
  ): Promise<void> {
    const pool = new PersistentWorkerPool(this.#options);
    if (this.#closed) await pool.close();
    this.#pools.add(pool);
    try {
      await pool.run(job, source, onOutcome, options);
    } finally {
      await pool.close();
      this.#pools.delete(pool);
    }
  }

  /** Runs a list of tasks; returns their outcomes in the order of the list. */
  runBatch<T, R>(job: Job, tasks: readonly T[], options: RunOptions = {}): Promise<TaskOutcome<R>[]> {
    return runBatch(this, job, tasks, options);
  }

  /** Nothing is kept for a run that follows: each makes its own, within the same limits. */
  async prepare(): Promise<void> {}

  /** {@inheritDoc Executor.activity} */
  activity(): readonly Activity[] {
    return [...this.#pools].flatMap((pool) => pool.activity());
  }

  /** Nothing is kept between runs, so nothing is to release. */
  async release(): Promise<void> {}

  /** {@inheritDoc Executor.close} */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools].map((pool) => pool.close()));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  toString(): string {
    return `EphemeralPool(workers=${this.workers}, ${this.#closed ? 'closed' : 'open'})`;
  }
}
