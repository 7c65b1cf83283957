import type { ParameterMap } from '../engine/parameters.js';
import { termsOf } from '../optimize/objective.js';
import type { StudyReport } from '../optimize/study-run.js';
import type { CompleteTrial, FinishedTrial } from '../optimize/trial.js';
import {
  formatCount,
  formatMetric,
  formatMoney,
  formatNumber,
  metricLabel,
  renderTable,
  type TextColumn,
} from '../report/index.js';
import type { JudgedStudy } from '../validate/judged-study.js';
import { overfittingDocument, overfittingText } from './overfitting.js';
import { type ChosenTrial, chosenText } from './robust-choice.js';
import { counted, metricsDocument, paramsText, shortHash } from './text-blocks.js';

type Complete = CompleteTrial<ParameterMap>;
type Finished = FinishedTrial<ParameterMap>;

/** Columns that parameters may take of a table before they share one. */
const PARAMETER_COLUMNS = 34;
/** Metrics shown beside the objective. */
const SHOWN_METRICS = ['sharpe', 'annualReturn', 'maxDrawdown', 'trades'];

/** Returns the document of a search: what design and documentation promise, with at most `top` of the best trials. */
export function studyDocument(report: StudyReport, top: number, judged: JudgedStudy | undefined, chosen?: ChosenTrial) {
  const { study, strategy, bundle, trials, best, workers, seconds, startupSeconds } = report;
  const { also, ...objective } = report.objective;
  return {
    study: {
      name: study.name,
      path: study.path ?? null,
      seed: study.seed,
      search: study.search,
      searchReason: study.searchReason ?? null,
    },
    strategy: strategy.name,
    bundle: { name: bundle.name, version: bundle.version },
    objective,
    trials,
    best: best === undefined ? null : trialDocument(best),
    top: report.top.slice(0, top).map((trial) => {
      const score = chosen?.scores.get(trial.number);
      return score === undefined ? trialDocument(trial) : { ...trialDocument(trial), score };
    }),
    ...(also === undefined
      ? {}
      : { objectives: termsOf(report.objective), front: sortedFront(report).map(trialDocument) }),
    workers,
    seconds,
    startupSeconds,
    trialsPerSecond: report.trialsPerSecond,
    takenOver: report.takenOver,
    stopped: report.stopped,
    overfitting: judged === undefined ? null : overfittingDocument(judged),
  };
}

/** A complete trial as documents list it. */
export const trialDocument = ({
  number,
  params,
  values,
  metrics = {},
  orderStreamHash,
  endingEquity,
  fills,
}: Complete) => ({
  number,
  params,
  value: values[0],
  ...(values.length > 1 ? { values } : {}),
  metrics: metricsDocument(metrics),
  orderStreamHash: orderStreamHash ?? null,
  endingEquity: endingEquity ?? null,
  fills: fills ?? null,
});

/** Yields every ended trial of a study as `--all` lists it, by number. */
export async function* allTrials({ allTrials: trials }: StudyReport): AsyncGenerator<object> {
  for await (const trial of trials()) {
    const { number, params, state, budget, metrics } = trial;
    yield {
      number,
      params,
      state,
      ...(budget === 1 ? {} : { budget }),
      ...(trial.state === 'complete' && trial.values.length > 1 ? { values: trial.values } : {}),
      value: trial.state === 'complete' ? trial.values[0] : trial.state === 'pruned' ? (trial.value ?? null) : null,
      metrics: metrics === undefined ? null : metricsDocument(metrics),
      ...(trial.stoppedAt === undefined ? {} : { stoppedAt: trial.stoppedAt }),
      ...(trial.intermediate === undefined ? {} : { intermediate: trial.intermediate }),
      ...(trial.state === 'complete' ? {} : { reason: trial.reason ?? null }),
    };
  }
}

/** Returns the first failed trial; undefined when none has failed. */
export async function firstFailed({
  trials,
  allTrials: iterate,
}: StudyReport): Promise<(Finished & { readonly state: 'failed' }) | undefined> {
  if (trials.failed === 0) return undefined;
  for await (const trial of iterate()) if (trial.state === 'failed') return trial;
  return undefined;
}

/** Searches most of whose trials run over part of the data. */
const OVER_PARTS: ReadonlySet<string> = new Set(['halving', 'hyperband', 'asha', 'bohb']);

/** What trials are that ended without a value. */
function prunedText({ study, prunes }: StudyReport): string {
  const overParts = OVER_PARTS.has(study.search);
  if (prunes) return overParts ? 'over part of the data or pruned' : 'pruned';
  return overParts ? 'over part of the data' : 'without a value';
}

/** Returns what a search found, for people: counts and the best trials. What is to be thought of them is {@link verdictText}. */
export function studyText(
  report: StudyReport,
  top: number,
  style: { readonly width: number; readonly color: boolean },
  chosen?: ChosenTrial,
): string {
  const { study, strategy, bundle, trials, best, workers, seconds } = report;
  const rate = report.trialsPerSecond > 0 ? `, ${formatNumber(report.trialsPerSecond, 0)} trials/s` : '';
  const counts = [
    `${formatCount(trials.complete)} complete`,
    ...(trials.pruned > 0 ? [`${formatCount(trials.pruned)} ${prunedText(report)}`] : []),
    ...(trials.failed > 0 ? [`${formatCount(trials.failed)} failed`] : []),
    ...(trials.duplicate > 0 ? [`${formatCount(trials.duplicate)} repeated`] : []),
    ...(report.takenOver > 0 ? [`${formatCount(report.takenOver)} taken over`] : []),
  ];
  const lines = [
    `${strategy.name} on ${bundle.name} ${shortHash(bundle.version)}${bundle.synthetic ? ' (synthetic)' : ''}`,
    `${study.search} search, ${counted(trials.total, 'trial')}: ${counts.join(', ')}`,
    ...(study.searchReason === undefined ? [] : [`  ${study.search} because: ${study.searchReason}`]),
    `${counted(workers, 'worker')}, ${seconds.toFixed(2)} s${rate}`,
    '',
  ];
  if (best === undefined) return [...lines, withoutBest(report)].join('\n');
  const names = termsOf(report.objective).map(({ metric }) => metric);
  const isFront = names.length > 1;
  const front = sortedFront(report);
  const bestName = isFront ? `Best by ${metricLabel(names[0]!).toLowerCase()}` : 'Best';
  return [
    ...lines,
    ...(isFront ? [frontText(front.length, top), ''] : []),
    rankedTable((isFront ? front : report.top).slice(0, top), names, style, chosen),
    '',
    `${bestName}: trial ${best.number}${best.endingEquity === undefined ? '' : `, ends with ${formatMoney(best.endingEquity)}`}`,
    `  ${paramsText(best.params)}`,
    ...(chosen === undefined ? [] : chosenText(chosen, names[0]!)),
  ].join('\n');
}

/** Returns the lines that follow what was found: how far it can be luck, and what to do next. None where nothing is the best. */
export function verdictText(
  report: StudyReport,
  judged: JudgedStudy | undefined,
  style: { readonly width: number; readonly program: string },
): string[] {
  const { best, trials } = report;
  if (best === undefined) return [];
  return [
    ...(judged === undefined
      ? [`The best of ${counted(trials.complete, 'trial')} is partly luck: judge it on data that took no part.`]
      : ['', ...overfittingText(judged, style.width)]),
    ...nextSteps(report, style.program),
  ];
}

/** The trials that no other one beats in all objectives, the best by the first one first. */
const sortedFront = ({ front, objective: { direction } }: StudyReport): readonly Complete[] =>
  [...front].sort((a, b) => (direction === 'maximize' ? -1 : 1) * (a.values[0] - b.values[0]) || a.number - b.number);

function frontText(count: number, top: number): string {
  const shown = count > top ? `; the first ${formatCount(top)}` : '';
  return `Pareto set: ${counted(count, 'trial')} that no other one beats in every objective${shown}`;
}

/** Why there is nothing to rank. */
function withoutBest({ study, trials: { total, failed, pruned }, prunes }: StudyReport): string {
  if (total === 0) return 'No trial has ended.';
  if (OVER_PARTS.has(study.search) && !prunes && failed === 0)
    return 'No trial has a value: none over all of the data has ended with one. Give the search more trials.';
  if (pruned === 0) return 'No trial has a value: every one failed.';
  if (prunes) return 'No trial has a value: each was pruned, broke a limit or never traded enough to be judged.';
  return `No trial has a value: ${failed === 0 ? 'none' : 'none that ran through'} traded often enough to be judged.`;
}

function nextSteps({ study: { path }, best }: StudyReport, program: string): string[] {
  if (path === undefined || best === undefined) return [];
  return [
    `Next: ${program} report ${path} --out report.html`,
    `      ${program} reproduce ${path} --trial ${best.number}`,
  ];
}

/** Returns the best trials as a table: number, parameters, objective, and the usual metrics. */
export function rankedTable(
  trials: readonly Complete[],
  objectives: readonly string[],
  style: { readonly width: number; readonly color: boolean },
  chosen?: Pick<ChosenTrial, 'selection' | 'scores'>,
): string {
  const names = Object.keys(trials[0]?.params ?? {});
  const texts = trials.map(({ params }) => names.map((name) => String((params as Record<string, unknown>)[name])));
  const widths = names.map((name, k) => Math.max(name.length, ...texts.map((row) => row[k]!.length)) + 2);
  const isWide =
    widths.reduce((sum, width) => sum + width, 0) > PARAMETER_COLUMNS ||
    Object.entries(trials[0]?.params ?? {}).some(([name, value]) => isConditional(name, value, trials));
  const scores = chosen?.selection.rule === 'plateau' ? chosen.scores : undefined;
  const further = SHOWN_METRICS.filter((name) => !objectives.includes(name));
  // Where parameters are many, telling them apart matters more than further metrics; a plateau takes the place of the last of them.
  const room = (isWide ? Math.max(2, objectives.length) : objectives.length + further.length) - (scores ? 1 : 0);
  const metrics = [...objectives, ...further].slice(0, Math.max(objectives.length, room));
  const parameterColumns: TextColumn[] = isWide
    ? [{ header: 'parameters' }]
    : names.map((name) => ({ header: name, align: 'right' }));
  const columns: TextColumn[] = [
    { header: 'trial', align: 'right' },
    ...parameterColumns,
    ...metrics.map((name): TextColumn => ({ header: metricLabel(name).toLowerCase(), align: 'right' })),
    ...(scores === undefined ? [] : [{ header: 'plateau', align: 'right' } as const]),
  ];
  const rows = trials.map(({ number, params, values, metrics: own = {} }, row) => [
    String(number),
    ...(isWide ? [paramsText(params)] : texts[row]!),
    ...metrics.map((name) => formatMetric(name, values[objectives.indexOf(name)] ?? own[name])),
    ...(scores === undefined ? [] : [formatMetric(objectives[0]!, scores.get(number))]),
  ]);
  return renderTable(columns, rows, style);
}

/** A conditional parameter takes the shared column, whatever its width; in the flat form only some trials have it. */
const isConditional = (name: string, value: unknown, trials: readonly Complete[]): boolean =>
  typeof value === 'object' ||
  trials.some(({ params }) => Object.keys(params).some((key) => key.startsWith(`${name}.`)));
