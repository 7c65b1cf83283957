import { realpathSync } from 'node:fs';
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
  /** Studies whose outcomes are taken over. @defaultValue none */
  readonly reuse?: readonly string[] | undefined;
}

/**
 * Returns the module that a strategy declares, ready for other threads. In this thread alone the strategy is what the caller gave; its module is then only looked at for the
 * hash of its source, which a study keeps, so that it is the same study for any number of workers. Undefined where none is declared or nobody needs it, and in this thread for a strategy
 * that is not known to be the default export of its module: several can be made by one file, and its hash would stand for all of them.
 *
 * @throws UsageError for a file that does not compile, or, for other threads, whose default export is no strategy
 */
export async function moduleOf(
  strategy: Strategy,
  { jobs, pool, study, reuse }: Runs,
): Promise<CompiledStrategy | undefined> {
  const { module } = definitionOf(strategy);
  if (module === undefined) return undefined;
  const file = fileURLToPath(module);
  if (pool !== undefined || resolveJobs(jobs).workers > 1) return loadStrategy(file);
  if (study === undefined && reuse === undefined) return undefined;
  const compiled = await compileStrategy(file);
  return (await isDefaultExport(strategy, module)) ? compiled : undefined;
}

/** Time after which a module that this thread has loaded before would long have answered: it does so at once. */
const ANSWER_MS = 200;

/**
 * Whether a strategy is the default export of a module of this thread. A program that searches its own strategy is no module of its own, and a module that does so while it is loaded
 * does not answer before its search has ended: nobody knows yet what it exports.
 */
async function isDefaultExport(strategy: Strategy, module: string): Promise<boolean> {
  if (isProgram(fileURLToPath(module))) return false;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  });
  try {
    const loaded = await Promise.race([import(module) as Promise<{ readonly default?: unknown }>, silence]);
    return loaded?.default === strategy;
  } catch {
    // What cannot be loaded here was made elsewhere.
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether a file is the program that this process runs. */
function isProgram(file: string): boolean {
  const [, program] = process.argv;
  try {
    return program !== undefined && realpathSync(program) === realpathSync(file);
  } catch {
    return false;
  }
}
