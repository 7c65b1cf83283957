export { closeDefaultPool, defaultPool } from './default-pool.js';
export { EphemeralPool } from './ephemeral-pool.js';
export {
  type Activity,
  type CreateRunner,
  type Executor,
  type Job,
  NOT_YET,
  type OutcomeListener,
  type Runner,
  type RunnerEnvironment,
  type RunOptions,
  type TaskOutcome,
  type TaskSource,
  type WorkDone,
} from './executor.js';
export { InlineExecutor } from './inline-executor.js';
export { type ResolvedJobs, resolveJobs } from './jobs.js';
export { type ExecutorOptions, openExecutor } from './open-executor.js';
export { PersistentWorkerPool } from './persistent-worker-pool.js';
export type { PoolOptions } from './pool-options.js';
export type { PoolStatistics, WorkerStatistics } from './pool-statistics.js';
export { runBatch, tasksOf } from './task-source.js';
export { workerEntry } from './worker-entry-url.js';
