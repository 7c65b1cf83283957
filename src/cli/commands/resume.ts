import type { Command } from 'commander';
import { readStudyRecord } from '../../optimize/study-record.js';
import { resumeStudy } from '../../optimize/study-run.js';
import { refuseHoldoutOf } from '../../validate/holdout.js';
import { proveBest } from '../prove-best.js';
import { addSearchOptions, type SearchFlags, search } from '../search.js';
import type { Session } from '../session.js';

/** Adds `resume STUDY`. */
export function registerResume(program: Command, session: Session): void {
  const command = program
    .command('resume')
    .description(
      'Goes on with a study where it ended: after Ctrl-C, a deadline, a crash or a full disk. It ends as an unbroken one would.',
    )
    .argument('<study>', 'the journal that optimize --study wrote');
  addSearchOptions(command)
    .addHelpText(
      'after',
      `
Strategy, bundle and options are those of the study. A strategy or bundle that
has changed since is refused.

Example:
  $ hindcast resume sma.log --jobs 4`,
    )
    .action((study: string, flags: SearchFlags) => {
      const record = readStudyRecord(study);
      refuseHoldoutOf(record);
      return search(
        session,
        flags,
        (options) => resumeStudy(record, options),
        (report, by) => proveBest(report, undefined, by),
      );
    });
}
