import type { Command } from 'commander';
import { countText } from '../../core/decimal-text.js';
import { UsageError } from '../../core/errors.js';
import { reproduceTrial, type TrialFigures } from '../../optimize/reproduce.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import { formatMetric, formatMoney, metricLabel, renderTable } from '../../report/index.js';
import { refuseHoldoutOf } from '../../validate/holdout.js';
import type { Session } from '../session.js';
import { metricsDocument, paramsText, shortHash } from '../text-blocks.js';
import { wholeNumber } from '../values.js';

/** Adds `reproduce STUDY --trial N`. */
export function registerReproduce(program: Command, session: Session): void {
  program
    .command('reproduce')
    .description(
      'Runs one trial of a study again, alone and without caches, and compares what became of its orders, their number, ending equity and metrics. Exit code 1 when they differ.',
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
  const record = readStudyRecord(path);
  refuseHoldoutOf(record);
  const { number, equal, expected, found, params, bundle, strategy } = await reproduceTrial(record, trial);
  const pair = {
    expected: figuresDocument(expected),
    found: figuresDocument(found),
  };
  session.exitCode = equal ? 0 : 1;
  const identity = { strategy: strategy.name, bundle: { name: bundle.name, version: bundle.version }, params };
  output.result({ study: path, number, equal, ...identity, ...pair }, () => {
    const verdict = equal
      ? `Trial ${number} is reproduced: ${comparedText(expected)} are the same.`
      : `Trial ${number} is NOT reproduced: see what differs below.`;
    const rows = Object.keys(pair.expected.metrics).map((name) => {
      const [was, is] = [pair.expected.metrics[name], pair.found.metrics[name] ?? null];
      return [metricLabel(name), formatMetric(name, was), formatMetric(name, is), differs([was, is])];
    });
    const hashes = [pair.expected.orderStreamHash ?? '', pair.found.orderStreamHash ?? ''];
    const [was, is] = [expected.orders, found.orders];
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
          ...(was === undefined ? [] : [['Orders', countText(was), countText(is!), differs([was, is])]]),
          ['Order stream', shortHash(hashes[0]!), shortHash(hashes[1]!), differs(hashes)],
        ],
        { width: output.width, color: output.color },
      ),
    ].join('\n');
  });
}

/** What was compared, for a trial that is reproduced. Prices of orders that rest to the end of a run are kept nowhere. */
const comparedText = ({ orders }: TrialFigures): string =>
  `fills, rejections, cancellations and expiries,${orders === undefined ? '' : ' the number of orders,'} ending equity and metrics`;

const figuresDocument = ({ orders, orderStreamHash, endingEquity, metrics }: TrialFigures) => ({
  orders: orders ?? null,
  orderStreamHash: orderStreamHash ?? null,
  endingEquity: endingEquity ?? null,
  metrics: metricsDocument(metrics),
});

const differs = ([was, is]: readonly unknown[]): string => (was === is ? '' : 'differs');
