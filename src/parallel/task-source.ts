import { UsageError } from '../core/errors.js';
import type { Executor, Job, RunOptions, TaskOutcome, TaskSource } from './executor.js';

/**
 * Returns a source over a list, or over an iterable that is read as tasks are asked for.
 * `next` throws UsageError `UNDEFINED_TASK` where an element is undefined, for that would end the run.
 */
export function tasksOf<T>(tasks: Iterable<T>): TaskSource<T> {
  const iterator = tasks[Symbol.iterator]();
  let given = 0;
  const next = (): T | undefined => {
    const { done, value } = iterator.next();
    if (done === true) return undefined;
    if (value === undefined) {
      throw new UsageError('UNDEFINED_TASK', {
        message: `Task ${given} is undefined. Use null or an object for a task without content.`,
        details: { index: given },
      });
    }
    given++;
    return value;
  };
  return Array.isArray(tasks) ? { next, remaining: () => tasks.length - given } : { next };
}

/** Runs a list of tasks and returns their outcomes in the order of the list. Rejects as {@link Executor.run} does. */
export async function runBatch<T, R>(
  executor: Executor,
  job: Job,
  tasks: readonly T[],
  options: RunOptions = {},
): Promise<TaskOutcome<R>[]> {
  const outcomes = new Array<TaskOutcome<R>>(tasks.length);
  const keep = (_task: T, index: number, outcome: TaskOutcome<R>): void => {
    outcomes[index] = outcome;
  };
  await executor.run(job, tasksOf(tasks), keep, options);
  return outcomes;
}
