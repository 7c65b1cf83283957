import { UsageError } from '../core/errors.js';
import { didYouMean, rejectUnknownKeys } from '../core/suggest.js';
import type { BacktestResult } from '../engine/result.js';
import type { RoundTripMethod } from '../metrics/round-trips.js';
import { csvLines } from './csv.js';
import { checkFolder, type FileContent, writeFiles } from './files.js';
import { jsonLines } from './json-lines.js';
import { parquetFile } from './parquet.js';
import { RESULT_TABLES, resultTables } from './result-tables.js';
import { rowsOf, type Table } from './table.js';

/** Formats by the ending of their files; `jsonl` is JSON lines, an object for each row. */
export const EXPORT_FORMATS = ['parquet', 'csv', 'jsonl'] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** Options of {@link exportResult}. */
export interface ExportOptions {
  /** @defaultValue 'parquet' */
  readonly format?: ExportFormat | undefined;
  /** How the round trips are matched. @defaultValue 'fifo' */
  readonly method?: RoundTripMethod | undefined;
}

/** A file that was written. */
export interface ExportedFile {
  /** Its name in the folder: `fills.parquet`. */
  readonly name: string;
  readonly rows: number;
  /** Decimal columns that are text in it, because no DECIMAL(38) holds all their values; empty but for Parquet. */
  readonly textColumns: readonly string[];
}

/**
 * Refuses a format that there is not, and a folder that cannot take a result, before the run that would be lost.
 * @throws UsageError `UNKNOWN_FORMAT`, `EXPORT_NOT_WRITABLE`
 */
export function checkExport(folder: string, format: string): asserts format is ExportFormat {
  if (!(EXPORT_FORMATS as readonly string[]).includes(format)) {
    throw new UsageError('UNKNOWN_FORMAT', {
      message: `There is no format '${format}' to export in.${didYouMean(format, EXPORT_FORMATS)}`,
      details: { format, known: EXPORT_FORMATS },
    });
  }
  checkFolder(
    folder,
    RESULT_TABLES.map((table) => `${table}.${format}`),
  );
}

/**
 * Writes a result into a folder that exists: `fills`, `round-trips`, `equity` and `recorded`, a file each, all or none.
 * Files of these names are replaced. Columns, types and exactness: docs/concepts/exports.md.
 *
 * @returns the files in the order they are named in
 * @throws UsageError `UNKNOWN_FORMAT`, `UNKNOWN_OPTION`, `COLUMN_NAMED_TWICE`, and `EXPORT_NOT_WRITABLE` for a missing folder or one without
 * permission; RunError `EXPORT_WRITE_FAILED` for a full disk
 */
export async function exportResult(
  result: BacktestResult,
  folder: string,
  options: ExportOptions = {},
): Promise<ExportedFile[]> {
  rejectUnknownKeys('exportResult', options, ['format', 'method']);
  const { format = 'parquet', method } = options;
  checkExport(folder, format);
  return writeTables(resultTables(result, method), folder, format);
}

/** Writes tables into a folder that exists, a file each, all or none; see {@link exportResult}. */
export async function writeTables(
  tables: readonly Table[],
  folder: string,
  format: ExportFormat,
): Promise<ExportedFile[]> {
  const written: ExportedFile[] = [];
  async function* files(): AsyncGenerator<FileContent> {
    for (const table of tables) {
      const name = `${table.name}.${format}`;
      const { pieces, textColumns = [] } = await encode(table, format);
      yield { name, pieces };
      written.push({ name, rows: rowsOf(table), textColumns });
    }
  }
  await writeFiles(folder, files());
  return written;
}

async function encode(
  table: Table,
  format: ExportFormat,
): Promise<{ readonly pieces: FileContent['pieces']; readonly textColumns?: readonly string[] }> {
  switch (format) {
    case 'csv':
      return { pieces: csvLines(table) };
    case 'jsonl':
      return { pieces: jsonLines(table) };
    case 'parquet': {
      const { bytes, textColumns } = await parquetFile(table);
      return { pieces: [bytes], textColumns };
    }
  }
}
