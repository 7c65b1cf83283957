import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { SchemaElement } from 'hyparquet';
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, describe, expect, it } from 'vitest';
import { DataError, HindcastError } from '../../src/core/errors.js';
import { buildDraft } from '../../src/data/ingest/ingest.js';
import { makeFolder } from '../helpers/folders.js';

/** Cases of each run; a nightly run asks for more. */
const RUNS = Number(process.env.HINDCAST_FUZZ_RUNS ?? 2000);
/** Far beyond what forty rows take on a busy machine: a loop that damage makes endless would never end. */
const PATIENCE_MS = 20_000;
const TIMEOUT = 60_000 + RUNS * 100;

const fixtures = fileURLToPath(new URL('../fixtures/parquet/', import.meta.url));
const originals = readdirSync(fixtures).map((name) => readFileSync(join(fixtures, name)));
const folder = makeFolder();
afterAll(() => folder.remove());

const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('set' as const), at: fc.nat(), value: fc.nat(255) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut' as const), at: fc.nat(), value: fc.nat(400) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), at: fc.nat(), value: fc.constant(0) }) },
);

function damaged(bytes: Buffer, changes: readonly { kind: 'set' | 'cut' | 'end'; at: number; value: number }[]) {
  let result = Buffer.from(bytes);
  for (const { kind, at, value } of changes) {
    const place = result.length === 0 ? 0 : at % result.length;
    if (kind === 'set' && result.length > 0) result[place] = value;
    else if (kind === 'cut') result = Buffer.concat([result.subarray(0, place), result.subarray(place + value)]);
    else if (kind === 'end') result = result.subarray(0, place);
  }
  return result;
}

describe('a damaged Parquet file', () => {
  it(
    'is read as rows that pass every check, or refused as data, and never anything else',
    async () => {
      const outcomes = { refused: 0, read: 0 };
      const property = fc.asyncProperty(
        fc.nat(originals.length - 1),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        async (which, changes) => {
          const path = join(folder.path, 'bars.parquet');
          writeFileSync(path, damaged(originals[which]!, changes));
          const started = performance.now();
          try {
            const { draft, report } = await buildDraft({ files: [path], calendar: '24/7', frequency: '1m' });
            expect(report.rows).toBeGreaterThan(0);
            for (const { times, assets } of draft.groups) {
              for (const { columns } of assets) {
                for (const column of Object.values(columns)) expect(column.length).toBeLessThanOrEqual(times.length);
              }
            }
            outcomes.read++;
          } catch (error) {
            if (!(error instanceof DataError)) throw error;
            expect(error.message.length).toBeGreaterThan(10);
            outcomes.refused++;
          }
          expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
        },
      );
      await fc.assert(property, { numRuns: RUNS });
      // Both happen: damage outside of what is read changes nothing.
      expect(outcomes.refused).toBeGreaterThan(RUNS / 4);
      expect(outcomes.read).toBeGreaterThan(0);
    },
    TIMEOUT,
  );
});

type Type =
  | 'DOUBLE'
  | 'FLOAT'
  | 'INT32'
  | 'INT64'
  | 'DECIMAL9'
  | 'DECIMAL18'
  | 'DECIMAL38'
  | 'STRING'
  | 'BOOLEAN'
  | 'TIMESTAMP'
  | 'DATE';

/** What a column of a made file is. */
interface MadeColumn {
  readonly name: string;
  readonly type: Type;
  readonly isOptional: boolean;
  /** Every so many rows it is null; 0 for none. */
  readonly nulls: number;
  readonly encoding: 'PLAIN' | undefined;
}

const NUMBERS: readonly Type[] = ['DOUBLE', 'FLOAT', 'INT32', 'INT64', 'DECIMAL9', 'DECIMAL18', 'DECIMAL38'];
const ANY: readonly Type[] = [...NUMBERS, 'STRING', 'BOOLEAN', 'TIMESTAMP', 'DATE'];

const columnOf = (name: string, types: readonly Type[]): fc.Arbitrary<MadeColumn> =>
  fc.record({
    name: fc.constant(name),
    // Now and then a column has a type that nobody would give it.
    type: fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...types) },
      { weight: 1, arbitrary: fc.constantFrom(...ANY) },
    ),
    isOptional: fc.boolean(),
    nulls: fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 7 }) }),
    encoding: fc.constantFrom('PLAIN', undefined),
  });

const schema = fc
  .tuple(
    fc.constantFrom('date', 'Date', 'timestamp', 'time').chain((name) => columnOf(name, ['TIMESTAMP', 'DATE'])),
    ...['open', 'high', 'low', 'close', 'volume'].map((name) => columnOf(name, NUMBERS)),
    // The writer knows columns by their names.
    fc.uniqueArray(
      fc.nat(1000).chain((name) => columnOf(`extra${name}`, ANY)),
      { maxLength: 3, selector: ({ name }) => name },
    ),
    fc.oneof({ weight: 15, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.nat(5) }),
  )
  .map(([time, open, high, low, close, volume, extra, lost]) => {
    const columns = [time, open, high, low, close, volume] as MadeColumn[];
    return {
      isWhole: lost === undefined,
      columns: [...columns.filter((_, place) => place !== lost), ...(extra as MadeColumn[])],
    };
  });

/** The element and the values of a column; every price is a whole number, so that each type can hold it. */
function made(
  { name, type, isOptional, nulls, encoding }: MadeColumn,
  rows: number,
): { element: SchemaElement; source: ColumnSource } {
  const base = { name, repetition_type: isOptional ? 'OPTIONAL' : 'REQUIRED' } as const;
  const decimal = (precision: number, storage: Partial<SchemaElement>): SchemaElement => ({
    ...base,
    ...storage,
    converted_type: 'DECIMAL',
    logical_type: { type: 'DECIMAL', precision, scale: 2 },
    precision,
    scale: 2,
  });
  const elements: Readonly<Record<Type, SchemaElement>> = {
    DOUBLE: { ...base, type: 'DOUBLE' },
    FLOAT: { ...base, type: 'FLOAT' },
    INT32: { ...base, type: 'INT32' },
    INT64: { ...base, type: 'INT64' },
    DECIMAL9: decimal(9, { type: 'INT32' }),
    DECIMAL18: decimal(18, { type: 'INT64' }),
    DECIMAL38: decimal(38, { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }),
    STRING: { ...base, type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    BOOLEAN: { ...base, type: 'BOOLEAN' },
    TIMESTAMP: {
      ...base,
      type: 'INT64',
      converted_type: 'TIMESTAMP_MILLIS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
    },
    DATE: { ...base, type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
  };
  const price = { high: 12, low: 8 }[name] ?? 10;
  const value = (row: number): unknown => {
    if (isOptional && nulls > 0 && row % nulls === 0) return null;
    if (type === 'TIMESTAMP') return BigInt(Date.UTC(2020, 0, 1) + row * 60_000);
    if (type === 'DATE') return 18_262 + row;
    if (type === 'BOOLEAN') return row % 2 === 0;
    if (type === 'STRING') return `${price}.5`;
    // The writer takes a bigint as the unscaled integer of a decimal.
    if (type.startsWith('DECIMAL')) return BigInt(price * 100);
    return type === 'INT64' ? BigInt(price) : price;
  };
  const data = Array.from({ length: rows }, (_, row) => value(row));
  return { element: elements[type], source: { name, data, ...(encoding === undefined ? {} : { encoding }) } };
}

describe('a Parquet file of any schema', () => {
  it(
    'is read whole where its columns can be bars, whatever their types, and else refused',
    async () => {
      const outcomes = { whole: 0, read: 0, refused: 0 };
      const property = fc.asyncProperty(
        schema,
        fc.integer({ min: 1, max: 40 }),
        fc.record({
          codec: fc.constantFrom('SNAPPY' as const, 'UNCOMPRESSED' as const),
          rowGroupSize: fc.integer({ min: 1, max: 50 }),
          pageSize: fc.integer({ min: 1, max: 2000 }),
        }),
        fc.oneof(fc.constant([]), fc.array(change, { minLength: 1, maxLength: 3 })),
        async ({ columns, isWhole }, rows, options, changes) => {
          const parts = columns.map((column) => made(column, rows));
          const bytes = Buffer.from(
            parquetWriteBuffer({
              schema: [{ name: 'root', num_children: parts.length }, ...parts.map(({ element }) => element)],
              columnData: parts.map(({ source }) => source),
              ...options,
            }),
          );
          const path = join(folder.path, 'made.parquet');
          writeFileSync(path, damaged(bytes, changes));
          const [time, ...values] = columns;
          // Without damage, and with numbers alone in its bars, there is nothing to refuse.
          const isGood =
            isWhole &&
            changes.length === 0 &&
            ['TIMESTAMP', 'DATE'].includes(time!.type) &&
            values.slice(0, 5).every(({ type }) => NUMBERS.includes(type)) &&
            columns.slice(0, 6).every(({ nulls, isOptional }) => nulls === 0 || !isOptional);
          if (isGood) outcomes.whole++;
          const started = performance.now();
          try {
            const { report } = await buildDraft({ files: [path], calendar: '24/7', symbol: 'X' });
            if (changes.length === 0) expect(report.rows).toBe(rows);
            outcomes.read++;
          } catch (error) {
            if (!(error instanceof HindcastError) || isGood) throw error;
            outcomes.refused++;
          }
          expect(performance.now() - started).toBeLessThan(PATIENCE_MS);
        },
      );
      await fc.assert(property, { numRuns: RUNS / 2 });
      expect(outcomes.whole).toBeGreaterThan(RUNS / 40);
      expect(outcomes.read).toBeGreaterThan(outcomes.whole);
      expect(outcomes.refused).toBeGreaterThan(RUNS / 20);
    },
    TIMEOUT,
  );
});
