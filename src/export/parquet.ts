import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import type { Decimal } from '../core/decimal.js';
import { packageVersion } from '../core/version.js';
import { decimalColumnOf, PRECISION, unscaled } from './decimal-column.js';
import { type Column, decimalText, type LongTable, rowsOf, type Table } from './table.js';

/** Digits that fit into a DECIMAL of eight bytes, which every reader knows and which is quicker to read. */
const SHORT_PRECISION = 18;
const ROWS_PER_GROUP = 100_000;
const DAY_MS = 86_400_000;
/** Key of the file's own metadata under which a note of ours stands. */
export const NOTE_KEY = 'hindcast';

interface ParquetColumn {
  readonly element: SchemaElement;
  readonly source: ColumnSource;
}

/** A table as Parquet. */
export interface ParquetFile {
  readonly bytes: Uint8Array;
  /** Decimal columns that are text, because no DECIMAL(38) holds all their values. */
  readonly textColumns: readonly string[];
}

/** Doubles, null for NaN. In the writer's dictionaries zeros of both signs are one: a column with a -0 has none. */
function numbers(name: string, values: ArrayLike<number | null>): ColumnSource {
  const data = Array.from(values, (value) => (Number.isNaN(value) ? null : value));
  return data.some((value) => Object.is(value, -0)) ? { name, data, encoding: 'PLAIN' } : { name, data };
}

/**
 * Returns a table as a Parquet file, compressed by Snappy, without loss: decimals as DECIMAL(38, s), where s is the most decimals of
 * the column and at least 8; a column that does not fit into 38 digits so, as text with all digits. Instants are TIMESTAMP in UTC
 * milliseconds, numbers DOUBLE, integers INT64, texts strings in a dictionary. Every column may hold nulls.
 */
export async function parquetFile(table: Table): Promise<ParquetFile> {
  rowsOf(table);
  // Loaded when used: who only runs strategies does not wait for it.
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columns = table.columns.map(parquetColumn);
  const buffer = parquetWriteBuffer({
    schema: [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)],
    columnData: columns.map(({ source }) => source),
    rowGroupSize: ROWS_PER_GROUP,
    createdBy: `hindcast version ${packageVersion()}`,
  });
  const textColumns = table.columns
    .filter(({ kind }, at) => kind === 'decimal' && columns[at]!.element.converted_type !== 'DECIMAL')
    .map(({ name }) => name);
  return { bytes: new Uint8Array(buffer), textColumns };
}

/**
 * Returns a long table as the pieces of a Parquet file, a row group for each run: types as in {@link parquetFile}, and prices as DECIMAL(18, s),
 * or DECIMAL(38, s) where 18 digits are not enough, with the scale that their column has. The note stands in the file's metadata.
 */
export async function parquetPieces(table: LongTable): Promise<Iterable<Uint8Array>> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  return pieces();

  function* pieces(): Generator<Uint8Array> {
    const bytes = new ByteWriter();
    const take = (): Uint8Array => {
      const piece = bytes.getBytes().slice();
      bytes.index = 0;
      return piece;
    };
    let writer: InstanceType<typeof ParquetWriter> | undefined;
    for (const run of table.runs()) {
      rowsOf(run);
      const columns = run.columns.map(parquetColumn);
      writer ??= new ParquetWriter({
        writer: bytes,
        schema: [{ name: 'root', num_children: columns.length }, ...columns.map(({ element }) => element)],
        createdBy: `hindcast version ${packageVersion()}`,
        ...(table.note === undefined ? {} : { kvMetadata: [{ key: NOTE_KEY, value: table.note }] }),
      });
      writer.write({ columnData: columns.map(({ source }) => source), rowGroupSize: ROWS_PER_GROUP });
      yield take();
    }
    writer?.finish();
    yield take();
  }
}

function parquetColumn(column: Column): ParquetColumn {
  const base = { name: column.name, repetition_type: 'OPTIONAL' } as const;
  const { name } = column;
  switch (column.kind) {
    case 'decimal':
      return decimalColumn(name, column.values);
    case 'time':
      return {
        element: {
          ...base,
          type: 'INT64',
          converted_type: 'TIMESTAMP_MILLIS',
          logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
        },
        source: { name, data: integers(column.values) },
      };
    case 'date':
      return {
        element: { ...base, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
        source: { name, data: Array.from(column.values, (value) => (value === null ? null : value / DAY_MS)) },
      };
    case 'price':
      return priceColumn(name, column.values, column.scale, column.digits);
    case 'integer':
      return { element: { ...base, type: 'INT64' }, source: { name, data: integers(column.values) } };
    case 'number':
      return { element: { ...base, type: 'DOUBLE' }, source: numbers(name, column.values) };
    case 'text':
      return textColumn(name, column.values, { encoding: 'RLE_DICTIONARY' });
  }
}

function decimalColumn(name: string, values: readonly (Decimal | string | null)[]): ParquetColumn {
  const texts = values.map((value) => (value === null ? null : decimalText(value)));
  const { scale, fits } = decimalColumnOf(values);
  if (!fits) return textColumn(name, texts, {});
  return {
    element: decimalElement(name, 'OPTIONAL', PRECISION, scale),
    // The writer takes a bigint as the unscaled integer; a number it would multiply as a double.
    source: { name, data: texts.map((text) => (text === null ? null : unscaled(text, scale))) },
  };
}

function priceColumn(name: string, values: Float64Array, scale: number, digits: number): ParquetColumn {
  const precision = digits <= SHORT_PRECISION ? SHORT_PRECISION : PRECISION;
  return {
    element: decimalElement(name, 'REQUIRED', precision, scale),
    source: { name, data: Array.from(values, (value) => unscaled(value, scale)) },
  };
}

const decimalElement = (
  name: string,
  repetition_type: 'OPTIONAL' | 'REQUIRED',
  precision: number,
  scale: number,
): SchemaElement => ({
  name,
  repetition_type,
  ...(precision === SHORT_PRECISION ? { type: 'INT64' } : { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }),
  converted_type: 'DECIMAL',
  logical_type: { type: 'DECIMAL', precision, scale },
  precision,
  scale,
});

const textColumn = (
  name: string,
  values: readonly (string | null)[],
  encoding: Pick<ColumnSource, 'encoding'>,
): ParquetColumn => ({
  element: {
    name,
    repetition_type: 'OPTIONAL',
    type: 'BYTE_ARRAY',
    converted_type: 'UTF8',
    logical_type: { type: 'STRING' },
  },
  source: { name, data: [...values], ...encoding },
});

const integers = (values: ArrayLike<number | null>): (bigint | null)[] =>
  Array.from(values, (value) => (value === null ? null : BigInt(value)));
