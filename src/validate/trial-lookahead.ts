import { UsageError } from '../core/errors.js';
import type { GivenParams } from '../engine/params.js';
import { findTrial, loadStudied } from '../optimize/reproduce.js';
import { ParameterSpace } from '../optimize/space.js';
import { readStudyRecord, refuseParts, type StudyFacts, type StudyRecord } from '../optimize/study-record.js';
import type { JournalTrial } from '../optimize/trial.js';
import { type LookaheadOptions, type LookaheadReport, lookahead } from './lookahead.js';

/** The proof of one trial of a study. */
export interface TrialLookahead extends LookaheadReport {
  readonly trial: number;
  readonly strategy: { readonly name: string; readonly file: string };
}

/** How the proof of a trial is made; everything else is as the study has it. */
export type TrialLookaheadOptions = Pick<
  LookaheadOptions,
  'cuts' | 'cutSeed' | 'jobs' | 'isolated' | 'signal' | 'onProgress'
>;

/**
 * Makes the proof of {@link lookahead} for a trial of a study in a file: with its parameters, its random stream, and the study's bundle and options.
 *
 * @param number the trial; the best one where it is undefined
 * @throws UsageError `STUDY_OF_PARTS`, `STUDY_BY_ROWS`, `UNKNOWN_TRIAL`, `TRIAL_FAILED`, `NO_BEST_TRIAL`, `STUDY_MISMATCH`, and what `lookahead` throws
 */
export async function lookaheadOfTrial(
  path: string,
  number: number | undefined,
  options: TrialLookaheadOptions = {},
): Promise<TrialLookahead> {
  const record = readStudyRecord(path);
  const { facts, trials } = record;
  refuseParts(path, facts);
  refuseRows(path, facts);
  const asked = number === undefined ? bestTrialOf(record) : findTrial(path, trials(), number, facts.fidelity);
  // A copy of an earlier trial was never run itself: its random stream is the earlier one's.
  const first = asked.ending?.duplicateOf;
  const trial = first === undefined ? asked : findTrial(path, trials(), first);
  const { strategy, path: file, name } = await loadStudied(path, facts);
  const params = new ParameterSpace(strategy.parameters).checkFlat(trial.params) as GivenParams;
  const market = { ...facts.view, ...facts.run, bundle: `${facts.bundleName}@${facts.bundleVersion}` };
  const report = await lookahead(file, { ...options, ...market, params, seed: facts.seed, trial: trial.number });
  return { ...report, trial: asked.number, strategy: { name, file } };
}

/** A window of intraday bars may begin within a day; an altered market is cut by dates. */
function refuseRows(path: string, { view }: StudyFacts): void {
  if (view.rows === undefined) return;
  throw new UsageError('STUDY_BY_ROWS', {
    message: `The trials of ${path} ran on rows ${view.rows[0]} to ${view.rows[1]} of intraday bars, as a window of a walk-forward. Prove its parameters on the whole of the data: hindcast lookahead STRATEGY --bundle B --param NAME=VALUE.`,
    details: { path, rows: view.rows },
  });
}

/** The trial with the best value, the earliest of equal ones. */
export function bestTrialOf({ path, facts, trials }: StudyRecord): JournalTrial {
  const sign = facts.objective.direction === 'maximize' ? 1 : -1;
  let best: { readonly trial: JournalTrial; readonly value: number } | undefined;
  for (const trial of trials()) {
    if (trial.ending?.state !== 'complete') continue;
    const value = sign * trial.ending.values[0];
    if (best === undefined || value > best.value) best = { trial, value };
  }
  if (best !== undefined) return best.trial;
  throw new UsageError('NO_BEST_TRIAL', {
    message: `${path} holds no trial with a value, so none is the best. Name one: --trial NUMBER.`,
    details: { path },
  });
}
