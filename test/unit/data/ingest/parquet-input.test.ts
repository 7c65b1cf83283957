import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { parquetInput } from '../../../../src/data/ingest/parquet-input.js';
import type { Cell } from '../../../../src/data/ingest/row-source.js';
import { makeFolder } from '../../../helpers/folders.js';
import { openDuckDb } from '../../../helpers/parquet-readers.js';

const folder = makeFolder();
let duckDb: Awaited<ReturnType<typeof openDuckDb>>;
beforeAll(async () => {
  duckDb = await openDuckDb();
});
afterAll(() => {
  duckDb.close();
  folder.remove();
});

/** Files that pyarrow wrote: 40 minutes from 2020-01-02 14:30, opens from 100.05 in steps of a cent. */
const fixture = (name: string): string => fileURLToPath(new URL(`../../../fixtures/parquet/${name}`, import.meta.url));

/** All cells of a file, with its columns. */
async function cellsIn(path: string) {
  return parquetInput(path).use(async ({ columns, batches }) => {
    const rows: Cell[][] = [];
    let count = 0;
    for await (const batch of batches) {
      count++;
      for (let row = 0; row < batch.rows; row++) rows.push(columns.map((_, at) => batch.cell(row, at)));
      expect(batch.width(0)).toBe(columns.length);
    }
    return { columns, rows, batches: count };
  });
}

/** A Parquet file that DuckDB makes of a query. */
async function written(query: string, options = ''): Promise<string> {
  const path = join(folder.path, `${Math.abs(hashOf(query + options))}.parquet`);
  await duckDb.query(`COPY (${query}) TO '${path}' (FORMAT parquet${options})`);
  return path;
}

const hashOf = (text: string): number => [...text].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) | 0, 7);

const refused = (path: string, options: Partial<IngestOptions> = {}) =>
  buildDraft({ files: [path], calendar: '24/7', ...options }).then(
    () => undefined,
    (error) => error as { code: string; message: string; exitCode: number },
  );

describe('parquetInput', () => {
  it.each<[string, string, Cell, string | undefined]>([
    ['DATE', "DATE '2020-01-02'", Date.UTC(2020, 0, 2), 'date'],
    ['a date before 1970', "DATE '1969-12-31'", -86_400_000, 'date'],
    ['TIMESTAMP', "TIMESTAMP '2020-01-02 14:30:00.5'", Date.UTC(2020, 0, 2, 14, 30, 0, 500), 'local'],
    ['TIMESTAMPTZ', "TIMESTAMPTZ '2020-01-02 14:30:00+02'", Date.UTC(2020, 0, 2, 12, 30), 'instant'],
    ['TIMESTAMP_S', "TIMESTAMP_S '2020-01-02 14:30:00'", Date.UTC(2020, 0, 2, 14, 30), 'local'],
    ['TIMESTAMP_MS', "TIMESTAMP_MS '1960-01-02 14:30:00.123'", Date.UTC(1960, 0, 2, 14, 30, 0, 123), 'local'],
    ['TIMESTAMP_NS', "TIMESTAMP_NS '2020-01-02 14:30:00.123456789'", Date.UTC(2020, 0, 2, 14, 30, 0, 123), 'local'],
    ['TIME', "TIME '14:30:15'", '14:30:15.000', undefined],
    ['a short DECIMAL', '112.63::DECIMAL(5, 2)', 112.63, undefined],
    ['a DECIMAL of 32 bits', '-0.0001::DECIMAL(9, 4)', -0.0001, undefined],
    ['a DECIMAL of 64 bits', '123456789.123456::DECIMAL(18, 6)', 123456789.123456, undefined],
    ['a DECIMAL of 128 bits', '298.57849121::DECIMAL(38, 8)', 298.57849121, undefined],
    ['a negative one', '-298.57849121::DECIMAL(38, 8)', -298.57849121, undefined],
    ['one of 15 digits', '9999999.99999999::DECIMAL(38, 8)', 9999999.99999999, undefined],
    ['one of 64 bits and 17 digits', '1234567890.1234567::DECIMAL(18, 7)', '1234567890.1234567', undefined],
    [
      'one of 38 digits',
      '123456789012345678901234567890.12345678::DECIMAL(38, 8)',
      '123456789012345678901234567890.12345678',
      undefined,
    ],
    ['FLOAT', '112.63::FLOAT', Math.fround(112.63), undefined],
    ['DOUBLE', '0.1::DOUBLE', 0.1, undefined],
    ['TINYINT', '-7::TINYINT', -7, undefined],
    ['UINTEGER', '4294967295::UINTEGER', 4294967295, undefined],
    ['BIGINT', '-9007199254740991::BIGINT', -9007199254740991, undefined],
    ['a BIGINT beyond 2^53', '9007199254740993::BIGINT', '9007199254740993', undefined],
    ['UBIGINT', '18446744073709551615::UBIGINT', '18446744073709551615', undefined],
    ['VARCHAR', "' ÄÖ '", 'ÄÖ', undefined],
    ['BOOLEAN', 'true', 'true', undefined],
    ['null', 'NULL::DOUBLE', null, undefined],
    ['NaN', "'NaN'::DOUBLE", Number.NaN, undefined],
  ])('reads %s', async (_, value, cell, stamps) => {
    const { columns, rows } = await cellsIn(await written(`SELECT ${value} AS x`));
    expect(rows).toEqual([[cell]]);
    expect(columns[0]!.stamps).toBe(stamps);
  });

  const manyRows = `
    SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE 'S' || (i % 3) END AS symbol,
      TIMESTAMP '2020-01-01' + INTERVAL (i) MINUTE AS time, CASE WHEN i % 5 = 0 THEN NULL ELSE i / 8 END AS price,
      (i * 7 % 1000)::INTEGER AS small, i::BIGINT * 1000003 AS big, i % 2 = 0 AS flag
    FROM range(9000) AS r(i)`;

  it.each(
    ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'].flatMap((codec) =>
      ['V1', 'V2'].map((version) => ({ codec, version })),
    ),
  )('reads every row of $codec pages of $version as DuckDB does', async ({ codec, version }) => {
    const path = await written(manyRows, `, CODEC '${codec}', PARQUET_VERSION ${version}, ROW_GROUP_SIZE 2048`);
    const { rows, batches } = await cellsIn(path);
    const expected = Array.from({ length: 9000 }, (_, i) => [
      i % 7 === 0 ? null : `S${i % 3}`,
      Date.UTC(2020, 0, 1) + i * 60_000,
      i % 5 === 0 ? null : i / 8,
      (i * 7) % 1000,
      i * 1000003,
      String(i % 2 === 0),
    ]);
    expect(rows).toEqual(expected);
    expect(batches).toBeGreaterThanOrEqual(5);
  });

  it.each([
    { name: 'index-of-times.parquet', kind: 'local', dates: 'typed local' },
    { name: 'index-of-rows.parquet', kind: 'instant', dates: 'typed instant' },
    { name: 'int96.parquet', kind: 'local', dates: 'typed local' },
    { name: 'checksums.parquet', kind: 'local', dates: 'typed local' },
    { name: 'nested.parquet', kind: 'instant', dates: 'typed instant' },
    { name: 'encodings.parquet', kind: 'local', dates: 'typed local' },
  ])('ingests $name of another writer', async ({ name, kind, dates }) => {
    const { columns } = await cellsIn(fixture(name));
    expect(columns.find(({ stamps }) => stamps !== undefined)!.stamps).toBe(kind);
    const { draft, report } = await buildDraft({ files: [fixture(name)], calendar: '24/7', frequency: '1m' });
    expect(report).toMatchObject({ rows: 40, files: [{ dates }] });
    const [group] = draft.groups;
    expect(group!.times[39]! - group!.times[0]!).toBe(39 * 60_000);
    expect([...group!.assets[0]!.columns.open!]).toEqual(Array.from({ length: 40 }, (_, i) => (10_005 + i) / 100));
    expect([...group!.assets[0]!.columns.volume!]).toEqual(Array.from({ length: 40 }, (_, i) => 1000 + i));
  });

  it('reads pages that a row group has thousands of, one at a time', async () => {
    const rows = 20_000;
    const buffer = parquetWriteBuffer({
      columnData: [
        { name: 'x', data: Float64Array.from({ length: rows }, (_, row) => row), type: 'DOUBLE', nullable: false },
        { name: 'y', data: Array.from({ length: rows }, (_, row) => (row % 3 === 0 ? null : row)), type: 'DOUBLE' },
      ],
      pageSize: 256,
      rowGroupSize: rows,
    });
    const path = join(folder.path, 'pages.parquet');
    writeFileSync(path, new Uint8Array(buffer));
    const { rows: cells, batches } = await cellsIn(path);
    expect(cells).toEqual(Array.from({ length: rows }, (_, row) => [row, row % 3 === 0 ? null : row]));
    expect(batches).toBeGreaterThan(600);
  });

  it('refuses prices that are text, naming the columns', async () => {
    const path = await written(
      "SELECT '2020-01-0' || i AS date, '1' AS open, 1.5 AS high, 1.0 AS low, 1.0 AS close, 5 AS volume FROM range(1, 5) AS r(i)",
    );
    expect(await refused(path)).toMatchObject({
      code: 'INGEST_REFUSED',
      exitCode: 3,
      message: expect.stringContaining("column 'open' is text, not numbers"),
    });
  });

  it('reads prices that are text where that is asked for, and warns', async () => {
    const path = await written(
      "SELECT '2020-01-0' || i AS date, '1.25' AS open, 1.5 AS high, 1.0 AS low, 1.0 AS close, 5 AS volume FROM range(1, 5) AS r(i)",
    );
    const { draft, report } = await buildDraft({ files: [path], calendar: '24/7', on: { 'text-numbers': 'warn' } });
    expect([...draft.groups[0]!.assets[0]!.columns.open!]).toEqual([1.25, 1.25, 1.25, 1.25]);
    expect(report.warnings.map(({ code }) => code)).toContain('TEXT_NUMBERS');
  });

  it('takes dates that are text, as a text file has them', async () => {
    const path = await written(
      "SELECT '2020-01-0' || i AS date, 1.0 AS open, 1.5 AS high, 1.0 AS low, 1.0 AS close, 5 AS volume FROM range(1, 5) AS r(i)",
    );
    const { report } = await buildDraft({ files: [path], calendar: '24/7' });
    expect(report.files[0]!.dates).toBe('YYYY-MM-DD');
  });

  it('counts decimals of more than 15 digits as lost where nothing may be', async () => {
    const path = await written(
      "SELECT DATE '2020-01-01' + i::INTEGER AS date, 123456789.12345678::DECIMAL(38,8) AS open, 123456789.12345678::DECIMAL(38,8) AS high, 1::DECIMAL(38,8) AS low, 1::DECIMAL(38,8) AS close, 5 AS volume FROM range(3) AS r(i)",
    );
    expect(await refused(path, { precision: 'exact' })).toMatchObject({
      code: 'INGEST_REFUSED',
      message: expect.stringContaining('would not survive exactly'),
    });
  });

  const whole = (): Uint8Array => readFileSync(fixture('checksums.parquet'));
  it.each<[string, (bytes: Uint8Array) => Uint8Array, string]>([
    ['nothing', () => new Uint8Array(0), 'is empty'],
    ['four bytes', (bytes) => bytes.slice(0, 4), 'too short'],
    ['text', () => Buffer.from('date,open,high,low,close,volume\n'), 'does not end in PAR1'],
    ['half of the file', (bytes) => bytes.slice(0, 1500), 'cut off'],
    ['other first bytes', (bytes) => Buffer.concat([Buffer.from('PAR2'), bytes.slice(4)]), 'first bytes'],
    ['an encrypted file', (bytes) => Buffer.concat([bytes.slice(0, -4), Buffer.from('PARE')]), 'encrypted'],
    [
      'metadata longer than the file',
      (bytes) => Buffer.concat([bytes.slice(0, -8), Buffer.from([255, 255, 255, 0]), Buffer.from('PAR1')]),
      'longer than the file',
    ],
    [
      'a flipped bit of a page with a checksum',
      (bytes) => {
        const copy = Uint8Array.from(bytes);
        copy[200]! ^= 4;
        return copy;
      },
      'checksum',
    ],
    [
      'a file cut in the middle, its metadata kept',
      (bytes) => Buffer.concat([bytes.slice(0, 1000), bytes.slice(1500)]),
      'no intact Parquet',
    ],
  ])('refuses %s', async (_, change, says) => {
    const path = join(folder.path, 'damaged.parquet');
    writeFileSync(path, change(whole()));
    const error = await refused(path);
    expect(error).toMatchObject({ exitCode: 3 });
    expect(error!.message).toContain(says);
    expect(error!.message).toContain('damaged.parquet');
  });

  it('finds a changed price that no checksum guards by the statistics of the file', async () => {
    const path = await written(
      "SELECT DATE '2020-01-01' + i::INTEGER AS date, 100.0::DOUBLE AS open, 101.0::DOUBLE AS high, 99.0::DOUBLE AS low, 100.0::DOUBLE AS close, 5 AS volume FROM range(3) AS r(i)",
      ", CODEC 'uncompressed'",
    );
    const bytes = readFileSync(path);
    const price = Buffer.alloc(8);
    price.writeDoubleLE(101);
    const at = bytes.indexOf(price);
    bytes.writeDoubleLE(110, at);
    const changed = join(folder.path, 'changed.parquet');
    writeFileSync(changed, bytes);
    expect(await refused(changed)).toMatchObject({
      code: 'BAD_PARQUET',
      message: expect.stringMatching(/column 'high' of row group 1: it holds 110, but its own statistics say/),
    });
  });

  it.each([
    { path: 'none.parquet', code: 'FILE_NOT_FOUND', exitCode: 2 },
    { path: '.', code: 'FILE_NOT_FOUND', exitCode: 2 },
  ])('refuses the path $path', async ({ path, code, exitCode }) => {
    expect(await refused(join(folder.path, path), { source: 'parquet' })).toMatchObject({ code, exitCode });
  });
});
