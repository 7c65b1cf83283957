import { availableParallelism } from 'node:os';
import { UsageError } from '../core/errors.js';
import { givenText, wrongKind } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { RecordingSink } from '../profiling/recorder.js';
import { invalid, LONGEST_TIMER } from './active-run.js';
import { mostWorkers } from './jobs.js';

/** Options of a pool. */
export interface PoolOptions {
  /** Threads, from 1 to 32 for each core. @defaultValue all cores */
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

/** The option of a search by which its workers' heap is limited. */
export interface HeapOption {
  readonly heapLimitMb?: number | undefined;
}

/** Returns a search's limit of its workers' heap as a pool takes it. @throws UsageError `INVALID_OPTION` for a value out of range */
export function heapOptionOf({ heapLimitMb }: HeapOption): Pick<PoolOptions, 'maxOldGenerationSizeMb'> {
  if (heapLimitMb === undefined) return {};
  if (typeof heapLimitMb !== 'number' || !(heapLimitMb >= LEAST_HEAP)) {
    throw wrongKind('heapLimitMb', heapLimitMb, `a number of MiB from ${LEAST_HEAP} on`);
  }
  return { maxOldGenerationSizeMb: heapLimitMb };
}

/** MiB of heap with less of which no thread starts. */
const LEAST_HEAP = 8;

/** Options of a pool, complete. */
export type ResolvedPoolOptions = Readonly<
  Required<Omit<PoolOptions, 'maxOldGenerationSizeMb' | 'profile'>> &
    Pick<PoolOptions, 'maxOldGenerationSizeMb' | 'profile'>
>;

/** Refuses a number of workers that cannot be, or that would take the memory of the machine to start. */
function checkSize(workers: unknown): void {
  const cores = availableParallelism();
  const most = mostWorkers(cores);
  if (Number.isInteger(workers) && (workers as number) >= 1 && (workers as number) <= most) return;
  const why =
    typeof workers !== 'number'
      ? `workers is ${givenText(workers)}, which is no number.`
      : workers > most && workers < Number.POSITIVE_INFINITY
        ? `A pool of ${workers} workers is more threads than this machine should start.`
        : `A pool of ${workers} workers cannot be.`;
  throw new UsageError('INVALID_POOL_SIZE', {
    message: `${why} Give a whole number from 1 to ${most}; this machine has ${cores} ${cores === 1 ? 'core' : 'cores'}.`,
    details: { workers, most, cores },
  });
}

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
  checkSize(workers);
  if (
    !(maxTasksPerWorker >= 1 && (Number.isInteger(maxTasksPerWorker) || maxTasksPerWorker === Number.POSITIVE_INFINITY))
  ) {
    throw invalid('maxTasksPerWorker', maxTasksPerWorker, 'a whole number of tasks from 1');
  }
  if (!(graceMs >= 0)) throw invalid('graceMs', graceMs, 'a number of milliseconds from 0');
  if (maxOldGenerationSizeMb !== undefined && !(maxOldGenerationSizeMb >= LEAST_HEAP)) {
    const least = `at least ${LEAST_HEAP} MiB, less than that starts no thread`;
    throw invalid('maxOldGenerationSizeMb', maxOldGenerationSizeMb, least);
  }
  return Object.freeze({
    ...{ workers, maxTasksPerWorker, holdProcess },
    graceMs: Math.min(graceMs, LONGEST_TIMER),
    ...(maxOldGenerationSizeMb === undefined ? {} : { maxOldGenerationSizeMb }),
    ...(profile === undefined ? {} : { profile }),
  });
}
