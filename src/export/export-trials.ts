import { basename, dirname, extname } from 'node:path';
import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { ParameterMap } from '../engine/parameters.js';
import type { Study } from '../optimize/study.js';
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

/** Options of {@link exportTrials}. */
export interface TrialExportOptions {
  /** Names of the study's objectives, the first one first: of several, the columns of their values bear them. @defaultValue their numbers, from 1 */
  readonly objectives?: readonly string[] | undefined;
}

/**
 * Writes the trials of a study that have ended into a file, a row for each by number; one that is there is replaced. The file's ending is its format: `.csv`,
 * `.parquet` or `.jsonl`. Columns: docs/concepts/exports.md.
 *
 * @param study one of `optimize` or `openStudy`, still open
 * @returns the file; `rows` is the number of trials
 * @throws UsageError `UNKNOWN_FORMAT`, `EXPORT_NOT_WRITABLE`, `COLUMN_NAMED_TWICE`, and `INVALID_OPTION` for another number of names than of objectives;
 * RunError `EXPORT_WRITE_FAILED`
 */
export async function exportTrials<P extends ParameterMap>(
  study: Study<P>,
  file: string,
  options: TrialExportOptions = {},
): Promise<ExportedFile> {
  checkTrialsFile(file);
  rejectUnknownKeys('exportTrials', options, ['objectives']);
  const { length } = study.directions;
  const { objectives = Array.from({ length }, (_, at) => String(at + 1)) } = options;
  if (objectives.length !== length) {
    throw new UsageError('INVALID_OPTION', {
      message: `The study has ${length} ${length === 1 ? 'objective' : 'objectives'}; 'objectives' names ${objectives.length}.`,
      details: { option: 'objectives', objectives },
    });
  }
  const trials: JournalTrial[] = [];
  for await (const { number, params, budget, ...ending } of study.trials()) {
    const flat = study.space.toFlat(params);
    trials.push({ number, params: flat, budget, enqueued: false, foreign: false, state: ending.state, ending });
  }
  return writeTrials(file, trials, objectives);
}

/** Writes trials as {@link exportTrials} does, as a journal holds them. */
export async function writeTrials(
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
