import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { readStudyRecord } from '../../optimize/study-record.js';
import { renderReport } from '../../report/index.js';
import { refuseHoldoutOf } from '../../validate/holdout.js';
import { judgeStudy } from '../../validate/judged-study.js';
import { checkReportPath, writeReport } from '../report-file.js';
import type { Session } from '../session.js';
import { studyModel } from '../study-model.js';
import { counted } from '../text-blocks.js';
import { wholeNumber } from '../values.js';

interface Flags {
  readonly out?: string;
  readonly overfitting?: boolean;
  readonly jobs?: number;
}

const jobsNumber = wholeNumber('jobs', { min: 1, allowed: [-1] });

/** Adds `report STUDY --out F.html`. */
export function registerReport(program: Command, session: Session): void {
  program
    .command('report')
    .description(
      'Writes a study as one HTML page that needs nothing else: equity and drawdown of the best trial, heat map, top trials. The best trial is run again for its curve.',
    )
    .argument('<study>', 'the journal that optimize --study wrote')
    .option('--out <file>', 'where to write the page (required)')
    .option('--no-overfitting', 'skip the statistics of how far the best trial can be luck')
    .option('--jobs <count>', 'threads that run trials again for them (default: -1, all cores)', jobsNumber)
    .addHelpText('after', '\nExample:\n  $ hindcast report sma.log --out sma.html')
    .action(async (study: string, { out, overfitting = true, jobs }: Flags) => {
      if (out === undefined) {
        throw new UsageError('MISSING_OUT', {
          message: `Say where to write it: hindcast report ${study} --out FILE.html.`,
        });
      }
      checkReportPath(out);
      const record = readStudyRecord(study);
      refuseHoldoutOf(record);
      const model = await studyModel(record, overfitting ? await judgeStudy(record, jobs) : undefined);
      writeReport(out, renderReport(model));
      const best = model.best?.number ?? null;
      session.output.result({ study, report: out, trials: model.trials.length, best }, () => {
        return `Report of ${counted(model.trials.length, 'trial')}: ${out}`;
      });
    });
}
