import type { CreateRunner } from '../parallel/executor.js';
import { type LookaheadOptions, type LookaheadReport, lookahead } from './lookahead.js';
import type { TrialLookaheadOptions } from './trial-lookahead.js';

/** A proof that a strategy does not look ahead: of a strategy's file, or of a trial of a study in a file. Plain data. */
export type ProofTask =
  | { readonly file: string; readonly options: LookaheadOptions }
  | { readonly study: string; readonly trial: number; readonly options: TrialLookaheadOptions };

/** Makes a proof. Throws what {@link lookahead} and `lookaheadOfTrial` throw. */
export async function prove(task: ProofTask): Promise<LookaheadReport> {
  if ('file' in task) return lookahead(task.file, task.options);
  // Loaded where it is used: reading studies takes much that a thread has no other use for.
  const { lookaheadOfTrial } = await import('./trial-lookahead.js');
  return lookaheadOfTrial(task.study, task.trial, task.options);
}

/** Makes proofs in a thread. */
export const createRunner: CreateRunner<ProofTask, LookaheadReport> = () => ({ run: prove });
