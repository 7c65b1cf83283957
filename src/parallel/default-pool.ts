import { UsageError } from '../core/errors.js';
import { PersistentWorkerPool } from './persistent-worker-pool.js';

let pool: PersistentWorkerPool | undefined;

/**
 * Returns the pool that the whole process shares, made at the first call with `workers` threads (all cores by default).
 * Its idle threads do not keep the process alive, so a program that forgets {@link closeDefaultPool} still ends. Once it is closed, by that or by its own
 * `close`, the next call makes another.
 *
 * @throws UsageError `DEFAULT_POOL_SIZE` when it already exists with another number of workers.
 */
export function defaultPool(workers?: number): PersistentWorkerPool {
  if (pool === undefined || pool.closed) {
    pool = new PersistentWorkerPool({ holdProcess: false, ...(workers === undefined ? {} : { workers }) });
  }
  if (workers !== undefined && workers !== pool.workers) {
    throw new UsageError('DEFAULT_POOL_SIZE', {
      message: `The default pool has ${pool.workers} workers, not ${workers}. Close it first (closeDefaultPool), or make a pool of your own.`,
      details: { workers, existing: pool.workers },
    });
  }
  return pool;
}

/** Closes the process-wide pool, if there is one; the next {@link defaultPool} makes a new one. */
export async function closeDefaultPool(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await closing?.close();
}
