import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { nearestHint } from '../../core/suggest.js';
import { BundlePool } from '../../data/bundle-pool.js';
import { BundleStore } from '../../data/store.js';
import { formatMetric, metricLabel, renderTable } from '../../report/index.js';
import { type Holdout, holdoutPath, holdoutText, lockHoldout, requireHoldout } from '../../validate/holdout.js';
import { lookAtHoldout } from '../../validate/holdout-look.js';
import { missingBundle } from '../market-options.js';
import type { Session } from '../session.js';
import { metricsDocument, paramsText } from '../text-blocks.js';
import { wholeNumber } from '../values.js';

const ACTIONS = ['lock', 'show', 'look'] as const;

interface Flags {
  readonly bundle?: string;
  readonly from?: string;
  readonly trial?: number;
  readonly force?: true;
}

/** Adds `holdout lock | show | look`. */
export function registerHoldout(program: Command, session: Session): void {
  program
    .command('holdout')
    .description(
      'Locks the last part of a bundle, so that no command searches or tests on it, and looks at it once when all is decided. A second look is refused unless forced, and every look is counted.',
    )
    .argument('<action>', 'lock, show or look')
    .argument('[study]', 'for look: the study whose best trial is judged')
    .option('--bundle <name>', 'for lock and show: which bundle')
    .option('--from <date>', 'for lock: first date that is held out, YYYY-MM-DD')
    .option('--trial <number>', 'for look: which trial (default: the best)', wholeNumber('trial', { min: 0 }))
    .option('--force', 'for look: look again')
    .addHelpText(
      'after',
      `
Examples:
  $ hindcast holdout lock --bundle us --from 2022-01-03
  $ hindcast optimize mine.ts --bundle us --end 2022-01-02 --study mine.log
  $ hindcast holdout look mine.log`,
    )
    .action(async (action: string, study: string | undefined, flags: Flags) => {
      if (action === 'lock') return lock(session, flags);
      if (action === 'show') return show(session, flags);
      if (action === 'look') return look(session, study, flags);
      throw new UsageError('UNKNOWN_ACTION', {
        message: `A holdout is locked, shown or looked at: hindcast holdout ${ACTIONS.join(' | ')}, not '${action}'.${nearestHint(action, ACTIONS)}`,
        details: { action, known: ACTIONS },
      });
    });
}

function lock({ output }: Session, { bundle: name = missingBundle('--bundle NAME'), from }: Flags): void {
  if (from === undefined) {
    throw new UsageError('MISSING_DATE', {
      message: `Say from which date on to hold out: hindcast holdout lock --bundle ${name} --from YYYY-MM-DD.`,
    });
  }
  using pool = new BundlePool({ store: new BundleStore() });
  using lease = pool.acquire(name);
  const holdout = lockHoldout(lease.bundle, from, Date.now());
  output.result(document(holdout), () => `${holdoutText(holdout)}\nLock: ${holdoutPath(holdout.bundle)}`);
}

function show({ output }: Session, { bundle: name = missingBundle('--bundle NAME') }: Flags): void {
  const holdout = requireHoldout(name);
  output.result(document(holdout), () =>
    [
      holdoutText(holdout),
      ...holdout.looks.map(
        ({ at, study, trial, forced, result }) =>
          `  ${at.slice(0, 16).replace('T', ' ')} trial ${trial} of ${study}: ${result === null ? 'no result' : `sharpe ${formatMetric('sharpe', result.metrics.sharpe)}`}${forced ? ' (forced)' : ''}`,
      ),
    ].join('\n'),
  );
}

async function look({ output }: Session, study: string | undefined, { trial, force }: Flags): Promise<void> {
  if (study === undefined) {
    throw new UsageError('MISSING_STUDY', { message: 'Say whose best trial to judge: hindcast holdout look STUDY.' });
  }
  const found = await lookAtHoldout(study, { trial, forced: force === true, now: Date.now() });
  const { holdout, result, inSample, params } = found;
  output.result(
    {
      ...document(holdout),
      study,
      trial: found.trial,
      params,
      inSample: metricsDocument(inSample),
      outOfSample: metricsDocument(result.metrics),
      endingEquity: result.endingEquity,
      orderStreamHash: result.orderStreamHash,
    },
    () =>
      [
        `Trial ${found.trial} of ${study} on the holdout of ${holdout.bundle}, from ${holdout.from} on`,
        paramsText(params),
        '',
        renderTable(
          [
            { header: 'result', whole: true },
            { header: 'searched on', align: 'right' },
            { header: 'held out', align: 'right' },
          ],
          Object.entries(result.metrics).map(([name, value]) => [
            metricLabel(name),
            formatMetric(name, inSample[name]),
            formatMetric(name, value),
          ]),
          { width: output.width, color: output.color },
        ),
        '',
        holdoutText(holdout),
      ].join('\n'),
  );
}

const document = ({ bundle, from, through, lockedAt, dataHash, hash, looks }: Holdout) => ({
  holdout: { bundle, from, through, lockedAt, dataHash, hash, looks },
});
