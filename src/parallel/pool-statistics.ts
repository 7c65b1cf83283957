import type { WorkerThread } from './worker-thread.js';

/** What one living thread has done. */
export interface WorkerStatistics {
  /** Number of the worker; a replacement has a number of its own. */
  readonly id: number;
  /** Node's number of the thread. */
  readonly threadId: number;
  readonly tasks: number;
  /** Time spent in tasks, in milliseconds. */
  readonly busyMs: number;
  /** From the start of the thread to its first message, in milliseconds; absent before that. */
  readonly readyAfterMs?: number;
  /** When its last results arrived, UTC milliseconds; absent before that. */
  readonly lastActive?: number;
}

/** What a pool has done since it was made. */
export interface PoolStatistics {
  readonly workers: number;
  /** Threads started, replacements included. */
  readonly threadsStarted: number;
  /** Threads that ended unasked: crashes, deadlines, heap limits. */
  readonly threadsLost: number;
  readonly tasksCompleted: number;
  readonly tasksFailed: number;
  /** Starts of tasks beyond the first, after a worker died under them. */
  readonly tasksRetried: number;
  readonly runs: number;
  /** Runs that found the threads already there. */
  readonly reuseCount: number;
  /** Time that all threads, past ones included, spent in tasks, in milliseconds; in a task under which its thread died, up to that end. */
  readonly busyMs: number;
  /** Tasks told per second of the time in which a run was active; 0 before the first. */
  readonly throughput: number;
  /** Completed tasks over all told; undefined before the first. */
  readonly successRate: number | undefined;
  /** When the last results arrived, UTC milliseconds; undefined before the first. */
  readonly lastActive: number | undefined;
  /** The living threads. */
  readonly perWorker: readonly WorkerStatistics[];
}

/** Returns a thread's figures. */
export function workerStatistics(thread: WorkerThread): WorkerStatistics {
  const { id, threadId, done, busyMs, readyAfterMs, lastActive } = thread;
  return {
    id,
    threadId,
    tasks: done,
    busyMs,
    ...(readyAfterMs === undefined ? {} : { readyAfterMs }),
    ...(lastActive === undefined ? {} : { lastActive }),
  };
}
