import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import type { ColumnMetaData, FileMetaData, RowGroup } from 'hyparquet';
import { DataError, HindcastError } from '../../core/errors.js';
import { cellsOf, type ParquetColumn, parquetColumn } from './parquet-columns.js';
import type { Page, ReadBytes } from './parquet-pages.js';
import { ChunkCheck } from './parquet-statistics.js';
import type { BarInput, Cell, RowBatch, RowSource, SourceColumn } from './row-source.js';
import { readFailure } from './text-file.js';
import { symbolOfFile } from './text-input.js';

const MAGIC = 'PAR1';
const ENCRYPTED_MAGIC = 'PARE';
/** The magic at the end and the length of the metadata before it. */
const TAIL_BYTES = 8;
/** What pandas names the rows by, where its index has no name. */
const INDEX_COLUMN = /^__index_level_\d+__$/;

/**
 * Returns a Parquet file as a source of bars. Opens nothing yet. Row groups are read one after another and columns page by page, so that
 * the memory needed is that of a page for each column, whatever the size of the file. Decimals are exact, from their integers.
 * `use` throws UsageError `FILE_NOT_FOUND`, RunError `FILE_UNREADABLE`, and DataError `BAD_PARQUET` saying what is damaged where.
 */
export function parquetInput(path: string): BarInput {
  const file = basename(path);
  return {
    name: file,
    symbol: symbolOfFile(path),
    use: async (read) => {
      const open = openFile(path);
      try {
        return await read(await openSource(open.read, open.size, file));
      } finally {
        open.close();
      }
    },
  };
}

/** Whether a file is named as Parquet. */
export const isParquetName = (path: string): boolean => /\.(parquet|pq|parq)$/i.test(path);

interface OpenFile {
  readonly size: number;
  readonly read: ReadBytes;
  close(): void;
}

function openFile(path: string): OpenFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
    const stat = fstatSync(descriptor);
    if (stat.isDirectory()) {
      closeSync(descriptor);
      throw Object.assign(new Error('is a folder'), { code: 'EISDIR' });
    }
    const { size } = stat;
    return { size, read: (start, end) => bytesOf(descriptor, start, end), close: () => closeSync(descriptor) };
  } catch (error) {
    throw readFailure(error, path, basename(path));
  }
}

function bytesOf(descriptor: number, start: number, end: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(end - start);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, start + at);
    if (read === 0) throw new Error('the file ends before its column does');
    at += read;
  }
  return bytes;
}

async function openSource(read: ReadBytes, size: number, file: string): Promise<RowSource> {
  // Loaded when used: who ingests text does not wait for it.
  const { parquetMetadata } = await import('hyparquet');
  const { pagesOf } = await import('./parquet-pages.js');
  const footer = footerOf(read, size, file);
  // What damage leaves of the metadata need not have the types that the library declares.
  const { metadata, columns } = guarded(file, 'its metadata', () => {
    const found = parquetMetadata(footer, { geoparquet: false });
    const flat = columnsOf(found, file);
    checkGroups(found, flat, size - footer.length, file);
    return { metadata: found, columns: flat };
  });
  return {
    columns: columns.map(
      ({ name, stamps, isText }): SourceColumn => ({ name, isText, ...(stamps === undefined ? {} : { stamps }) }),
    ),
    batches: batches(),
  };

  async function* batches(): AsyncGenerator<RowBatch> {
    for (const [place, group] of metadata.row_groups.entries()) {
      const rows = Number(group.num_rows);
      const cursors = columns.map((column) => {
        const guard = <T>(step: () => T): T => guarded(file, `column '${column.name}' of row group ${place + 1}`, step);
        const meta = chunkOf(group, column)!;
        const check = guard(() => new ChunkCheck(meta, column.element));
        return new Cursor(column, pagesOf(meta, column.element, rows, read), check, guard);
      });
      for (let done = 0; done < rows; ) {
        const count = Math.min(...cursors.map((cursor) => cursor.available()));
        yield new ParquetBatch(cursors, count);
        for (const cursor of cursors) cursor.skip(count);
        done += count;
      }
      for (const cursor of cursors) cursor.finish();
    }
  }
}

/** Returns the bytes of the metadata with their tail, having checked that the file is Parquet and whole. */
function footerOf(read: ReadBytes, size: number, file: string): Uint8Array<ArrayBuffer> {
  const textAt = (at: number): string => Buffer.from(read(at, at + MAGIC.length)).toString('latin1');
  if (size === 0) {
    throw new DataError('EMPTY_FILE', { message: `${file} is empty: it holds no Parquet.`, details: { file } });
  }
  if (size < MAGIC.length + TAIL_BYTES) throw badParquet(file, 'it is too short to be Parquet');
  const [first, last] = [textAt(0), textAt(size - MAGIC.length)];
  if (first === ENCRYPTED_MAGIC || last === ENCRYPTED_MAGIC) throw badParquet(file, 'it is encrypted');
  if (last !== MAGIC) {
    throw badParquet(
      file,
      first === MAGIC
        ? 'it is cut off: the metadata at its end are missing'
        : `it is no Parquet: it does not end in ${MAGIC}`,
    );
  }
  if (first !== MAGIC) throw badParquet(file, `its first bytes are not ${MAGIC}`);
  const tail = read(size - TAIL_BYTES, size);
  const length = new DataView(tail.buffer).getUint32(0, true);
  const start = size - TAIL_BYTES - length;
  if (start < MAGIC.length) throw badParquet(file, 'its metadata are longer than the file');
  return read(start, size);
}

/** Returns the columns that are no part of a structure or list; pandas' numbers of rows are left out. */
function columnsOf({ schema }: FileMetaData, file: string): ParquetColumn[] {
  const [root, ...elements] = schema;
  const columns: ParquetColumn[] = [];
  let at = 0;
  const skip = (): void => {
    const { num_children: children = 0 } = elements[at++] ?? {};
    for (let child = 0; child < children; child++) skip();
  };
  for (let child = 0; child < (root?.num_children ?? 0); child++) {
    const element = elements[at];
    if (element === undefined) throw badParquet(file, 'its schema names fewer columns than it counts');
    const isFlat = element.num_children === undefined && element.repetition_type !== 'REPEATED';
    skip();
    if (!isFlat || element.type === undefined) continue;
    const column = parquetColumn(element);
    if (!(INDEX_COLUMN.test(element.name) && column.stamps === undefined && !column.isText)) columns.push(column);
  }
  if (columns.length === 0) throw badParquet(file, 'it has no column that is a plain value');
  return columns;
}

/** Refuses metadata that contradict themselves or the size of the file, before anything is read by them. */
function checkGroups(metadata: FileMetaData, columns: readonly ParquetColumn[], dataEnd: number, file: string): void {
  let rows = 0n;
  for (const [place, group] of metadata.row_groups.entries()) {
    rows += group.num_rows;
    if (group.num_rows < 0n) throw badParquet(file, `row group ${place + 1} has ${group.num_rows} rows`);
    for (const column of columns) {
      const meta = chunkOf(group, column);
      const where = `column '${column.name}' of row group ${place + 1}`;
      if (meta === undefined) throw badParquet(file, `${where} is missing`);
      const start = Number(meta.dictionary_page_offset ?? 0) || Number(meta.data_page_offset);
      const end = Math.min(start, Number(meta.data_page_offset)) + Number(meta.total_compressed_size);
      if (!(start >= MAGIC.length && end <= dataEnd && end >= start)) {
        throw badParquet(file, `${where} would lie outside the file`);
      }
      if (meta.num_values !== group.num_rows) {
        throw badParquet(file, `${where} has ${meta.num_values} values in ${group.num_rows} rows`);
      }
    }
  }
  if (rows !== metadata.num_rows) {
    throw badParquet(file, `its row groups have ${rows} rows together, its metadata say ${metadata.num_rows}`);
  }
}

const chunkOf = ({ columns }: RowGroup, { name }: ParquetColumn): ColumnMetaData | undefined =>
  columns.find(({ meta_data: meta }) => meta?.path_in_schema.length === 1 && meta.path_in_schema[0] === name)
    ?.meta_data;

/** Where the reading of a column stands. */
class Cursor {
  readonly #column: ParquetColumn;
  readonly #pages: Iterator<Page>;
  readonly #check: ChunkCheck;
  readonly #guarded: <T>(step: () => T) => T;
  #cells: readonly Cell[] | Float64Array = [];
  #at = 0;

  constructor(column: ParquetColumn, pages: Iterator<Page>, check: ChunkCheck, guard: <T>(step: () => T) => T) {
    this.#column = column;
    this.#pages = pages;
    this.#check = check;
    this.#guarded = guard;
  }

  /** Returns how many rows can be read before the next page is; at least one where rows are left. */
  available(): number {
    while (this.#at === this.#cells.length) {
      this.#cells = this.#guarded(() => {
        const next = this.#pages.next();
        if (next.done === true) throw new Error('it ends before its rows do');
        const cells = cellsOf(next.value, this.#column);
        this.#check.add(cells);
        return cells;
      });
      this.#at = 0;
    }
    return this.#cells.length - this.#at;
  }

  skip(rows: number): void {
    this.#at += rows;
  }

  /** Judges the column as a whole. */
  finish(): void {
    this.#guarded(() => this.#check.finish());
  }

  cell(row: number): Cell {
    return this.#cells[this.#at + row]!;
  }
}

class ParquetBatch implements RowBatch {
  readonly rows: number;
  readonly #cursors: readonly Cursor[];

  constructor(cursors: readonly Cursor[], rows: number) {
    this.#cursors = cursors;
    this.rows = rows;
  }

  width(): number {
    return this.#cursors.length;
  }

  cell(row: number, column: number): Cell {
    return this.#cursors[column]!.cell(row);
  }
}

/** Runs a step of decoding: what it throws means that the file is damaged there. */
function guarded<T>(file: string, where: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof HindcastError) throw error;
    throw badParquet(file, `${where}: ${(error as Error).message}`, error);
  }
}

const badParquet = (file: string, reason: string, cause?: unknown): DataError =>
  new DataError('BAD_PARQUET', {
    message: `${file} is no intact Parquet file: ${reason}. Fetch or write it again.`,
    details: { file, reason },
    cause,
  });
