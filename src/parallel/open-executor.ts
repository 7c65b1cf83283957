import { EphemeralPool } from './ephemeral-pool.js';
import type { Executor } from './executor.js';
import { InlineExecutor } from './inline-executor.js';
import { PersistentWorkerPool } from './persistent-worker-pool.js';
import { type PoolOptions, resolvePoolOptions } from './pool-options.js';

/** Options of {@link openExecutor}. */
export interface ExecutorOptions extends PoolOptions {
  /** Whether threads live on between runs; otherwise each run makes a pool of its own. @defaultValue true */
  readonly persistent?: boolean;
}

/** Returns the executor for a number of workers: this thread for one, threads for more. The caller closes it. */
export function openExecutor({ persistent = true, ...options }: ExecutorOptions = {}): Executor {
  if (resolvePoolOptions(options).workers === 1) return new InlineExecutor();
  return persistent ? new PersistentWorkerPool(options) : new EphemeralPool(options);
}
