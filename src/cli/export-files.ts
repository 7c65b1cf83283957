import { UsageError } from '../core/errors.js';
import type { BacktestResult } from '../engine/result.js';
import { checkExport, type ExportFormat, exportResult } from '../export/index.js';
import { counted } from './text-blocks.js';

/** What the options of an export are read into. */
export interface ExportFlags {
  readonly export?: string;
  readonly exportAs?: string;
}

/**
 * Refuses an export that cannot be written, before the run that would be lost.
 * @throws UsageError `MISSING_EXPORT`, `UNKNOWN_FORMAT`, `EXPORT_NOT_WRITABLE`
 */
export function checkExportFlags({ export: folder, exportAs }: ExportFlags): void {
  if (folder !== undefined) checkExport(folder, exportAs ?? 'parquet');
  else if (exportAs !== undefined) {
    throw new UsageError('MISSING_EXPORT', {
      message: `Say where to export: --export DIR --export-as ${exportAs}.`,
    });
  }
}

/** Writes the result where the command line says, and returns what there is to tell about it. */
export async function writeExport(
  result: BacktestResult,
  { export: folder, exportAs = 'parquet' }: ExportFlags,
): Promise<string[]> {
  if (folder === undefined) return [];
  const files = await exportResult(result, folder, { format: exportAs as ExportFormat });
  const list = files.map(({ name, rows }) => `${name} (${counted(rows, 'row')})`).join(', ');
  const remarks = files
    .filter(({ textColumns }) => textColumns.length > 0)
    .map(({ name, textColumns }) => `${name}: text, for more digits than DECIMAL(38) has: ${textColumns.join(', ')}`);
  return [`Export: ${folder}: ${list}`, ...remarks];
}
