import { DuckDBInstance, DuckDBTimestampTZValue } from '@duckdb/node-api';
import { parquetMetadata, parquetReadObjects } from 'hyparquet';

/** What a column of a file is: its type with precision and scale. */
export interface FileColumn {
  readonly name: string;
  readonly type: string;
  readonly scale: number | undefined;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Reads a Parquet file by its physical types alone: a decimal is its unscaled integer, an instant its milliseconds. What a reader makes of
 * the logical types, doubles for example, plays no part.
 */
export async function readPhysical(
  bytes: Uint8Array,
): Promise<{ readonly columns: FileColumn[]; readonly rows: Row[] }> {
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const columns = metadata.schema.slice(1).map(({ name, logical_type, type, scale }) => ({
    name,
    type: logical_type === undefined ? String(type) : logical_type.type,
    scale,
  }));
  const plain = metadata.schema.map(({ converted_type: _old, logical_type: _new, ...element }) => element);
  const rows = await parquetReadObjects({ file, metadata: { ...metadata, schema: plain }, utf8: false });
  const value = (cell: unknown, type: string): unknown => {
    if (!(cell instanceof Uint8Array)) return cell;
    return type === 'DECIMAL'
      ? BigInt.asIntN(128, BigInt(`0x${Buffer.from(cell).toString('hex')}`))
      : Buffer.from(cell).toString('utf8');
  };
  return {
    columns,
    rows: rows.map((row) => Object.fromEntries(columns.map(({ name, type }) => [name, value(row[name], type)]))),
  };
}

/** A DuckDB in memory that reads files; the caller closes it. */
export async function openDuckDb() {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  return {
    /** Returns the types and the rows of a query: decimals as DuckDB prints them, instants as milliseconds. */
    async query(sql: string): Promise<{ readonly types: string[]; readonly rows: unknown[][] }> {
      const reader = await connection.runAndReadAll(sql);
      const cell = (value: unknown): unknown => {
        if (value instanceof DuckDBTimestampTZValue) return Number(value.micros / 1000n);
        return typeof value === 'object' && value !== null ? String(value) : value;
      };
      return { types: reader.columnTypes().map(String), rows: reader.getRows().map((row) => row.map(cell)) };
    },
    close(): void {
      connection.closeSync();
      instance.closeSync();
    },
  };
}
