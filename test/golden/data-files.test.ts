import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { expect, it } from 'vitest';
import { HindcastError } from '../../src/core/errors.js';
import { orderDraft } from '../../src/data/draft-order.js';
import { buildDraft, type IngestOptions } from '../../src/data/ingest/ingest.js';
import { formatDate } from '../../src/market/civil-date.js';
import { describeShared, sharedFile } from '../helpers/shared.js';

interface ManifestRow {
  readonly file: string;
  readonly rows: string;
  readonly first: string;
  readonly last: string;
}

const manifest = (): readonly ManifestRow[] =>
  parse(readFileSync(sharedFile('data/MANIFEST.csv')), { columns: true }) as ManifestRow[];
const isText = ({ file }: ManifestRow): boolean => !file.endsWith('.parquet');
const files = existsSync(sharedFile('data/MANIFEST.csv')) ? manifest().filter(isText) : [];

/** What nobody can know from the file alone: its calendar, its zone, that it holds one price a row, that a defect of it is to be kept. */
const TOLD: readonly (readonly [RegExp, Partial<IngestOptions>])[] = [
  [/^crypto\/(BTCUSD_monthly|lean-minute\/)/, { calendar: '24/7' }],
  [/^fx\/EURUSD_hourly/, { calendar: '24/7', timezone: 'UTC' }],
  [/^fx\/forex_oanda_hour/, { calendar: '24/7' }],
  [
    /^fx\/fed_monthly/,
    { layout: 'values', columns: { close: 'Exchange rate', symbol: 'Country' }, frequency: '1mo', calendar: '24/7' },
  ],
  [/^intraday\/gbpusd/, { calendar: '24/7' }],
  [/^intraday\/lean-minute\/.*_trade/, { calendar: 'XNYS', on: { 'outside-hours': 'warn' } }],
  [/^intraday\/lean-minute\/.*_quote/, { calendar: 'XNYS', on: { 'outside-hours': 'warn' } }],
  [/^reference\/vix/, { calendar: 'XNYS', on: { 'open-outside-range': 'warn', 'not-a-session': 'drop' } }],
];

/** Files that hold no bars, or none that can be trusted, with the reason for which they are refused. */
const REFUSED: readonly (readonly [RegExp, RegExp])[] = [
  [/^calendars\/.*\.csv$/, /^UNKNOWN_LAYOUT: .*no column for/],
  [/\.json$/, /^BAD_JSON: .*is no JSON array of bars/],
  [/^equities\/(events|lean-factor-files|lean-map-files)\//, /^UNKNOWN_LAYOUT: /],
  [/^reference\/(SPY_benchmark|interest-rate|us_treasury)/, /^UNKNOWN_LAYOUT: /],
];

describeShared('every file of bars', 'data/MANIFEST.csv', () => {
  const clean = files.filter(({ file }) => !file.startsWith('dirty/'));
  it.each(clean.map(({ file, ...row }) => [file, row] as const))('%s', async (file, { rows, first, last }) => {
    const told = TOLD.find(([pattern]) => pattern.test(file))?.[1] ?? {};
    const isRefused = file !== 'intraday/freqtrade_UNITTEST_BTC-1m.json';
    const refused = isRefused ? REFUSED.find(([pattern]) => pattern.test(file))?.[1] : undefined;
    const work = buildDraft({ files: [sharedFile(`data/${file}`)], ...told });
    if (refused !== undefined) {
      const error = await work.catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(HindcastError);
      expect(`${(error as HindcastError).code}: ${(error as HindcastError).message}`).toMatch(refused);
      return;
    }
    const { draft, report } = await work;
    orderDraft(draft);
    expect(report.rows).toBe(Number(rows));
    const bars = report.assets.reduce((sum, asset) => sum + asset.bars, 0);
    const left = report.quality.filter(({ policy }) => policy === 'drop').reduce((sum, { count }) => sum + count, 0);
    expect(bars + left).toBe(report.rows);
    if (report.assets[0]!.frequency !== '1d' || report.assets.length > 1) return;
    expect([formatDate(report.assets[0]!.first), formatDate(report.assets[0]!.last)]).toEqual([
      first.slice(0, 10),
      last.slice(0, 10),
    ]);
  });

  it('is in the table', () => {
    expect(files.length).toBeGreaterThan(170);
  });
});

/** What is wrong with a dirty file, as it is refused under the defaults; the rest ingests, with so many rows and these warnings. */
const DIRTY: Readonly<Record<string, string | readonly [rows: number, ...warnings: string[]]>> = {
  'made/bad-crc.csv.gz': 'BAD_GZIP',
  'made/bad-dates.csv': 'NOT_A_DATE 31 32',
  'made/bad-utf8.csv': 'BAD_UTF8 55',
  'made/bom.csv': [504],
  'made/clean-control.csv': [504],
  'made/crlf.csv': [504],
  'made/decimal-comma.csv': [504],
  'made/descending.csv': [504, 'NEWEST_FIRST'],
  'made/duplicate-conflicting.csv': 'DUPLICATE_CONFLICTING 52',
  'made/duplicate-identical.csv': 'DUPLICATE_IDENTICAL 52',
  'made/empty.csv': 'EMPTY_FILE',
  'made/good.csv.gz': [504],
  'made/good.zip': [504],
  'made/header-only.csv': 'NO_ROWS',
  'made/holiday-row.csv': 'NOT_A_SESSION 127',
  'made/missing-days.csv': [498, 'MISSING_SESSIONS'],
  'made/mixed-date-formats.csv': 'MIXED_DATE_FORMATS 31',
  'made/nan-cells.csv': 'MISSING_VALUE 30 49 188 260 275 299 421 466',
  'made/negative.csv': 'NEGATIVE_PRICE,CLOSE_OUTSIDE_RANGE,NEGATIVE_VOLUME 61 61 62',
  'made/no-final-newline.csv': [504],
  'made/no-header.csv': [504],
  'made/not-gzip.csv.gz': 'BAD_GZIP',
  'made/nul-byte.csv': 'NUL_BYTE 110',
  'made/odd-numbers.csv': 'CLOSE_OUTSIDE_RANGE,NOT_FINITE,VOLUME_TOO_LARGE 71 72 74',
  'made/ohlc-inconsistent.csv': 'HIGH_BELOW_LOW,CLOSE_OUTSIDE_RANGE 61 62',
  'made/out-of-order.csv': 'UNSORTED 202 208',
  'made/path-escape.zip': 'ZIP_PATH',
  'made/ragged.csv': 'RAGGED_ROW 31 32',
  'made/spike-x100.csv': [504, 'LARGE_MOVE'],
  'made/thousands-quoted.csv': [504],
  'made/truncated.csv.gz': 'BAD_GZIP',
  'made/truncated.zip': 'BAD_ZIP',
  'made/two-members.zip': 'ZIP_MEMBERS',
  'made/unknown-header.csv': 'UNKNOWN_LAYOUT',
  'made/utf16le.csv': [504],
  'made/weekend-row.csv': 'NOT_A_SESSION 45',
  'made/wrong-header.csv': 'WRONG_HEADER,CLOSE_OUTSIDE_RANGE',
  'made/yahoo-null-row.csv': 'MISSING_VALUE 101 101 101 101 101',
  'made/zero-price.csv': 'ZERO_PRICE 61 62 62 62 62',
  'real/blank-zero-negative_SPY.csv':
    'MISSING_VALUE,ZERO_PRICE,NEGATIVE_PRICE,NEGATIVE_VOLUME,HIGH_BELOW_LOW,OPEN_OUTSIDE_RANGE,CLOSE_OUTSIDE_RANGE,PRECISION',
  'real/bom_ADX.csv': [753],
  'real/bom_intraday_SPY_1min.csv': [1564, 'OUTSIDE_HOURS'],
  'real/descending_bitstamp_1h.csv': [3314, 'NEWEST_FIRST', 'OFF_GRID', 'MISSING_BARS', 'STALE_RUN'],
  'real/google-preamble_AAPL_1min.csv': [8211, 'OUTSIDE_HOURS'],
  'real/header-one-short_eurostoxx-future_1min_2006.csv': 'CALENDAR_UNCLEAR',
  'real/negative-price_wti.csv': 'UNKNOWN_LAYOUT',
  'real/out-of-order_bitfinex_1m.csv.gz': 'UNSORTED',
  'real/out-of-order_bitstamp_30m.csv': 'UNSORTED',
  'real/replaced-dates_AXP.csv': 'NOT_A_SESSION',
  'real/replaced-dates_BA.csv': 'NOT_A_SESSION',
  'real/same-content_AAPL.csv': 'MISSING_VALUE 1250 1250',
  'real/same-content_MSFT.csv': 'MISSING_VALUE 1250 1250',
  'real/us-dates-descending_jpyusd.csv': 'NOT_A_SESSION',
  'real/yahoo-delisted_CBS.csv': 'ZERO_PRICE',
  'real/yahoo-delisted_COL.csv': [88, 'LARGE_MOVE', 'MISSING_SESSIONS'],
};

/** How each dirty file is ingested all the same, by naming what is meant. */
const MENDED: readonly (readonly [
  file: string,
  options: Partial<IngestOptions>,
  bars: number,
  defects: readonly string[],
])[] = [
  ['made/bad-dates.csv', { on: { 'not-a-date': 'drop' } }, 502, ['not-a-date']],
  ['made/bad-utf8.csv', { on: { 'bad-utf8': 'fill' } }, 504, ['bad-utf8']],
  ['made/duplicate-conflicting.csv', { on: { 'duplicate-conflicting': 'first' } }, 504, ['duplicate-conflicting']],
  ['made/duplicate-identical.csv', { on: { 'duplicate-identical': 'drop' } }, 504, ['duplicate-identical']],
  ['made/holiday-row.csv', { on: { 'not-a-session': 'drop' } }, 504, ['not-a-session']],
  ['made/mixed-date-formats.csv', { on: { 'mixed-date-formats': 'drop' } }, 503, ['mixed-date-formats']],
  ['made/nan-cells.csv', { on: { 'missing-value': 'drop' } }, 496, ['missing-value']],
  ['made/nan-cells.csv', { on: { 'missing-value': 'fill' } }, 504, ['missing-value']],
  ['made/nul-byte.csv', { on: { 'nul-byte': 'drop' } }, 503, ['nul-byte']],
  ['made/out-of-order.csv', { on: { unsorted: 'warn' } }, 504, ['unsorted']],
  ['made/ragged.csv', { on: { 'ragged-row': 'drop' } }, 502, ['ragged-row']],
  ['made/two-members.zip', { member: 'a.csv' }, 504, []],
  ['made/weekend-row.csv', { on: { 'not-a-session': 'drop' } }, 504, ['not-a-session']],
  ['made/wrong-header.csv', { columns: { close: 'volume', volume: 'close' } }, 504, []],
  ['made/unknown-header.csv', { columns: { date: 'd', open: 'o', high: 'hi', low: 'lo', volume: 'qty' } }, 504, []],
  ['made/zero-price.csv', { on: { 'zero-price': 'drop' } }, 502, ['zero-price']],
  ['real/header-one-short_eurostoxx-future_1min_2006.csv', { calendar: '24/7', timezone: 'Europe/Berlin' }, 30_889, []],
  [
    'real/negative-price_wti.csv',
    { layout: 'values', calendar: '24/7', on: { 'negative-price': 'warn' } },
    10_226,
    ['negative-price', 'no-volume'],
  ],
  ['real/out-of-order_bitfinex_1m.csv.gz', { on: { unsorted: 'warn' } }, 50_669, ['unsorted']],
  ['real/replaced-dates_AXP.csv', { on: { 'not-a-session': 'drop' } }, 1246, ['not-a-session', 'missing-sessions']],
  ['real/us-dates-descending_jpyusd.csv', { calendar: '24/7' }, 519, ['newest-first']],
];

describeShared('every dirty file', 'data/dirty', () => {
  it('is in the table', () => {
    const listed = files.filter(({ file }) => file.startsWith('dirty/')).map(({ file }) => file.replace('dirty/', ''));
    expect(Object.keys(DIRTY).sort()).toEqual(listed.sort());
  });

  it.each(Object.entries(DIRTY))('%s: %j', async (file, expected) => {
    const work = buildDraft({ files: [sharedFile(`data/dirty/${file}`)] });
    if (typeof expected !== 'string') {
      const { draft, report } = await work;
      orderDraft(draft);
      const [rows, ...warnings] = expected;
      expect(report.rows).toBe(rows);
      expect(report.warnings.map(({ code }) => code).sort()).toEqual([...warnings].sort());
      return;
    }
    const error = (await work.catch((reason: unknown) => reason)) as HindcastError;
    expect(error).toBeInstanceOf(HindcastError);
    expect(error.exitCode).toBe(3);
    const [codes, ...rows] = expected.split(' ');
    const { counts, defects } = error.details as {
      counts?: Readonly<Record<string, number>>;
      defects?: readonly { readonly row?: number }[];
    };
    expect(error.code === 'INGEST_REFUSED' ? Object.keys(counts!).sort() : [error.code]).toEqual(
      codes!.split(',').sort(),
    );
    if (rows.length > 0) expect(defects!.map(({ row }) => row)).toEqual(rows.map(Number));
  });

  it.each(MENDED)('%s with %j has %i bars', async (file, options, bars, defects) => {
    const { draft, report } = await buildDraft({ files: [sharedFile(`data/dirty/${file}`)], ...options });
    orderDraft(draft);
    expect(report.assets[0]!.bars).toBe(bars);
    expect(report.quality.map(({ defect }) => defect)).toEqual(expect.arrayContaining([...defects]));
  });

  it('of one series under two names is told from both together', async () => {
    const same = ['AAPL', 'MSFT'].map((symbol) => sharedFile(`data/dirty/real/same-content_${symbol}.csv`));
    const { report } = await buildDraft({ files: same, on: { 'missing-value': 'drop' } });
    expect(report.quality.map(({ defect }) => defect)).toContain('same-content');
  });
});
