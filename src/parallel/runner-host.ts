import { UsageError } from '../core/errors.js';
import type { CreateRunner, Job, Runner, RunnerEnvironment } from './executor.js';

/** Imports a job's module and creates its runner. */
export async function createRunnerOf(
  job: Pick<Job, 'module' | 'setup'>,
  environment: RunnerEnvironment,
): Promise<Runner> {
  const { createRunner } = (await import(job.module)) as { createRunner?: CreateRunner };
  if (typeof createRunner !== 'function') {
    throw new UsageError('NOT_A_JOB_MODULE', {
      message: `${job.module} exports no function 'createRunner'. A job's module exports createRunner(setup, environment).`,
      details: { module: job.module },
    });
  }
  return createRunner(job.setup, environment);
}

/** Whether a runner returned a promise, or anything that wants to be awaited. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
