import { fileURLToPath } from 'node:url';
import { definitionOf, type Strategy } from '../engine/strategy.js';
import { type CompiledStrategy, compileStrategy, loadStrategy } from '../engine/strategy-loader.js';
import type { Executor } from '../parallel/executor.js';
import { resolveJobs } from '../parallel/jobs.js';

/** Where trials run, and where they are kept. */
interface Runs {
  readonly jobs?: number | undefined;
  readonly pool?: Executor | undefined;
  /** File or folder of the study; undefined in memory. */
  readonly study?: string | undefined;
}

/**
 * Returns the module that a strategy declares, ready for other threads. In this thread alone the strategy is what the caller gave; its module is then only looked at for the
 * hash of its source, which a study keeps, so that it is the same study for any number of workers. Undefined where none is declared or nobody needs it.
 *
 * @throws UsageError for a file that does not compile, or, for other threads, whose default export is no strategy
 */
export async function moduleOf(strategy: Strategy, { jobs, pool, study }: Runs): Promise<CompiledStrategy | undefined> {
  const { module } = definitionOf(strategy);
  if (module === undefined) return undefined;
  const file = fileURLToPath(module);
  if (pool !== undefined || resolveJobs(jobs).workers > 1) return loadStrategy(file);
  return study === undefined ? undefined : compileStrategy(file);
}
