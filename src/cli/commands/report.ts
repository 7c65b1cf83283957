import type { Command } from 'commander';
import { UsageError } from '../../core/errors.js';
import { renderReport } from '../../report/index.js';
import { checkReportPath, writeReport } from '../report-file.js';
import type { Session } from '../session.js';
import { studyModel } from '../study-model.js';
import { counted } from '../text-blocks.js';

/** Adds `report STUDY --out F.html`. */
export function registerReport(program: Command, session: Session): void {
  program
    .command('report')
    .summary('write the HTML report of a study')
    .description(
      'Writes a study as one HTML page that needs nothing else: equity and drawdown of the best trial, heat map, top trials. The best trial is run again for its curve.',
    )
    .argument('<study>', 'the journal that optimize --study wrote')
    .option('--out <file>', 'where to write the page (required)')
    .addHelpText('after', '\nExample:\n  $ hindcast report sma.log --out sma.html')
    .action(async (study: string, { out }: { readonly out?: string }) => {
      if (out === undefined) {
        throw new UsageError('MISSING_OUT', {
          message: `Say where to write it: hindcast report ${study} --out FILE.html.`,
        });
      }
      checkReportPath(out);
      const model = await studyModel(study);
      writeReport(out, renderReport(model));
      const best = model.best?.number ?? null;
      session.output.result({ study, report: out, trials: model.trials.length, best }, () => {
        return `Report of ${counted(model.trials.length, 'trial')}: ${out}`;
      });
    });
}
