import { basename, dirname, extname } from 'node:path';
import { UsageError } from '../core/errors.js';
import type { JournalTrial } from '../optimize/trial.js';
import { EXPORT_FORMATS, type ExportedFile, type ExportFormat, writeTables } from './export.js';
import { checkFolder } from './files.js';
import { trialTable } from './trial-table.js';

/**
 * Refuses a file that cannot take the trials of a study. Its ending is the format.
 * @throws UsageError `UNKNOWN_FORMAT`, `EXPORT_NOT_WRITABLE`
 */
export function checkTrialsFile(file: string): ExportFormat {
  const format = extname(file).slice(1);
  if (!(EXPORT_FORMATS as readonly string[]).includes(format)) {
    throw new UsageError('UNKNOWN_FORMAT', {
      message: `The ending of a file of trials says its format, such as trials.csv, trials.parquet or trials.jsonl; '${file}' does not.`,
      details: { file, known: EXPORT_FORMATS },
    });
  }
  checkFolder(dirname(file), [basename(file)]);
  return format as ExportFormat;
}

/**
 * Writes the trials of a study into a file, a row for each; one that is there is replaced. Columns: docs/concepts/exports.md.
 * @throws UsageError as {@link checkTrialsFile} does, and `COLUMN_NAMED_TWICE`; RunError `EXPORT_WRITE_FAILED`
 */
export async function exportTrials(
  file: string,
  trials: readonly JournalTrial[],
  objectives: readonly string[],
): Promise<ExportedFile> {
  const format = checkTrialsFile(file);
  const [written] = await writeTables(
    [trialTable(basename(file, `.${format}`), trials, objectives)],
    dirname(file),
    format,
  );
  return written!;
}
