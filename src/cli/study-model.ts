import { UsageError } from '../core/errors.js';
import { type Declaration, flatDeclarations } from '../engine/parameters.js';
import type { Strategy } from '../engine/strategy.js';
import { loadStrategy } from '../engine/strategy-loader.js';
import { dominates } from '../optimize/dominance.js';
import type { Importance } from '../optimize/importance.js';
import { type ResolvedObjective, termsOf } from '../optimize/objective.js';
import { recordedImportance } from '../optimize/recorded-importance.js';
import { reproduceTrial } from '../optimize/reproduce.js';
import { type FlatParams, ParameterSpace } from '../optimize/space.js';
import type { StudyRecord } from '../optimize/study-record.js';
import type { Direction, JournalTrial } from '../optimize/trial.js';
import {
  type BacktestReportModel,
  formatTime,
  type ReportParameter,
  reportFront,
  reportOverfitting,
  reportRun,
  reportTrial,
  type StudyReportModel,
  topTrials,
} from '../report/index.js';
import { holdoutText, readHoldout } from '../validate/holdout.js';
import type { JudgedStudy } from '../validate/judged-study.js';
import { type Candidate, parseSelection, type RankedTrial, rankTrials } from '../validate/selection.js';
import { factsText } from './text-blocks.js';

/**
 * Returns a study's file as a report shows it, running its best trial again. Throws what reading and reproducing throw.
 *
 * @param judged its statistics; undefined where there are none
 */
export async function studyModel(record: StudyRecord, judged: JudgedStudy | undefined): Promise<StudyReportModel> {
  const { path, facts } = record;
  const { direction, metric } = facts.objective;
  const trials = [...record.trials()];
  const { strategy } = await loadStrategy(facts.strategyFile);
  const ranked = plateausOf(trials, strategy, direction);
  const means = new Map(ranked.map(({ number, score }) => [number, score]));
  const top = topTrials(trials, direction).map((trial) => ({ ...trial, plateau: means.get(trial.number) }));
  const [winner] = top;
  const best = winner === undefined ? undefined : await reproduceTrial(record, winner.number);
  if (best !== undefined && !best.equal) throw mismatch(path, best.number);
  return {
    kind: 'study',
    title: `${facts.strategyName} on ${facts.bundleName}`,
    ...commonOf(record),
    parameters: [...flatDeclarations(strategy.parameters)].map(([name, declaration]) =>
      reportParameter(name, declaration),
    ),
    objective: { name: metric, direction },
    trials: trials.map(reportTrial),
    best:
      best === undefined ? undefined : { ...reportRun(best.result, winner!.params, best.custom), number: best.number },
    top,
    ...(ranked[0] === undefined ? {} : { plateau: plateauOf(ranked[0]) }),
    ...(facts.objective.also === undefined ? {} : { front: frontOf(trials, facts.objective) }),
    overfitting: judged === undefined ? 'not-computed' : reportOverfitting(judged),
    importance: await importanceWhereThereIsOne(path),
  };
}

const PLATEAU = parseSelection('plateau');

/** Trials beyond which neighbourhoods are not looked at. */
const MOST_NEIGHBOURS = 5_000;

/** The trials by the means over their neighbourhoods, the best first; none of a study of too many or too few. */
function plateausOf(
  trials: readonly JournalTrial[],
  { parameters }: Pick<Strategy, 'parameters'>,
  direction: Direction,
): readonly RankedTrial[] {
  const candidates = trials.flatMap(({ number, params, budget = 1, ending }): Candidate[] =>
    budget === 1 && ending !== undefined ? [{ number, params: params as FlatParams, ending }] : [],
  );
  if (candidates.length > MOST_NEIGHBOURS || candidates.length <= PLATEAU.count) return [];
  return rankTrials(candidates, new ParameterSpace(parameters), direction, PLATEAU);
}

const plateauOf = ({ number, params, value, score }: RankedTrial): NonNullable<StudyReportModel['plateau']> => ({
  number,
  params,
  value,
  mean: score,
  neighbours: PLATEAU.count,
});

/** The Pareto set of a study of several objectives. */
function frontOf(trials: readonly JournalTrial[], objective: ResolvedObjective): StudyReportModel['front'] {
  const terms = termsOf(objective).map(({ metric, direction }) => ({ name: metric, direction }));
  const lossesOf = (values: readonly number[]): number[] =>
    values.map((value, at) => (terms[at]!.direction === 'maximize' ? -value : value));
  return reportFront(trials, terms, (values, by) => dominates(lossesOf(by), lossesOf(values)));
}

/** Returns one trial of a study's file as a report shows it, running it again. Throws what reading and reproducing throw. */
export async function trialModel(record: StudyRecord, number: number): Promise<BacktestReportModel> {
  const { path, facts } = record;
  const { result, custom, params, equal } = await reproduceTrial(record, number);
  if (!equal) throw mismatch(path, number);
  return {
    kind: 'backtest',
    title: `${facts.strategyName} on ${facts.bundleName}, trial ${number}`,
    ...commonOf(record),
    run: reportRun(result, params as Parameters<typeof reportRun>[1], custom),
  };
}

/** What the pages of a study and of one of its trials have in common. */
function commonOf(record: StudyRecord) {
  const { synthetic, bundleName } = record.facts;
  return {
    synthetic,
    generatedAt: `${formatTime(Date.now())} UTC`,
    holdout: holdoutNote(bundleName),
    provenance: provenanceOf(record),
  };
}

function mismatch(path: string, number: number): UsageError {
  return new UsageError('STUDY_MISMATCH', {
    message: `Trial ${number} of ${path} gives another result now than when it was searched: see hindcast reproduce ${path} --trial ${number}.`,
    details: { path, number },
  });
}

/** Which parameters matter; undefined where trials are too few or too alike to tell. */
async function importanceWhereThereIsOne(path: string): Promise<Importance | undefined> {
  try {
    return await recordedImportance(path);
  } catch (error) {
    if (error instanceof UsageError && UNTOLD.includes(error.code)) return undefined;
    throw error;
  }
}

const UNTOLD: readonly string[] = ['TOO_FEW_TRIALS', 'NO_VARIANCE'];

/** What a report says of a bundle's holdout; undefined where none is locked. */
export function holdoutNote(bundle: string): string | undefined {
  const holdout = readHoldout(bundle);
  return holdout && holdoutText(holdout);
}

function provenanceOf({ name, facts }: StudyRecord): Record<string, string> {
  const { view, run, versions } = facts;
  return {
    Study: `${name}, ${facts.search} search, seed ${facts.seed}, lag ${facts.lag}`,
    Bundle: `${facts.bundleName} ${facts.bundleVersion}`,
    'Strategy source': facts.strategySourceHash,
    Market: `${view.symbols?.join(', ') ?? 'all symbols'}, ${view.start ?? 'first bar'} to ${view.end ?? 'last bar'}`,
    Configuration: factsText(run),
    Versions: factsText(versions),
  };
}

function reportParameter(name: string, declaration: Declaration): ReportParameter {
  switch (declaration.kind) {
    case 'int':
    case 'float':
      return { name, kind: declaration.kind };
    case 'bool':
      return { name, kind: 'boolean' };
    case 'choice':
      return { name, kind: 'choice', values: declaration.values };
    case 'variant':
      return { name, kind: 'choice', values: Object.keys(declaration.variants) };
  }
}
