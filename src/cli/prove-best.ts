import { HindcastError } from '../core/errors.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { MarketOptions } from '../engine/market.js';
import type { StudyReport } from '../optimize/study-run.js';
import type { Executor, TaskOutcome } from '../parallel/executor.js';
import { PersistentWorkerPool } from '../parallel/persistent-worker-pool.js';
import type { LookaheadReport } from '../validate/lookahead.js';
import { type ProofTask, prove } from '../validate/proof-entry.js';

/** Rows of a bundle beyond which the proof is no matter of passing: each of its runs writes the bundle anew. */
const ROWS_IN_PASSING = 500_000;

/** Few cuts and no threads: about ten runs of one trial. The command `lookahead` does more. */
const IN_PASSING = { cuts: 1, isolated: false } as const;

/**
 * Returns the proof that the best trial of a search does not look ahead, made in passing. Undefined without a best trial, after an interruption, on a
 * bundle of more than half a million rows, and where no bar follows the trial's first decision.
 *
 * @param market what was searched on; undefined for a study that says so itself
 * @param by threads that may make it while this one does something else. @defaultValue this thread makes it
 */
export async function proveBest(
  report: StudyReport,
  market: MarketOptions | undefined,
  by?: { readonly executor: Executor; readonly signal: AbortSignal },
): Promise<LookaheadReport | undefined> {
  const task = taskOf(report, market);
  if (task === undefined) return undefined;
  if (by !== undefined && by.executor instanceof PersistentWorkerPool) {
    const outcome = await inThread(task, by.executor, by.signal);
    if (outcome === undefined) return undefined;
    if (outcome.state === 'done') return outcome.value;
    // What failed there fails here too, with the error itself; a thread that died, for want of memory for example, is no answer.
  }
  try {
    return await prove(task);
  } catch (error) {
    if (error instanceof HindcastError && error.code === 'NOTHING_TO_CUT') return undefined;
    throw error;
  }
}

function taskOf(
  { best, study, strategy, bundleRows, stopped }: StudyReport,
  market: MarketOptions | undefined,
): ProofTask | undefined {
  if (best === undefined || stopped === 'interrupted') return undefined;
  if (bundleRows > ROWS_IN_PASSING) return undefined;
  if (study.path !== undefined) return { study: study.path, trial: best.number, options: IN_PASSING };
  if (market === undefined || strategy.file === undefined) return undefined;
  const { params, number, duplicateOf: trial = number } = best;
  return { file: strategy.file, options: { ...IN_PASSING, ...market, params, seed: study.seed, trial } };
}

/** Undefined where it was interrupted. */
async function inThread(
  task: ProofTask,
  pool: PersistentWorkerPool,
  signal: AbortSignal,
): Promise<TaskOutcome<LookaheadReport> | undefined> {
  const job = {
    key: 'proof',
    module: workerEntry(import.meta.url, '../validate/proof-entry.js').href,
    setup: undefined,
  };
  try {
    const [outcome] = await pool.runBatch<ProofTask, LookaheadReport>(job, [task], { signal, startWith: 1 });
    return outcome;
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}
