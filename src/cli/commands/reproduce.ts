import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { reproduceTrial, type TrialFigures } from '../../optimize/reproduce.js';
import { formatMetric, formatMoney, metricLabel, renderTable } from '../../report/index.js';
import type { Session } from '../session.js';
import { metricsDocument, paramsText, shortHash } from '../text-blocks.js';
import { wholeNumber } from '../values.js';

/** Adds `reproduce STUDY --trial N`. */
export function registerReproduce(program: Command, session: Session): void {
  program
    .command('reproduce')
    .description(
      'Runs one trial of a study again, alone and without caches, and compares every order and fill. Exit code 1 when they differ.',
    )
    .argument('<study>', 'the journal that optimize --study wrote')
    .option('--trial <number>', 'which trial (required)', wholeNumber('trial', { min: 0 }))
    .addHelpText('after', '\nExample:\n  $ hindcast reproduce sma.log --trial 7')
    .action((study: string, { trial }: { readonly trial?: number }) => reproduce(session, study, trial));
}

async function reproduce(session: Session, path: string, trial: number | undefined): Promise<void> {
  const { output } = session;
  if (trial === undefined) {
    throw new UsageError('MISSING_TRIAL', { message: `Say which trial: hindcast reproduce ${path} --trial NUMBER.` });
  }
  const { number, equal, expected, found, params, bundle, strategy } = await reproduceTrial(path, trial);
  const pair = {
    expected: figuresDocument(expected),
    found: figuresDocument(found),
  };
  session.exitCode = equal ? 0 : 1;
  const identity = { strategy: strategy.name, bundle: { name: bundle.name, version: bundle.version }, params };
  output.result({ study: path, number, equal, ...identity, ...pair }, () => {
    const verdict = equal
      ? `Trial ${number} is reproduced: every order, fill and metric is the same.`
      : `Trial ${number} is NOT reproduced: see what differs below.`;
    const rows = Object.keys(pair.expected.metrics).map((name) => {
      const [was, is] = [pair.expected.metrics[name], pair.found.metrics[name] ?? null];
      return [metricLabel(name), formatMetric(name, was), formatMetric(name, is), differs([was, is])];
    });
    const hashes = [pair.expected.orderStreamHash ?? '', pair.found.orderStreamHash ?? ''];
    const money = [pair.expected.endingEquity, pair.found.endingEquity];
    return [
      verdict,
      paramsText(params),
      '',
      renderTable(
        [
          { header: 'result', whole: true },
          { header: 'journal', align: 'right' },
          { header: 'now', align: 'right' },
          ...(equal ? [] : [{ header: 'remark' }]),
        ],
        [
          ['Ending equity', ...money.map((amount) => formatMoney(amount ?? '')), differs(money)],
          ...rows,
          ['Order stream', shortHash(hashes[0]!), shortHash(hashes[1]!), differs(hashes)],
        ],
        { width: output.width, color: output.color },
      ),
    ].join('\n');
  });
}

const figuresDocument = ({ orderStreamHash, endingEquity, metrics }: TrialFigures) => ({
  orderStreamHash: orderStreamHash ?? null,
  endingEquity: endingEquity ?? null,
  metrics: metricsDocument(metrics),
});

const differs = ([was, is]: readonly unknown[]): string => (was === is ? '' : 'differs');
