import type { Command } from 'commander';
import type { Importance } from '../../optimize/importance.js';
import { recordedImportance } from '../../optimize/recorded-importance.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import { formatCount, formatNumber, formatPercent, metricLabel, renderTable } from '../../report/index.js';
import type { Session } from '../session.js';
import { wholeNumber } from '../values.js';

/** Interactions shown on a terminal. */
const SHOWN_PAIRS = 5;

/** Adds `importance STUDY`. */
export function registerImportance(program: Command, session: Session): void {
  program
    .command('importance')
    .description(
      'Says how much of the variance of the objective each parameter and each pair of them explains, by functional analysis of variance over a random forest, and by shuffling.',
    )
    .argument('<study>', 'the journal that optimize --study wrote')
    .option('--trees <count>', 'trees of the forest (default: 64)', wholeNumber('trees', { min: 1 }))
    .option('--seed <number>', "seed of the forest (default: the study's)", wholeNumber('seed', { min: 0 }))
    .addHelpText('after', '\nExample:\n  $ hindcast importance sma.log')
    .action(async (study: string, { trees, seed }: { readonly trees?: number; readonly seed?: number }) => {
      const { objective } = readStudyRecord(study).facts;
      const importance = await recordedImportance(study, {
        ...(trees === undefined ? {} : { trees }),
        ...(seed === undefined ? {} : { seed }),
      });
      const { output } = session;
      output.result({ study, objective, ...importance }, () => importanceText(importance, objective.metric, output));
    });
}

function importanceText(
  { trials, predicted, parameters, interactions, higher }: Importance,
  metric: string,
  style: { readonly width: number; readonly color: boolean },
): string {
  const rows = parameters.map(({ name, share, permutation }) => [
    name,
    formatPercent(share),
    formatNumber(permutation, 3),
  ]);
  const pairs = interactions
    .slice(0, SHOWN_PAIRS)
    .map(({ names, share }) => [names.join(' x '), formatPercent(share), '']);
  return [
    `What decides ${metricLabel(metric).toLowerCase()} over the whole space, from ${formatCount(trials)} trials`,
    '',
    renderTable(
      [
        { header: 'parameter', whole: true },
        { header: 'share', align: 'right' },
        { header: 'shuffled', align: 'right' },
      ],
      [...rows, ...pairs, ...(parameters.length > 2 ? [['three and more together', formatPercent(higher), '']] : [])],
      style,
    ),
    '',
    `The forest predicts ${formatPercent(Math.max(0, predicted))} of the variance of trials that it has not seen${predicted < 0.5 ? ': the shares say little' : ''}.`,
  ].join('\n');
}
