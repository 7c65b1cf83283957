import { UsageError } from '../core/errors.js';
import type { ParameterSpace } from '../optimize/space.js';
import type { StudyReport } from '../optimize/study-run.js';
import type { Direction } from '../optimize/trial.js';
import { formatMetric, metricLabel } from '../report/index.js';
import { type Candidate, parseSelection, type RankedTrial, rankTrials, type Selection } from '../validate/selection.js';
import { paramsText } from './text-blocks.js';

/** Reads `--select` of a search. @throws UsageError `INVALID_OPTION` */
export function selectionOf(text: string | undefined): Selection | undefined {
  if (text === undefined) return undefined;
  if (!/^average\b/.test(text)) return parseSelection(text);
  throw new UsageError('INVALID_OPTION', {
    message: `Option --select of a search is best or plateau, such as plateau:8, not '${text}': an average is no trial. A walk-forward takes it.`,
    details: { option: 'select', value: text },
  });
}

/** A trial that a rule chooses in place of the one with the best value. */
export interface ChosenTrial extends RankedTrial {
  readonly selection: Selection;
  /** What the rule ranks the trials by, by number: of a plateau the means of the best 500 over their neighbourhoods. */
  readonly scores: ReadonlyMap<number, number>;
}

/** Returns the trial that a rule chooses from all of a search, by the first objective; undefined where none has a value. */
export async function chooseTrial(report: StudyReport, selection: Selection): Promise<ChosenTrial | undefined> {
  const { space, objective } = report;
  const candidates: Candidate[] = [];
  for await (const trial of report.allTrials()) {
    // What part of the data says is no value of the study.
    if (trial.budget === 1)
      candidates.push({ number: trial.number, params: space.toFlat(trial.params), ending: trial });
  }
  return choiceAmong(candidates, space, objective.direction, selection);
}

/** Returns the trial that a rule chooses among some; undefined where none has a value. */
export function choiceAmong(
  candidates: readonly Candidate[],
  space: ParameterSpace,
  direction: Direction,
  selection: Selection,
): ChosenTrial | undefined {
  const ranked = rankTrials(candidates, space, direction, selection);
  const [first] = ranked;
  return first && { ...first, selection, scores: new Map(ranked.map(({ number, score }) => [number, score])) };
}

export const chosenDocument = ({ selection, number, params, value, score }: ChosenTrial) => ({
  rule: textOf(selection),
  number,
  params,
  value,
  score,
});

export function chosenText({ selection, number, params, value, score }: ChosenTrial, metric: string): string[] {
  const name = metricLabel(metric).toLowerCase();
  return [
    `Chosen by ${textOf(selection)}: trial ${number}, ${name} ${formatMetric(metric, value)}, ${formatMetric(metric, score)} over its neighbourhood`,
    `  ${paramsText(params)}`,
  ];
}

const textOf = ({ rule, count }: Selection): string => (rule === 'best' ? rule : `${rule}:${count}`);
