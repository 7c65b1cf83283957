import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sha256 } from '../../../src/core/hash.js';
import type { Sharing } from '../../../src/data/bundle.js';
import type { BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { sampleMarket } from '../../../src/data/sample-market.js';
import { type BundleFormat, exportBundle } from '../../../src/export/export-bundle.js';
import { readArrow } from '../../helpers/arrow-reader.js';
import { assetDraft, dailyDraft, days, smallDraft, temporaryFolder } from '../../helpers/bundle-draft.js';
import { openDuckDb, readPhysical } from '../../helpers/parquet-readers.js';

async function exported(draft: BundleDraft, format: BundleFormat, sharing?: Sharing) {
  using bundle = await bundleFromColumns(draft, { ...(sharing && { sharing }) });
  const folder = temporaryFolder();
  const files = await exportBundle(bundle, folder, { format });
  return { folder, files, text: (name: string) => readFileSync(join(folder, name), 'utf8') };
}

describe('exportBundle', () => {
  it('writes assets, bars and events as CSV, in the texts that ingest reads', async () => {
    const { files, text } = await exported(smallDraft(), 'csv');
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      ['assets.csv', 2],
      ['bars-24-7-1d.csv', 7],
      ['splits.csv', 1],
      ['dividends.csv', 1],
    ]);
    expect(text('assets.csv').split('\n')).toEqual([
      'sid,symbol,calendar,frequency,currency,tick,lot,multiplier,price_decimals,volume_decimals,first,last,bars',
      '0,AAA,24/7,1d,USD,0.01,0.00000001,1,2,0,2020-01-02T00:00:00.000Z,2020-01-04T00:00:00.000Z,3',
      '1,BBB,24/7,1d,USD,0.01,0.00000001,1,2,0,2020-01-01T00:00:00.000Z,2020-01-05T00:00:00.000Z,4',
      '',
    ]);
    expect(text('bars-24-7-1d.csv').split('\n').slice(0, 2)).toEqual([
      'symbol,date,open,high,low,close,volume',
      'AAA,2020-01-02,19.75,20.5,19.5,20,2000',
    ]);
    expect(text('bars-24-7-1d.csv')).not.toContain('BBB,2020-01-03');
    expect(text('splits.csv')).toBe('symbol,ex_date,ratio\nAAA,2020-01-03,2\n');
    expect(text('dividends.csv')).toBe('symbol,ex_date,pay_date,amount\nBBB,2020-01-04,,0.5\n');
  });

  it('writes Parquet that DuckDB reads with exact decimals', async () => {
    const { folder } = await exported(sampleMarket({}), 'parquet');
    using bundle = await bundleFromColumns(sampleMarket({}));
    const duckDb = await openDuckDb();
    onTestFinished(() => duckDb.close());
    const { types, rows } = await duckDb.query(
      `SELECT symbol, date::VARCHAR, open::VARCHAR, high::VARCHAR, low::VARCHAR, close::VARCHAR, volume::VARCHAR FROM '${join(folder, 'bars-XNYS-1d.parquet')}'`,
    );
    const described = await duckDb.query(`DESCRIBE SELECT * FROM '${join(folder, 'bars-XNYS-1d.parquet')}'`);
    expect(types).toHaveLength(7);
    expect(described.rows.map(([name, type]) => `${name} ${type}`)).toEqual([
      'symbol VARCHAR',
      'date DATE',
      ...['open', 'high', 'low', 'close'].map((field) => `${field} DECIMAL(18,2)`),
      'volume DECIMAL(18,0)',
    ]);
    const [group] = bundle.groups;
    const expected = group!.listings.flatMap((listing) =>
      Array.from({ length: listing.end - listing.first }, (_, row) => [
        listing.asset.symbol,
        new Date(group!.times[listing.first + row]!).toISOString().slice(0, 10),
        ...['open', 'high', 'low', 'close'].map((field) => listing.column(field)[row]!.toFixed(2)),
        listing.column('volume')[row]!.toFixed(0),
      ]),
    );
    expect(rows).toEqual(expected);
  });

  it('writes Arrow that holds what the Parquet holds', async () => {
    const parquet = await exported(smallDraft(), 'parquet');
    const arrow = await exported(smallDraft(), 'arrow');
    for (const { name, rows } of parquet.files) {
      const table = name.replace('.parquet', '');
      const { rows: fromParquet } = await readPhysical(readFileSync(join(parquet.folder, name)));
      const { rows: fromArrow, metadata } = readArrow(readFileSync(join(arrow.folder, `${table}.arrow`)));
      const plain = (row: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === null ? null : String(value)]));
      expect(fromArrow.map(plain)).toEqual(fromParquet.map(plain));
      expect(fromArrow).toHaveLength(rows);
      expect(Object.keys(metadata)).toEqual(table.startsWith('bars') ? ['hindcast'] : []);
    }
  });

  it.each(['shared', 'copied'] as const)(
    'writes the bytes of Arrow that other implementations were seen to read, %s',
    async (sharing) => {
      const { folder } = await exported(smallDraft(), 'arrow', sharing);
      const hashes = Object.fromEntries(
        readdirSync(folder).map((name) => [name, sha256(readFileSync(join(folder, name))).slice(0, 16)]),
      );
      // pyarrow (validate(full=True), values equal to those of the Parquet files) and apache-arrow of npm read these very bytes.
      expect(hashes).toMatchInlineSnapshot(`
      {
        "assets.arrow": "a9af1b67fe43ce21",
        "bars-24-7-1d.arrow": "59f6cece956ccfc1",
        "dividends.arrow": "f5b68f6e82916eec",
        "splits.arrow": "8201dff849bb8513",
      }
    `);
    },
  );

  it.each([
    { symbols: ['A', 'B'], decimals: [2, 4], type: 'DECIMAL', scale: 4, unscaled: [100000n, 100000n] },
    { symbols: ['A', 'B'], decimals: [0, 12], type: 'DECIMAL', scale: 12, unscaled: [10n ** 13n, 10n ** 13n] },
  ])('has the most decimals of its assets, $decimals', async ({ symbols, decimals, type, scale, unscaled }) => {
    const draft = dailyDraft(
      symbols.map((symbol, at) => {
        const flat = Float64Array.of(10);
        return {
          symbol,
          first: 0,
          priceDecimals: decimals[at]!,
          volumeDecimals: 0,
          columns: { open: flat, high: flat, low: flat, close: flat, volume: flat },
        };
      }),
    );
    const { folder } = await exported(draft, 'parquet');
    const { columns, rows } = await readPhysical(readFileSync(join(folder, 'bars-24-7-1d.parquet')));
    expect(columns.find(({ name }) => name === 'close')).toEqual({ name: 'close', type, scale });
    expect(rows.map(({ close }) => close)).toEqual(unscaled);
  });

  it('keeps named columns as doubles, empty where they have none', async () => {
    const signal = Float64Array.of(0.1 + 0.2, Number.NaN);
    const { text } = await exported(
      dailyDraft([assetDraft('A', [1, 2], { extra: { signal } }), assetDraft('B', [3])]),
      'csv',
    );
    expect(text('bars-24-7-1d.csv').split('\n').slice(1, 4)).toEqual([
      'A,2020-01-01,0.75,1.5,0.5,1,100,0.30000000000000004',
      'A,2020-01-02,1.75,2.5,1.5,2,200,',
      'B,2020-01-01,2.75,3.5,2.5,3,300,',
    ]);
  });

  it('says which columns are doubles, for values that are no decimals of their asset', async () => {
    const values = Float64Array.of(1.005, 2);
    const columns = { open: values, high: values, low: values, close: values, volume: values };
    const { files, folder } = await exported(
      dailyDraft([assetDraft('A', [1, 2], { columns })], { judged: true }),
      'parquet',
    );
    expect(files.find(({ name }) => name.startsWith('bars'))!.doubleColumns).toEqual([
      'open',
      'high',
      'low',
      'close',
      'volume',
    ]);
    const { rows } = await readPhysical(readFileSync(join(folder, 'bars-24-7-1d.parquet')));
    expect(rows[0]!.close).toBe(1.005);
  });

  it('names intraday bars by their instants, a file for each calendar and bar length', async () => {
    const times = Float64Array.from({ length: 3 }, (_, row) => days(1)[0]! + row * 60_000);
    const draft: BundleDraft = {
      ...dailyDraft([assetDraft('A', [1, 2])]),
      groups: [
        { calendar: '24/7', frequency: '1d', times: days(2), assets: [assetDraft('A', [1, 2])] },
        { calendar: '24/7', frequency: '1m', times, assets: [assetDraft('A', [1, 2, 3])] },
      ],
    };
    const { files, text } = await exported(draft, 'csv');
    expect(files.map(({ name }) => name)).toContain('bars-24-7-1m.csv');
    expect(text('bars-24-7-1m.csv').split('\n')[2]).toBe('A,2020-01-01T00:01:00.000Z,1.75,2.5,1.5,2,200');
    expect(text('assets.csv').split('\n')).toHaveLength(4);
  });

  it('refuses what it cannot write, and leaves what was there', async () => {
    using bundle = await bundleFromColumns(smallDraft());
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'assets.csv'), 'mine');
    await expect(exportBundle(bundle, folder, { format: 'json' as 'csv' })).rejects.toMatchObject({
      code: 'UNKNOWN_FORMAT',
      exitCode: 2,
    });
    await expect(exportBundle(bundle, join(folder, 'none'))).rejects.toMatchObject({ code: 'EXPORT_NOT_WRITABLE' });
    await expect(exportBundle(bundle, folder, { fromat: 'csv' } as never)).rejects.toMatchObject({
      code: 'UNKNOWN_OPTION',
    });
    expect(readFileSync(join(folder, 'assets.csv'), 'utf8')).toBe('mine');
    expect(readdirSync(folder)).toEqual(['assets.csv']);
  });
});
