import type { SchemaElement } from 'hyparquet';
import type { ColumnSource } from 'hyparquet-writer';
import type { Decimal } from '../core/decimal.js';
import { parseScaled } from '../core/decimal-text.js';
import { packageVersion } from '../core/version.js';
import { type Column, decimalText, rowsOf, type Table } from './table.js';

/** Digits that a 16-byte DECIMAL holds, the most that common readers know. */
const PRECISION = 38;
/** Decimals of the ledger: a column has them even where its values need fewer, so that files of several runs agree. */
const LEAST_SCALE = 8;
const ROWS_PER_GROUP = 100_000;

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
    case 'integer':
      return { element: { ...base, type: 'INT64' }, source: { name, data: integers(column.values) } };
    case 'number':
      return {
        element: { ...base, type: 'DOUBLE' },
        source: { name, data: Array.from(column.values, (value) => (Number.isNaN(value) ? null : value)) },
      };
    case 'text':
      return textColumn(name, column.values, { encoding: 'RLE_DICTIONARY' });
  }
}

function decimalColumn(name: string, values: readonly (Decimal | string | null)[]): ParquetColumn {
  const texts = values.map((value) => (value === null ? null : decimalText(value)));
  const scale = texts.reduce((most, text) => Math.max(most, decimalsOf(text)), LEAST_SCALE);
  const fits = scale <= PRECISION && texts.every((text) => wholeDigitsOf(text) + scale <= PRECISION);
  if (!fits) return textColumn(name, texts, {});
  return {
    element: {
      name,
      repetition_type: 'OPTIONAL',
      type: 'FIXED_LEN_BYTE_ARRAY',
      type_length: 16,
      converted_type: 'DECIMAL',
      logical_type: { type: 'DECIMAL', precision: PRECISION, scale },
      precision: PRECISION,
      scale,
    },
    // The writer takes a bigint as the unscaled integer; a number it would multiply as a double.
    source: { name, data: texts.map((text) => (text === null ? null : parseScaled(text, scale, 'exact', name))) },
  };
}

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

const decimalsOf = (text: string | null): number =>
  text === null || !text.includes('.') ? 0 : text.length - text.indexOf('.') - 1;

const wholeDigitsOf = (text: string | null): number => (text === null ? 0 : text.replace(/^-?0?|\..*$/g, '').length);
