import { availableParallelism } from 'node:os';
import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { RecordingSink } from '../profiling/recorder.js';
import { invalid } from './active-run.js';

/** Options of a pool. */
export interface PoolOptions {
  /** Threads, from 1. @defaultValue all cores */
  readonly workers?: number;
  /** Tasks after which a thread is replaced, from 1. @defaultValue Infinity */
  readonly maxTasksPerWorker?: number;
  /** Limit of a thread's JavaScript heap in MiB; a task beyond it fails with `HEAP_EXHAUSTED`. @defaultValue Node's own */
  readonly maxOldGenerationSizeMb?: number;
  /** Milliseconds that threads get on `close` and on replacement to dispose their runners. @defaultValue 2000 */
  readonly graceMs?: number;
  /** Whether idle threads keep the process alive until `close`; during a run they always do. @defaultValue true */
  readonly holdProcess?: boolean;
  /** Takes what each thread records of itself, from its start to its end. @defaultValue none: nothing is recorded */
  readonly profile?: RecordingSink;
}

/** Options of a pool, complete. */
export type ResolvedPoolOptions = Readonly<
  Required<Omit<PoolOptions, 'maxOldGenerationSizeMb' | 'profile'>> &
    Pick<PoolOptions, 'maxOldGenerationSizeMb' | 'profile'>
>;

/** Returns pool options with defaults filled in. @throws UsageError for an unknown key or a value out of range. */
export function resolvePoolOptions(options: PoolOptions): ResolvedPoolOptions {
  rejectUnknownKeys('pool', options, [
    'workers',
    'maxTasksPerWorker',
    'maxOldGenerationSizeMb',
    'graceMs',
    'holdProcess',
    'profile',
  ]);
  const { workers = availableParallelism(), maxTasksPerWorker = Number.POSITIVE_INFINITY, graceMs = 2000 } = options;
  const { maxOldGenerationSizeMb, holdProcess = true, profile } = options;
  if (!Number.isInteger(workers) || workers < 1) {
    throw new UsageError('INVALID_POOL_SIZE', {
      message: `A pool of ${workers} workers cannot be. Give a whole number from 1; this machine has ${availableParallelism()} cores.`,
      details: { workers },
    });
  }
  if (
    !(maxTasksPerWorker >= 1 && (Number.isInteger(maxTasksPerWorker) || maxTasksPerWorker === Number.POSITIVE_INFINITY))
  ) {
    throw invalid('maxTasksPerWorker', maxTasksPerWorker, 'a whole number of tasks from 1');
  }
  if (!(graceMs >= 0)) throw invalid('graceMs', graceMs, 'a number of milliseconds from 0');
  if (maxOldGenerationSizeMb !== undefined && !(maxOldGenerationSizeMb >= 8)) {
    throw invalid('maxOldGenerationSizeMb', maxOldGenerationSizeMb, 'at least 8 MiB, less than that starts no thread');
  }
  return Object.freeze({
    ...{ workers, maxTasksPerWorker, graceMs, holdProcess },
    ...(maxOldGenerationSizeMb === undefined ? {} : { maxOldGenerationSizeMb }),
    ...(profile === undefined ? {} : { profile }),
  });
}
