import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.js';
import { buildDraft } from '../../../../src/data/ingest/ingest.js';
import { formatDate } from '../../../../src/market/civil-date.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

const equities = (path: string): string => sharedFile(`data/equities/${path}`);
const rowsOf = (error: DataError): unknown[] =>
  (error.details.defects as { row?: number }[] | undefined)?.map(({ row }) => row) ?? [];

describeShared('the eight daily series with their events', 'data/equities', () => {
  const symbols = ['AAPL', 'AIG', 'BAC', 'EEM', 'GOOG', 'IBM', 'IWM', 'SPY'];
  const options = {
    files: symbols.map((symbol) => equities(`plain-daily/${symbol}.csv`)),
    calendar: 'XNYS',
    splits: equities('events/splits-by-ex-date.csv'),
    dividends: equities('events/dividends-by-ex-date.csv'),
  };

  it('ingest without a policy: the sessions that EEM lacks stay gaps, loudly', async () => {
    const { draft, report } = await buildDraft(options);
    const [group] = draft.groups;
    expect(draft.groups).toHaveLength(1);
    expect(group!.times.length).toBe(5849);
    expect(report.rows).toBe(43_917);
    expect(report.assets.map(({ symbol, bars, missing }) => [symbol, bars, missing])).toEqual([
      ['AAPL', 5849, 0],
      ['AIG', 5849, 0],
      ['BAC', 5849, 0],
      ['EEM', 5245, 602],
      ['GOOG', 4183, 0],
      ['IBM', 5849, 0],
      ['IWM', 5244, 0],
      ['SPY', 5849, 0],
    ]);
    expect(draft.splits).toHaveLength(14);
    expect(draft.dividends).toHaveLength(511);
    const warning = report.warnings.find(({ code }) => code === 'MISSING_SESSIONS');
    expect(warning!.message).toMatch(
      /^EEM lacks 602 of 5847 XNYS sessions from 1998-01-06 to 2021-03-31: 1998-01-07, /,
    );
    const spikes = report.warnings.find(({ code, file }) => code === 'SUSPECT_SPIKE' && file === 'AAPL.csv');
    expect(spikes!.message).toMatch(/2009-09-21 .*2010-08-31 .*2011-01-03/);
    expect(report.warnings.map(({ code }) => code)).not.toContain('SPLIT_WITHOUT_JUMP');
  });

  it('are refused for their gaps on request', async () => {
    await expect(buildDraft({ ...options, missing: 'fail' })).rejects.toThrow(/EEM lacks 602/);
  });

  it('have the same events by their last cum dates', async () => {
    const byExDate = (await buildDraft(options)).draft;
    const byCumDate = (
      await buildDraft({
        ...options,
        splits: equities('events/splits.csv'),
        dividends: equities('events/dividends.csv'),
      })
    ).draft;
    const dates = (events: readonly { symbol: string; exDate: number }[]): string[] =>
      events.map(({ symbol, exDate }) => `${symbol} ${formatDate(exDate)}`).sort();
    expect(dates(byCumDate.splits)).toEqual(dates(byExDate.splits));
    expect(dates(byCumDate.dividends)).toEqual(dates(byExDate.dividends));
  });

  it('tell that split-adjusted prices do not jump at the splits', async () => {
    const { report } = await buildDraft({
      files: [equities('yahoo-new/AAPL_2004-2018.csv')],
      symbol: 'AAPL',
      splits: options.splits,
    });
    expect(report.warnings.map(({ code }) => code)).toContain('SPLIT_WITHOUT_JUMP');
  });
});

describeShared('Yahoo files', 'data/equities', () => {
  it.each(['yahoo-classic', 'yahoo-new', 'yahoo-panel-2015-2020'])(
    'of %s ingest with prices as they are',
    async (folder) => {
      const files = readdirSync(equities(folder)).map((name) => equities(`${folder}/${name}`));
      const { draft, report } = await buildDraft({ files });
      expect(report.assets).toHaveLength(files.length);
      for (const { layout } of report.files) expect(layout).toBe('yahoo');
      for (const { columns } of draft.groups[0]!.assets) expect(Object.keys(columns)).toContain('adjClose');
      expect(report.assets.every(({ calendar, missing }) => calendar === 'XNYS' && missing === 0)).toBe(true);
    },
  );

  it('print float32, which is recognised, or refused where exactness is asked for', async () => {
    const files = [equities('yahoo-panel-2015-2020/AAPL.csv')];
    const { draft, report } = await buildDraft({ files });
    const { open, high, low } = draft.groups[0]!.assets[0]!.columns;
    expect([high![0], low![0], open![0]]).toEqual([112.63, 108.8, 112.6]);
    expect(report.assets[0]!.prices).toMatchObject({ decimals: 2, rounded: 4640, source: 'float32' });
    const error = await buildDraft({ files, precision: 'exact' }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).message).toMatch(/AAPL.csv row \d+, column '\w+': [\d.]+ would not survive exactly/);
  });
});

describeShared('dirty files', 'data/dirty', () => {
  it.each([
    ['made/bad-crc.csv.gz', 'BAD_GZIP', []],
    ['made/bad-dates.csv', 'NOT_A_DATE', [31, 32]],
    ['made/bad-utf8.csv', 'BAD_UTF8', [55]],
    ['made/decimal-comma.csv', 'NOT_A_NUMBER', [1]],
    ['made/duplicate-conflicting.csv', 'DUPLICATE_CONFLICTING', [52]],
    ['made/duplicate-identical.csv', 'DUPLICATE_IDENTICAL', [52]],
    ['made/empty.csv', 'EMPTY_FILE', []],
    ['made/header-only.csv', 'NO_ROWS', [undefined]],
    ['made/holiday-row.csv', 'NOT_A_SESSION', [127]],
    ['made/mixed-date-formats.csv', 'MIXED_DATE_FORMATS', [31]],
    ['made/nan-cells.csv', 'MISSING_VALUE', [30, 49, 188, 260, 275, 299, 421, 466]],
    ['made/negative.csv', 'NEGATIVE_PRICE NEGATIVE_VOLUME', [61, 62]],
    ['made/no-header.csv', 'UNKNOWN_LAYOUT', []],
    ['made/not-gzip.csv.gz', 'BAD_GZIP', []],
    ['made/nul-byte.csv', 'NUL_BYTE', [110]],
    ['made/odd-numbers.csv', 'CLOSE_OUTSIDE_RANGE NOT_FINITE VOLUME_TOO_LARGE', [71, 72, 74]],
    ['made/ohlc-inconsistent.csv', 'HIGH_BELOW_LOW CLOSE_OUTSIDE_RANGE', [61, 62]],
    ['made/out-of-order.csv', 'UNSORTED', [202, 208]],
    ['made/ragged.csv', 'RAGGED_ROW', [31, 32]],
    ['made/thousands-quoted.csv', 'NOT_A_NUMBER', [1, 2, 3]],
    ['made/truncated.csv.gz', 'BAD_GZIP', []],
    ['made/unknown-header.csv', 'UNKNOWN_LAYOUT', []],
    ['made/utf16le.csv', 'UTF16', []],
    ['made/weekend-row.csv', 'NOT_A_SESSION', [45]],
    ['made/wrong-header.csv', 'CLOSE_OUTSIDE_RANGE', [1, 2, 3]],
    ['made/yahoo-null-row.csv', 'MISSING_VALUE', [101]],
    ['made/zero-price.csv', 'ZERO_PRICE', [61, 62]],
    ['real/blank-zero-negative_SPY.csv', 'MISSING_VALUE', [201]],
    ['real/google-preamble_AAPL_1min.csv', 'UNKNOWN_LAYOUT', []],
    ['real/header-one-short_eurostoxx-future_1min_2006.csv', 'RAGGED_ROW', [1]],
    ['real/negative-price_wti.csv', 'UNKNOWN_LAYOUT', []],
    ['real/out-of-order_bitfinex_1m.csv.gz', 'UNSORTED', [1002]],
    ['real/out-of-order_bitstamp_30m.csv', 'UNSORTED', [10]],
    ['real/replaced-dates_AXP.csv', 'NOT_A_SESSION', [1234]],
    ['real/replaced-dates_BA.csv', 'NOT_A_SESSION', [1234]],
    ['real/same-content_AAPL.csv', 'MISSING_VALUE', [1250]],
    ['real/us-dates-descending_jpyusd.csv', 'NOT_A_SESSION', []],
    ['real/yahoo-delisted_CBS.csv', 'ZERO_PRICE', [1235]],
  ])('%s is refused for %s', async (file, codes, rows) => {
    const error = await buildDraft({ files: [sharedFile(`data/dirty/${file}`)] }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    const { code, details, exitCode } = error as DataError;
    expect(exitCode).toBe(3);
    const found = code === 'INGEST_REFUSED' ? Object.keys(details.counts as object) : [code];
    expect(found).toEqual(expect.arrayContaining(codes.split(' ')));
    expect([...new Set(rowsOf(error as DataError))]).toEqual(expect.arrayContaining(rows));
  });

  it.each([
    ['made/bom.csv', 504, []],
    ['made/clean-control.csv', 504, []],
    ['made/crlf.csv', 504, []],
    ['made/good.csv.gz', 504, []],
    ['made/no-final-newline.csv', 504, []],
    ['made/descending.csv', 504, ['NEWEST_FIRST']],
    ['made/missing-days.csv', 498, ['MISSING_SESSIONS']],
    ['made/spike-x100.csv', 504, ['LARGE_MOVE']],
    ['real/bom_ADX.csv', 753, []],
    ['real/bom_intraday_SPY_1min.csv', 1560, ['OUTSIDE_HOURS']],
    ['real/descending_bitstamp_1h.csv', 3314, ['NEWEST_FIRST', 'OFF_GRID', 'MISSING_BARS']],
    ['real/yahoo-delisted_COL.csv', 88, ['LARGE_MOVE', 'MISSING_SESSIONS']],
  ])('%s ingests %i bars, with warnings %j', async (file, bars, codes) => {
    const { draft, report } = await buildDraft({ files: [sharedFile(`data/dirty/${file}`)] });
    expect(report.assets[0]!.bars).toBe(bars);
    expect([...new Set(report.warnings.map(({ code }) => code))]).toEqual(expect.arrayContaining(codes));
    if (codes.length === 0) expect(report.warnings).toEqual([]);
    if (!file.startsWith('made/') || bars !== 504 || file.includes('spike')) return;
    const control = await buildDraft({ files: [sharedFile('data/dirty/made/clean-control.csv')] });
    expect(draft.groups[0]!.assets[0]!.columns).toEqual(control.draft.groups[0]!.assets[0]!.columns);
  });

  it('name the six sessions that were removed', async () => {
    const files = [sharedFile('data/dirty/made/missing-days.csv')];
    const { draft } = await buildDraft({ files });
    const { close } = draft.groups[0]!.assets[0]!.columns;
    const gaps = [...draft.groups[0]!.times].filter((_, row) => Number.isNaN(close![row]!)).map(formatDate);
    expect(gaps).toEqual(['2015-03-09', '2015-03-26', '2015-05-22', '2015-09-28', '2015-11-18', '2016-05-27']);
  });
});

describeShared('intraday files', 'data/intraday', () => {
  it.each([
    ['btc-perp_1m_2022-01.csv.gz', '24/7', 45_031, 0],
    ['bitfinex_XBTUSD_1m_2016_sorted.csv.gz', '24/7', 50_669, 50_108],
    ['AAPL_1min_2016.tsv', 'XNYS', 8190, 0],
  ])('%s: calendar %s, %i bars, %i missing', async (file, calendar, bars, missing) => {
    const { report } = await buildDraft({ files: [sharedFile(`data/intraday/${file}`)] });
    expect(report.assets[0]).toMatchObject({ calendar, bars, missing, frequency: '1m' });
  });
});
