import { RunError, type SerializedError } from '../core/errors.js';
import type { Job } from './executor.js';
import { portableError } from './portable-error.js';
import type { Death } from './worker-thread.js';

/** Returns the error for a worker that ended unasked: `HEAP_EXHAUSTED` or `WORKER_CRASHED`. */
export function deathError({ exitCode, error }: Death, when: string, details: Record<string, unknown> = {}): RunError {
  if (error?.code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new RunError('HEAP_EXHAUSTED', {
      message: `A worker ran out of memory ${when}. Let the task keep less, or raise the workers' heap limit: --worker-memory, heapLimitMb of a search, maxOldGenerationSizeMb of a pool.`,
      details: { ...details, exitCode },
    });
  }
  const why = error === undefined ? `it exited with code ${exitCode}` : `${error.name}: ${error.message}`;
  return new RunError('WORKER_CRASHED', {
    message: `A worker died ${when}: ${why}. Look for process.exit, or for an error thrown in a timer or callback.`,
    details: { ...details, exitCode, ...(error === undefined ? {} : { reason: portableError(error) }) },
  });
}

/** Returns the error for a thread that ended before its first message. */
export function startError(death: Death): RunError {
  const { message, code, details } = deathError(death, 'before it was ready');
  return new RunError(code === 'HEAP_EXHAUSTED' ? code : 'WORKER_NOT_STARTED', { message, details });
}

/** Returns the error for a task that was ended at its deadline. */
export function timeoutError(task: number, timeoutMs: number): RunError {
  return new RunError('TASK_TIMEOUT', {
    message: `Task ${task} took longer than ${timeoutMs} ms and was ended. Look for an endless loop, or raise the timeout.`,
    details: { task, timeoutMs },
  });
}

/** Returns the error for a worker that was ended because it did not come to an end of setting up a job. */
export function setupTimeoutError({ key, module, subject = module }: Omit<Job, 'setup'>, timeoutMs: number): RunError {
  return new RunError('SETUP_TIMEOUT', {
    message: `A worker was not ready after ${timeoutMs} ms of loading ${subject}, and the run was ended. Look there for an endless loop, or a wait that never ends, outside of its functions, or raise the timeout.`,
    details: { job: key, subject, timeoutMs },
  });
}

/** Returns the error for a task that cannot be sent to a worker. */
export function taskNotCloneable(task: number, thrown: unknown): SerializedError {
  return portableError(
    new RunError('TASK_NOT_CLONEABLE', {
      message: `Task ${task} cannot cross threads: ${portableError(thrown).message} Pass plain data, never functions.`,
      details: { task },
    }),
  );
}
