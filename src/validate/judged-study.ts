import { canonicalJson } from '../core/json.js';
import { recordedValues } from '../optimize/recorded-values.js';
import { type StudyRecord, studyRecordOf } from '../optimize/study-record.js';
import type { StudyReport } from '../optimize/study-run.js';
import type { TrialEnding } from '../optimize/trial.js';
import { resolveJobs } from '../parallel/jobs.js';
import { type OverfittingWords, overfittingWords } from './overfitting-findings.js';
import {
  crossValidateStudy,
  returnsOfTrials,
  type StudyOverfitting,
  type StudyReturns,
  studyOverfitting,
} from './study-overfitting.js';

/** A study's statistics, in figures and in words. */
export interface JudgedStudy {
  readonly figures: StudyOverfitting;
  readonly words: OverfittingWords;
}

/**
 * Returns how far the best trial of a search can be believed; undefined where its account values were not kept, none has a value, or the
 * best one's returns do not vary.
 */
export async function judgeSearch(report: StudyReport): Promise<JudgedStudy | undefined> {
  const { best, sessionValues, sessionsPerYear, study } = report;
  if (best === undefined || sessionValues === undefined) return undefined;
  const numbers: number[] = [];
  const tried = new TriedPoints();
  for await (const trial of report.allTrials()) {
    tried.add(trial.params, trial.budget, trial);
    if (trial.state === 'complete' && trial.duplicateOf === undefined) numbers.push(trial.number);
  }
  const returns = returnsOfTrials(sessionValues, numbers, best.number);
  if (returns === undefined) return undefined;
  const { seed } = study;
  return judged({ ...returns, trials: tried.count, best: best.number, sessionsPerYear, seed }, report.workers);
}

/** The same of a study in a file, given by its path or as it was read; trials whose values are missing run again. Throws what reading and running them throws. */
export async function judgeStudy(study: string | StudyRecord, jobs?: number): Promise<JudgedStudy | undefined> {
  const record = studyRecordOf(study);
  const { facts } = record;
  const sign = facts.objective.direction === 'maximize' ? 1 : -1;
  const numbers: number[] = [];
  let best: { readonly number: number; readonly value: number } | undefined;
  const tried = new TriedPoints();
  for (const { number, params, budget = 1, ending } of record.trials()) {
    if (ending !== undefined) tried.add(params, budget, ending);
    if (ending?.state !== 'complete' || ending.duplicateOf !== undefined) continue;
    numbers.push(number);
    const value = sign * ending.values[0];
    if (best === undefined || value > best.value) best = { number, value };
  }
  if (best === undefined) return undefined;
  const { values, sessionsPerYear } = await recordedValues(record, best.number, { jobs });
  const returns = returnsOfTrials(values, numbers, best.number);
  if (returns === undefined) return undefined;
  const { seed } = facts;
  const { workers } = resolveJobs(jobs);
  return judged({ ...returns, trials: tried.count, best: best.number, sessionsPerYear, seed }, workers);
}

/** Counts what the best was chosen from: trials over all of the data, and points that part of it, or a limit that they broke, was enough to drop. */
class TriedPoints {
  #complete = 0;
  readonly #whole = new Set<string>();
  readonly #part = new Set<string>();

  add(params: object, budget: number, ending: TrialEnding): void {
    if (ending.duplicateOf !== undefined) return;
    if (ending.state === 'complete') {
      this.#complete++;
      this.#whole.add(canonicalJson(params));
    } else if (
      ending.state === 'pruned' &&
      (ending.stoppedAt !== undefined || (budget < 1 && ending.value !== undefined))
    )
      this.#part.add(canonicalJson(params));
  }

  get count(): number {
    let dropped = 0;
    for (const point of this.#part) if (!this.#whole.has(point)) dropped++;
    return this.#complete + dropped;
  }
}

async function judged(study: StudyReturns, workers: number): Promise<JudgedStudy | undefined> {
  const figures = studyOverfitting(study, await crossValidateStudy(study, workers));
  return figures && { figures, words: overfittingWords(figures) };
}
