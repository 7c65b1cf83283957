import type { Command } from 'commander';
import { checkTrialsFile, writeTrials } from '../../export/index.js';
import { termsOf } from '../../optimize/objective.js';
import { loadStudied } from '../../optimize/reproduce.js';
import { type FlatParams, ParameterSpace } from '../../optimize/space.js';
import { readStudyRecord, type StudyRecord } from '../../optimize/study-record.js';
import type { JournalTrial } from '../../optimize/trial.js';
import { formatCount } from '../../report/index.js';
import { type ChosenTrial, choiceAmong, chosenDocument, chosenText, selectionOf } from '../robust-choice.js';
import type { Session } from '../session.js';
import { rankedTable, trialDocument } from '../study-document.js';
import { counted, metricsDocument, shortHash } from '../text-blocks.js';
import { wholeNumber } from '../values.js';

interface Flags {
  readonly top?: number;
  readonly select?: string;
  readonly all?: true;
  readonly out?: string;
}

const DEFAULT_TOP = 10;

/** Adds `trials STUDY`. */
export function registerTrials(program: Command, session: Session): void {
  program
    .command('trials')
    .summary('list and export the trials of a study')
    .description(
      'Lists the best trials of a study, and writes all of them to a file. Nothing is run; the study may still be written.',
    )
    .argument('<study>', 'the journal that optimize --study wrote')
    .option('--top <count>', `best trials shown (default: ${DEFAULT_TOP})`, wholeNumber('top', { min: 1 }))
    .option(
      '--select <rule>',
      'rank by plateaus too, the mean over a trial and its nearest: plateau, plateau:12 with 12 (default: the best alone)',
    )
    .option('--all', 'add every trial to the JSON document')
    .option('--out <file>', 'write every trial: .csv, .parquet or .jsonl (default: none)')
    .addHelpText(
      'after',
      `
Examples:
  $ hindcast trials sma.log --top 20 --select plateau
  $ hindcast trials sma.log --out trials.parquet`,
    )
    .action(async (study: string, flags: Flags) => {
      const { top = DEFAULT_TOP, out } = flags;
      const selection = selectionOf(flags.select);
      if (out !== undefined) checkTrialsFile(out);
      const record = readStudyRecord(study);
      const trials = [...record.trials()];
      const listing: Listing = { record, trials, ranked: rank(record, trials) };
      const chosen = selection && (await chooseIn(listing, selection));
      const names = termsOf(record.facts.objective).map(({ metric }) => metric);
      const file = out === undefined ? undefined : await writeTrials(out, trials, names);
      const all = flags.all === true ? { name: 'all', items: each(trials) } : undefined;
      const { output } = session;
      const document = {
        ...documentOf(listing, top, chosen),
        ...(selection === undefined ? {} : { selected: chosen === undefined ? null : chosenDocument(chosen) }),
        ...(file === undefined ? {} : { out: { file: out, rows: file.rows, textColumns: file.textColumns } }),
      };
      await output.resultWith(document, all, () => {
        const lines = textOf(listing, top, output, chosen);
        return [...lines, ...(file === undefined ? [] : [`Trials: ${out} (${counted(file.rows, 'row')})`])].join('\n');
      });
    });
}

/** A trial with values, as a table shows it. */
type Ranked = Parameters<typeof rankedTable>[0][number];

interface Listing {
  readonly record: StudyRecord;
  readonly trials: readonly JournalTrial[];
  /** Those with values over all of the data, best first, none twice. */
  readonly ranked: readonly Ranked[];
}

function rank({ facts }: StudyRecord, trials: readonly JournalTrial[]): readonly Ranked[] {
  const sign = facts.objective.direction === 'maximize' ? -1 : 1;
  return trials
    .flatMap(({ number, params, budget = 1, ending }) =>
      ending?.state === 'complete' && ending.duplicateOf === undefined && budget === 1
        ? [{ ...ending, number, params: params as Ranked['params'], budget }]
        : [],
    )
    .sort((a, b) => sign * (a.values[0] - b.values[0]) || a.number - b.number);
}

/** Needs the strategy: distances are those of its parameters. @throws UsageError `STUDY_MISMATCH` where it has changed since */
async function chooseIn(
  { record: { path, facts }, trials }: Listing,
  selection: NonNullable<ReturnType<typeof selectionOf>>,
): Promise<ChosenTrial | undefined> {
  const { strategy } = await loadStudied(path, facts);
  const candidates = trials.flatMap(({ number, params, budget = 1, ending }) =>
    budget === 1 && ending !== undefined ? [{ number, params: params as FlatParams, ending }] : [],
  );
  return choiceAmong(candidates, new ParameterSpace(strategy.parameters), facts.objective.direction, selection);
}

function countsOf(trials: readonly JournalTrial[]) {
  const count = (state: JournalTrial['state']): number => trials.filter((trial) => trial.state === state).length;
  return {
    total: trials.length,
    complete: count('complete'),
    pruned: count('pruned'),
    failed: count('failed'),
    duplicate: trials.filter(({ ending }) => ending?.duplicateOf !== undefined).length,
  };
}

function documentOf({ record, trials, ranked }: Listing, top: number, chosen: ChosenTrial | undefined) {
  const { name, path, facts } = record;
  const { also, ...objective } = facts.objective;
  return {
    study: { name, path, seed: facts.seed, search: facts.search },
    strategy: facts.strategyName,
    bundle: { name: facts.bundleName, version: facts.bundleVersion },
    objective,
    ...(also === undefined ? {} : { objectives: termsOf(facts.objective) }),
    trials: countsOf(trials),
    top: ranked.slice(0, top).map((trial) => {
      const score = chosen?.scores.get(trial.number);
      return { ...trialDocument(trial), ...(score === undefined ? {} : { score }) };
    }),
  };
}

function* each(trials: readonly JournalTrial[]): Generator<object> {
  for (const { number, params, budget = 1, state, ending } of trials) {
    yield {
      number,
      params,
      state,
      ...(budget === 1 ? {} : { budget }),
      ...(ending?.state === 'complete' && ending.values.length > 1 ? { values: ending.values } : {}),
      value:
        ending?.state === 'complete' ? ending.values[0] : ending?.state === 'pruned' ? (ending.value ?? null) : null,
      metrics: ending?.metrics === undefined ? null : metricsDocument(ending.metrics),
      ...(ending?.stoppedAt === undefined ? {} : { stoppedAt: ending.stoppedAt }),
      ...(ending?.duplicateOf === undefined ? {} : { duplicateOf: ending.duplicateOf }),
      ...(ending?.takenFrom === undefined ? {} : { takenFrom: ending.takenFrom }),
      ...(ending === undefined || ending.state === 'complete' ? {} : { reason: ending.reason ?? null }),
    };
  }
}

function textOf(
  { record: { facts }, trials, ranked }: Listing,
  top: number,
  style: { readonly width: number; readonly color: boolean },
  chosen: ChosenTrial | undefined,
): string[] {
  const { total, complete, pruned, failed, duplicate } = countsOf(trials);
  const counts = [
    `${formatCount(complete)} complete`,
    ...(pruned > 0 ? [`${formatCount(pruned)} without a value of the study`] : []),
    ...(failed > 0 ? [`${formatCount(failed)} failed`] : []),
    ...(duplicate > 0 ? [`${formatCount(duplicate)} repeated`] : []),
  ];
  const names = termsOf(facts.objective).map(({ metric }) => metric);
  return [
    `${facts.strategyName} on ${facts.bundleName} ${shortHash(facts.bundleVersion)}${facts.synthetic ? ' (synthetic)' : ''}`,
    `${facts.search} search, ${counted(total, 'trial')} ended${total === 0 ? '' : `: ${counts.join(', ')}`}`,
    ...(ranked.length === 0
      ? ['No trial has a value.']
      : ['', rankedTable(ranked.slice(0, top), names, style, chosen)]),
    ...(chosen === undefined ? [] : ['', ...chosenText(chosen, names[0]!)]),
  ];
}
