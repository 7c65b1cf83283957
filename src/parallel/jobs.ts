import { availableParallelism } from 'node:os';
import { UsageError } from '../core/errors.js';

/** What `--jobs` means on this machine. */
export interface ResolvedJobs {
  /** Workers to use, at least 1; with 1 no thread is started. */
  readonly workers: number;
  /** What the user should be told; absent when all is well. */
  readonly warning?: string;
}

/** Threads for each core beyond which a machine spends its memory and minutes on starting them. */
const MAX_PER_CORE = 32;

/** Returns the most threads that a machine with so many cores should start. */
export const mostWorkers = (cores: number): number => cores * MAX_PER_CORE;

/**
 * Returns the number of workers for a `jobs` setting: -1 or undefined means all cores, 1 means no threads. More than
 * the machine has cores is granted with a warning, up to 32 for each.
 *
 * @param cores - cores to count with; the machine's own by default.
 * @throws UsageError `INVALID_JOBS` for 0, other negative numbers, fractions, NaN, and more than 32 for each core.
 */
export function resolveJobs(jobs: number | undefined, cores: number = availableParallelism()): ResolvedJobs {
  if (jobs === undefined || jobs === -1) return { workers: cores };
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new UsageError('INVALID_JOBS', {
      message: `jobs is ${jobs}. Give a whole number from 1, or -1 for all cores (${cores} here).`,
      details: { jobs, cores },
    });
  }
  if (jobs <= cores) return { workers: jobs };
  if (jobs > mostWorkers(cores)) {
    throw new UsageError('INVALID_JOBS', {
      message: `jobs is ${jobs}: more threads than this machine should start. Give up to ${mostWorkers(cores)}, or -1 for one on each core (${cores} here).`,
      details: { jobs, cores },
    });
  }
  return {
    workers: jobs,
    warning: `jobs is ${jobs}, but this machine has ${cores} ${cores === 1 ? 'core' : 'cores'}: the workers will share them and gain nothing.`,
  };
}
