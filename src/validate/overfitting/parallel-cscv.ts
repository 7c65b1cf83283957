import { RunError } from '../../core/errors.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { workerEntry } from '../../core/worker-entry-url.js';
import { PersistentWorkerPool } from '../../parallel/persistent-worker-pool.js';
import { type Beginning, type CrossValidation, Splits } from './cscv.js';

/** Sharpe ratios that this thread has found before others have started. */
const WORTH_THREADS = 3e6;

/**
 * Returns what `cscv` returns, bit for bit, found by so many threads; by this one where there is little to do.
 *
 * @throws what `cscv` throws; RunError `CROSS_VALIDATION_FAILED` when a thread dies, for want of memory for example
 */
export async function cscvOnThreads(
  series: readonly ReadonlyFloat64Array[],
  blocks: number,
  workers: number,
): Promise<CrossValidation> {
  const splits = Splits.of(series, blocks);
  if (workers === 1 || splits.count * series.length < WORTH_THREADS) return splits.judgeAll();
  await using pool = new PersistentWorkerPool({ workers });
  const module = workerEntry(import.meta.url, './split-entry.js').href;
  const job = { key: 'cross-validation', module, setup: splits.handle };
  const outcomes = await pool.runBatch<Beginning, null>(job, splits.beginnings());
  const failed = outcomes.find(({ state }) => state === 'failed');
  if (failed?.state === 'failed') {
    throw new RunError('CROSS_VALIDATION_FAILED', {
      message: `A thread failed while it judged splits of ${series.length} trials: ${failed.error.message}`,
      details: { trials: series.length, blocks },
    });
  }
  return splits.result();
}
