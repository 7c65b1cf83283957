import { recordedValues } from '../optimize/recorded-values.js';
import { readStudyRecord } from '../optimize/study-record.js';
import type { StudyReport } from '../optimize/study-run.js';
import { type OverfittingWords, overfittingWords } from './overfitting-findings.js';
import { returnsOfTrials, type StudyOverfitting, type StudyReturns, studyOverfitting } from './study-overfitting.js';

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
  for await (const trial of report.allTrials()) {
    if (trial.state === 'complete' && trial.duplicateOf === undefined) numbers.push(trial.number);
  }
  const returns = returnsOfTrials(sessionValues, numbers, best.number);
  return (
    returns && judged({ ...returns, trials: numbers.length, best: best.number, sessionsPerYear, seed: study.seed })
  );
}

/** The same of a study in a file; trials whose values are missing run again. Throws what reading and running them throws. */
export async function judgeStudy(path: string, jobs?: number): Promise<JudgedStudy | undefined> {
  const record = readStudyRecord(path);
  const { facts } = record;
  const sign = facts.objective.direction === 'maximize' ? 1 : -1;
  const numbers: number[] = [];
  let best: { readonly number: number; readonly value: number } | undefined;
  for (const { number, ending } of record.trials()) {
    if (ending?.state !== 'complete' || ending.duplicateOf !== undefined) continue;
    numbers.push(number);
    const value = sign * ending.values[0];
    if (best === undefined || value > best.value) best = { number, value };
  }
  if (best === undefined) return undefined;
  const { values, sessionsPerYear } = await recordedValues(record, best.number, { jobs });
  const returns = returnsOfTrials(values, numbers, best.number);
  return (
    returns && judged({ ...returns, trials: numbers.length, best: best.number, sessionsPerYear, seed: facts.seed })
  );
}

function judged(study: StudyReturns): JudgedStudy | undefined {
  const figures = studyOverfitting(study);
  return figures && { figures, words: overfittingWords(figures) };
}
