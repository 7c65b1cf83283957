import { UsageError } from '../core/errors.js';
import { didYouMean, rejectUnknownKeys } from '../core/suggest.js';
import type { Bundle } from '../data/bundle.js';
import { arrowPieces } from './arrow.js';
import { bundleTableNames, bundleTables } from './bundle-tables.js';
import { longCsvLines } from './csv.js';
import { checkFolder, type FileContent, writeFiles } from './files.js';
import { parquetPieces } from './parquet.js';
import { type LongTable, rowsOf, type Table } from './table.js';

/** Formats in which a bundle can be exported, by the ending of their files. */
export const BUNDLE_FORMATS = ['parquet', 'csv', 'arrow'] as const;

export type BundleFormat = (typeof BUNDLE_FORMATS)[number];

/** Options of {@link exportBundle}. */
export interface BundleExportOptions {
  /** @defaultValue 'parquet' */
  readonly format?: BundleFormat | undefined;
}

/** A file of an exported bundle. */
export interface ExportedBundleFile {
  /** Its name in the folder: `bars-XNYS-1d.parquet`. */
  readonly name: string;
  readonly rows: number;
  /** Price and volume columns that are doubles, because a value is no decimal of its asset. */
  readonly doubleColumns: readonly string[];
}

/**
 * Writes a bundle into a folder that exists: `assets`, `splits`, `dividends`, and `bars-CALENDAR-LENGTH` for each calendar and bar
 * length, a file each, all or none. Files of these names are replaced. Bars are read a run of 65,536 rows at a time, so that a bundle
 * larger than memory can be exported. Prices and volumes are exact decimals in every format: see docs/concepts/exports.md.
 *
 * @returns the files in the order they are named in
 * @throws UsageError `UNKNOWN_FORMAT`, `UNKNOWN_OPTION`, and `EXPORT_NOT_WRITABLE` for a missing folder or one without permission;
 * RunError `EXPORT_WRITE_FAILED` for a full disk
 */
export async function exportBundle(
  bundle: Bundle,
  folder: string,
  options: BundleExportOptions = {},
): Promise<ExportedBundleFile[]> {
  rejectUnknownKeys('exportBundle', options, ['format']);
  const { format = 'parquet' } = options;
  if (!BUNDLE_FORMATS.includes(format)) {
    throw new UsageError('UNKNOWN_FORMAT', {
      message: `There is no format '${format}' to export a bundle in.${didYouMean(format, BUNDLE_FORMATS)}`,
      details: { format, known: BUNDLE_FORMATS },
    });
  }
  checkFolder(
    folder,
    bundleTableNames(bundle).map((table) => `${table}.${format}`),
  );
  const { tables, doubles } = bundleTables(bundle);
  const written: ExportedBundleFile[] = [];
  async function* files(): AsyncGenerator<FileContent> {
    for (const table of tables) {
      const name = `${table.name}.${format}`;
      let rows = 0;
      const counted: LongTable = { ...table, runs: () => counting(table, (more) => (rows += more)) };
      yield { name, pieces: await encode(counted, format) };
      written.push({ name, rows, doubleColumns: doubles.get(table.name) ?? [] });
    }
  }
  await writeFiles(folder, files());
  return written;
}

async function encode(table: LongTable, format: BundleFormat): Promise<FileContent['pieces']> {
  switch (format) {
    case 'csv':
      return longCsvLines(table);
    case 'parquet':
      return parquetPieces(table);
    case 'arrow':
      return arrowPieces(table);
  }
}

function* counting(table: LongTable, count: (rows: number) => void): Generator<Table> {
  for (const run of table.runs()) {
    count(rowsOf(run));
    yield run;
  }
}
