import { readdirSync, readlinkSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../../src/core/errors.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { parseDateLabel } from '../../../../src/market/civil-date.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';

const write = temporaryFiles();
const HEADER = 'date,open,high,low,close,volume';
/** The first sessions of 2024; January 1st was a holiday, the 6th and 7th a weekend. */
const WEEK = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'];
let files = 0;

/** Writes rows under the usual header, one for each of the week's sessions unless others are given, and ingests them. */
async function ingest(rows: readonly string[], options: Partial<IngestOptions> = {}, header = HEADER) {
  const path = write(`T${++files}.csv`, [header, ...rows].join('\n'));
  return buildDraft({ files: [path], ...options });
}
const bars = (dates: readonly string[]): string[] => dates.map((date) => `${date},10,12,9,11,100`);
/** Replaces one row of the week. */
const week = (row: number, text: string): string[] => bars(WEEK).map((bar, index) => (index === row - 1 ? text : bar));

function target(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    // Closed since it was listed.
    return undefined;
  }
}

async function refusal(work: Promise<unknown>): Promise<DataError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DataError);
  return error as DataError;
}

describe('buildDraft', () => {
  it('reads columns in any order and case, and finds calendar, length of bars and symbol', async () => {
    const path = write(
      'AAPL.csv',
      'Volume,CLOSE,Low,High,Open,Date\r\n1e2,11.5,9,12,10,2024-01-02\r\n200,11,9.25,12,10,2024-01-03\r\n',
    );
    const { draft, report } = await buildDraft({ files: [path] });
    const [group] = draft.groups;
    expect(group).toMatchObject({ calendar: 'XNYS', frequency: '1d' });
    expect([...group!.times]).toEqual(['2024-01-02', '2024-01-03'].map(parseDateLabel));
    const [asset] = group!.assets;
    expect(asset).toMatchObject({ symbol: 'AAPL', first: 0, priceDecimals: 2, volumeDecimals: 0, currency: 'USD' });
    expect(asset!.columns).toEqual({
      open: Float64Array.of(10, 10),
      high: Float64Array.of(12, 12),
      low: Float64Array.of(9, 9.25),
      close: Float64Array.of(11.5, 11),
      volume: Float64Array.of(100, 200),
    });
    expect(report).toMatchObject({ rows: 2, warnings: [], splits: undefined, dividends: undefined });
    expect(report.assets[0]).toMatchObject({
      bars: 2,
      missing: 0,
      filled: 0,
      calendarReason: 'all 2 rows fall into XNYS sessions',
    });
    expect(report.files[0]).toMatchObject({
      layout: 'plain',
      dates: 'YYYY-MM-DD',
      recognised: 'plain layout, since there is no adjusted close',
    });
  });

  it('puts assets that begin and end on different days on one axis of all sessions between', async () => {
    const early = write('EARLY.csv', [HEADER, ...bars(WEEK.slice(0, 2))].join('\n'));
    const late = write('LATE.csv', [HEADER, ...bars(WEEK.slice(4))].join('\n'));
    const { draft } = await buildDraft({ files: [late, early] });
    expect([...draft.groups[0]!.times]).toEqual(WEEK.map(parseDateLabel));
    expect(draft.groups[0]!.assets.map(({ symbol, first, columns }) => [symbol, first, columns.close!.length])).toEqual(
      [
        ['EARLY', 0, 2],
        ['LATE', 4, 1],
      ],
    );
  });

  it('splits a file with a column of symbols, whatever the order of rows', async () => {
    const rows = [
      '2024-01-02,10,12,9,11,100,B',
      '2024-01-02,20,22,19,21,100,A',
      '2024-01-03,10,12,9,11,100,B',
      '2024-01-03,20,22,19,21,100,A',
    ];
    const { draft } = await ingest(rows, {}, `${HEADER},Symbol`);
    expect(draft.groups[0]!.assets.map(({ symbol, columns }) => [symbol, columns.open![1]])).toEqual([
      ['A', 20],
      ['B', 10],
    ]);
  });

  it('joins files of one symbol by time, and gives the same draft for any order of files', async () => {
    const later = write('later.csv', [HEADER, ...bars(WEEK.slice(3))].join('\n'));
    const earlier = write('earlier.csv', [HEADER, ...bars(WEEK.slice(0, 3))].join('\n'));
    const one = await buildDraft({ files: [later, earlier], symbol: 'X' });
    const other = await buildDraft({ files: [earlier, later], symbol: 'X' });
    expect(one).toEqual(other);
    expect(one.draft.groups[0]!.assets[0]!.columns.close!.length).toBe(5);
  });

  it('keeps an adjusted close beside the raw prices', async () => {
    const { draft, report } = await ingest(
      ['2024-01-02,10,12,9,11,5.123456789,100'],
      {},
      'Date,Open,High,Low,Close,Adj Close,Volume',
    );
    expect(draft.groups[0]!.assets[0]!.columns.adjClose).toEqual(Float64Array.of(5.123456789));
    expect(draft.groups[0]!.assets[0]!.priceDecimals).toBe(0);
    expect(report.files[0]!.recognised).toMatch(/^yahoo layout, since there is a column 'Adj Close'/);
    const plain = await ingest(
      ['2024-01-02,10,12,9,11,5.1,100'],
      { layout: 'plain' },
      'Date,Open,High,Low,Close,Adj Close,Volume',
    );
    expect(Object.keys(plain.draft.groups[0]!.assets[0]!.columns)).not.toContain('adjClose');
  });

  it('reads byte order marks, semicolons, tabs, gzip and blank lines', async () => {
    const text = [HEADER, ...bars(WEEK)].join('\n');
    for (const content of [
      `\uFEFF${text}`,
      text.replaceAll(',', ';'),
      text.replaceAll(',', '\t'),
      `\n${text}\n\n`,
      gzipSync(text),
    ]) {
      const { draft } = await buildDraft({ files: [write('same.csv', content)] });
      expect(draft.groups[0]!.assets[0]!.columns.close).toEqual(new Float64Array(5).fill(11));
    }
  });

  it('turns a file round that runs newest first, and says so', async () => {
    const { draft, report } = await ingest(
      [...WEEK].reverse().map((date, day) => `${date},10,12,9,${9 + day / 4},100`),
    );
    expect([...draft.groups[0]!.assets[0]!.columns.close!]).toEqual([10, 9.75, 9.5, 9.25, 9]);
    expect(report.warnings.map(({ code }) => code)).toEqual(['NEWEST_FIRST']);
  });

  it('maps columns that it does not know', async () => {
    const columns = { date: 'd', open: 'o', high: 'hi', low: 'lo', volume: 'qty' };
    const { draft } = await ingest(['2024-01-02,10,12,9,11,100'], { columns }, 'd,o,hi,lo,last,qty');
    expect(draft.groups[0]!.assets[0]!.columns.low).toEqual(Float64Array.of(9));
    await expect(ingest([], { columns: { date: 'D' } }, 'd,open')).rejects.toThrow(
      /no column 'D' to take as date. Did you mean 'd'\?/,
    );
  });
});

describe('a defect in a row is refused with its place', () => {
  it.each([
    ['an impossible date', week(3, '2024-02-30,10,12,9,11,100'), 'NOT_A_DATE', 3, 'date'],
    ['a year of two digits', week(3, '0024-01-04,10,12,9,11,100'), 'NOT_A_DATE', 3, 'date'],
    ['text for a date', week(1, 'yesterday,10,12,9,11,100'), 'NOT_A_DATE', 1, 'date'],
    ['no date', week(2, ',10,12,9,11,100'), 'MISSING_VALUE', 2, 'date'],
    ['another date format', week(2, '01/03/2024,10,12,9,11,100'), 'MIXED_DATE_FORMATS', 2, 'date'],
    ['a number with text', week(2, '2024-01-03,10,12 USD,9,11,100'), 'NOT_A_NUMBER', 2, 'high'],
    ['a hexadecimal number', week(2, '2024-01-03,0x10,12,9,11,100'), 'NOT_A_NUMBER', 2, 'open'],
    ['thousands separators out of place', week(2, '2024-01-03,10.5,12,9,11,"10,00"'), 'NOT_A_NUMBER', 2, 'volume'],
    ['an empty cell', week(2, '2024-01-03,10,12,9,,100'), 'MISSING_VALUE', 2, 'close'],
    ['NaN', week(2, '2024-01-03,NaN,12,9,11,100'), 'MISSING_VALUE', 2, 'open'],
    ['null', week(2, '2024-01-03,10,12,9,11,null'), 'MISSING_VALUE', 2, 'volume'],
    ['Infinity', week(2, '2024-01-03,10,Infinity,9,11,100'), 'NOT_FINITE', 2, 'high'],
    ['a number beyond every double', week(2, '2024-01-03,10,1e999,9,11,100'), 'NOT_FINITE', 2, 'high'],
    ['a zero price', week(2, '2024-01-03,10,12,0,11,100'), 'ZERO_PRICE', 2, 'low'],
    ['a negative price', week(2, '2024-01-03,10,12,-9,11,100'), 'NEGATIVE_PRICE', 2, 'low'],
    ['a negative volume', week(2, '2024-01-03,10,12,9,11,-1'), 'NEGATIVE_VOLUME', 2, 'volume'],
    ['a volume of 2^53', week(2, '2024-01-03,10,12,9,11,9007199254740992'), 'VOLUME_TOO_LARGE', 2, 'volume'],
    ['high below low', week(2, '2024-01-03,10,9,12,11,100'), 'HIGH_BELOW_LOW', 2, 'high'],
    ['an open above high', week(2, '2024-01-03,13,12,9,11,100'), 'OPEN_OUTSIDE_RANGE', 2, 'open'],
    ['a close below low', week(2, '2024-01-03,10,12,9,8,100'), 'CLOSE_OUTSIDE_RANGE', 2, 'close'],
    ['a field too many', week(2, '2024-01-03,10,12,9,11,100,7'), 'RAGGED_ROW', 2, undefined],
    ['a NUL byte', week(2, '2024-01-03,10,1\u00002,9,11,100'), 'NUL_BYTE', 2, 'high'],
    ['a row twice', [...bars(WEEK), bars(WEEK)[4]!], 'DUPLICATE_IDENTICAL', 6, undefined],
    ['a date twice', [...bars(WEEK), '2024-01-08,10,12,9,10,100'], 'DUPLICATE_CONFLICTING', 6, undefined],
    ['rows out of order', [1, 0, 2, 3, 4].map((day) => bars(WEEK)[day]!), 'UNSORTED', 2, undefined],
    ['a price that rounds to zero', week(2, '2024-01-03,1e-15,12,1e-15,11,100'), 'PRECISION', 2, 'open'],
  ] as const)('%s', async (_, rows, code, row, column) => {
    const error = await refusal(ingest(rows, { calendar: 'XNYS' }));
    expect(error.code).toBe('INGEST_REFUSED');
    const [first] = error.details.defects as Record<string, unknown>[];
    expect(first).toMatchObject({ code, severity: 'error', row });
    expect(first!.column).toBe(column);
    expect(error.message).toContain(`.csv row ${row}${column === undefined ? '' : `, column '${column}'`}: `);
  });

  it('with bytes that are no UTF-8', async () => {
    const path = write(
      'bytes.csv',
      Buffer.concat([Buffer.from(`${HEADER}\n2024-01-02,10,12,9,1`), Buffer.of(0xff, 0x80), Buffer.from(',100')]),
    );
    expect((await refusal(buildDraft({ files: [path] }))).details.counts).toEqual({ BAD_UTF8: 1 });
  });

  it('lists twenty and counts all', async () => {
    const error = await refusal(ingest(Array.from({ length: 50 }, () => '2024-01-02,0,0,0,0,-1')));
    expect(error.details.count).toBe(250);
    expect(error.details.counts).toEqual({ ZERO_PRICE: 200, NEGATIVE_VOLUME: 50 });
    expect(error.details.defects).toHaveLength(20);
    expect(error.message).toMatch(/and 247 more/);
  });

  it('finds the same session in two files of one symbol', async () => {
    const one = write('one.csv', [HEADER, ...bars(WEEK)].join('\n'));
    const two = write('two.csv', [HEADER, bars(WEEK)[2]!].join('\n'));
    const error = await refusal(buildDraft({ files: [one, two], symbol: 'X' }));
    expect(error.message).toMatch(/two.csv row 1: 2024-01-04 repeats one.csv row 3/);
  });
});

describe('the calendar', () => {
  const days = (from: string, count: number): string[] =>
    Array.from({ length: count }, (_, day) =>
      new Date(parseDateLabel(from) + day * 86_400_000).toISOString().slice(0, 10),
    );

  it('is 24/7 for rows on weekends, with the union of bars as its axis', async () => {
    const { draft, report } = await ingest(bars(days('2024-01-01', 14).filter((_, day) => day !== 5)));
    expect(draft.groups[0]!.calendar).toBe('24/7');
    expect(draft.groups[0]!.times.length).toBe(13);
    expect(report.assets[0]).toMatchObject({ missing: 1, calendarReason: '3 of 13 rows fall on weekends' });
  });

  it('is XNYS when few rows do not fit: those are defects', async () => {
    const sessions = bars(days('2024-01-02', 60).filter((date) => ![0, 6].includes(new Date(date).getUTCDay())));
    const rows = sessions.filter((row) => !row.startsWith('2024-01-15') && !row.startsWith('2024-02-19'));
    await expect(ingest(rows)).resolves.toBeDefined();
    const withWeekend = [...rows.slice(0, 4), '2024-01-06,10,12,9,11,100', ...rows.slice(4)];
    expect((await refusal(ingest(withWeekend))).message).toMatch(
      /row 5: 2024-01-06 \(Saturday\) is no session of XNYS/,
    );
    expect((await refusal(ingest(sessions))).details.counts).toEqual({ NOT_A_SESSION: 2 });
  });

  it('is asked for when too many rows do not fit', async () => {
    const holidays = ['2023-12-25', '2024-01-01', '2024-01-02', '2024-01-03'];
    expect((await refusal(ingest(bars(holidays)))).code).toBe('CALENDAR_UNCLEAR');
  });

  it('refuses rows before the first year it knows', async () => {
    const error = await refusal(ingest(bars(['1989-12-29', '1990-01-02']), { calendar: 'NYSE' }));
    expect(error.message).toMatch(/row 1: 1989-12-29 lies outside 1990-01-01 to 2099-12-31/);
  });
});

describe('missing sessions', () => {
  const rows = bars([WEEK[0]!, WEEK[3]!, WEEK[4]!]);

  it('stay gaps by default, with a warning that names them', async () => {
    const { draft, report } = await ingest(rows);
    expect([...draft.groups[0]!.assets[0]!.columns.volume!]).toEqual([100, Number.NaN, Number.NaN, 100, 100]);
    expect(report.assets[0]).toMatchObject({ bars: 3, missing: 2, filled: 0 });
    expect(report.warnings[0]!.message).toMatch(
      /lacks 2 of 5 XNYS sessions from 2024-01-02 to 2024-01-08: 2024-01-03, 2024-01-04\. They stay gaps/,
    );
  });

  it('are refused on request', async () => {
    const error = await refusal(ingest(rows, { missing: 'fail' }));
    expect(error.details.counts).toEqual({ MISSING_SESSIONS: 1 });
    expect(error.message).toMatch(/2024-01-03, 2024-01-04/);
    await expect(ingest(bars(WEEK), { missing: 'fail' })).resolves.toBeDefined();
  });

  it('are filled on request with the last close and no volume', async () => {
    const { draft, report } = await ingest(rows, { missing: 'fill' });
    const { open, high, low, close, volume } = draft.groups[0]!.assets[0]!.columns;
    expect([open, high, low, close].map((column) => column![1])).toEqual([11, 11, 11, 11]);
    expect([...volume!]).toEqual([100, 0, 0, 100, 100]);
    expect(report.assets[0]).toMatchObject({ bars: 5, missing: 2, filled: 2 });
    expect(report.warnings.map(({ code }) => code)).toEqual(['FILLED']);
  });

  it('fills days of a 24/7 calendar too', async () => {
    const { draft } = await ingest(rows, { missing: 'fill', calendar: '24/7' });
    expect(draft.groups[0]!.times.length).toBe(7);
  });
});

describe('intraday bars', () => {
  const minutes = (date: string, times: readonly string[]): string[] =>
    times.map((time) => `${date} ${time},10,12,9,11,100`);

  it('without an offset are read in the calendar zone', async () => {
    const rows = [...minutes('2024-03-08', ['15:58', '15:59']), ...minutes('2024-03-11', ['09:30', '09:31'])];
    const { draft, report } = await ingest(rows, { calendar: 'XNYS' });
    expect(draft.groups[0]!.frequency).toBe('1m');
    expect(Array.from(draft.groups[0]!.times, (time) => new Date(time).toISOString().slice(0, 16))).toEqual([
      '2024-03-08T20:58',
      '2024-03-08T20:59',
      '2024-03-11T13:30',
      '2024-03-11T13:31',
    ]);
    expect(report.assets[0]!.missing).toBe(0);
  });

  it('with an offset or as epochs keep their instants', async () => {
    const instants = ['2024-01-02T14:30:00.000Z', '2024-01-02T14:31:00.000Z'];
    const forms = [
      instants,
      ['2024-01-02T09:30:00-05:00', '2024-01-02T09:31:00-05:00'],
      instants.map((instant) => String(Date.parse(instant))),
      instants.map((instant) => String(Date.parse(instant) / 1000)),
    ];
    for (const stamps of forms) {
      const { draft } = await ingest(stamps.map((stamp) => `${stamp},10,12,9,11,100`));
      expect(Array.from(draft.groups[0]!.times, (time) => new Date(time).toISOString())).toEqual(instants);
    }
  });

  it('follow a time zone that is asked for', async () => {
    const { draft } = await ingest(minutes('2024-01-02', ['14:30', '14:31']), { timezone: 'Europe/London' });
    expect(new Date(draft.groups[0]!.times[0]!).toISOString()).toBe('2024-01-02T14:30:00.000Z');
    const skipped = ingest(minutes('2024-03-31', ['00:30', '01:30']), {
      timezone: 'Europe/London',
      calendar: '24/7',
      frequency: '1h',
    });
    expect((await refusal(skipped)).message).toMatch(/the local time 2024-03-31 01:30 does not exist/);
  });

  it('go through the hour that occurs twice in autumn, with its duplicates found', async () => {
    const options = { timezone: 'America/New_York', calendar: '24/7' };
    const bar = (time: string, close: number): string => `2023-11-05T${time},10,12,9,${close},100`;
    const night = [bar('00:00', 10), bar('01:00', 11), bar('01:00', 10.5), bar('02:00', 11)];
    for (const rows of [night, night.toReversed()]) {
      const { draft } = await ingest(rows, { ...options, on: { 'newest-first': 'warn' } });
      expect(Array.from(draft.groups[0]!.times, (time) => new Date(time).toISOString().slice(11, 16))).toEqual([
        '04:00',
        '05:00',
        '06:00',
        '07:00',
      ]);
      expect([...draft.groups[0]!.assets[0]!.columns.close!]).toEqual([10, 11, 10.5, 11]);
    }
    const twice = ingest([...night.slice(0, 2), ...night.slice(1)], options);
    expect((await refusal(twice)).message).toMatch(/row 3: 2023-11-05 05:00 UTC repeats row 2/);
    const thrice = ingest([...night.slice(0, 3), bar('01:00', 10.7), ...night.slice(3)], options);
    expect((await refusal(thrice)).message).toMatch(/row 4: 2023-11-05 06:00 UTC has other values than in row 3/);
  });

  it('outside hours are left out with a warning, or refused when most are', async () => {
    const day = minutes('2024-11-29', ['12:57', '12:58', '12:59', '13:00']);
    const { draft, report } = await ingest(day, { calendar: 'XNYS' });
    expect(draft.groups[0]!.times.length).toBe(3);
    expect(report.warnings[0]).toMatchObject({ code: 'OUTSIDE_HOURS' });
    const wrongZone = ingest(minutes('2024-01-02', ['14:30', '14:31', '21:00', '21:01', '21:02']), {
      calendar: 'XNYS',
    });
    expect((await refusal(wrongZone)).message).toMatch(/check the time zone/);
  });

  it('that are missing are counted inside sessions only, and filled there', async () => {
    const rows = [...minutes('2024-01-02', ['15:55', '15:57', '15:58']), ...minutes('2024-01-03', ['09:32', '09:33'])];
    const { report } = await ingest(rows, { calendar: 'XNYS', frequency: '1m' });
    // 15:56 and 15:59 of the first session, 9:30 and 9:31 of the second.
    expect(report.assets[0]!.missing).toBe(4);
    const { draft } = await ingest(rows, { calendar: 'XNYS', frequency: '1m', missing: 'fill' });
    expect([...draft.groups[0]!.assets[0]!.columns.volume!]).toEqual([100, 0, 100, 100, 0, 0, 0, 100, 100]);
  });

  it('and daily bars live in one draft as two groups', async () => {
    const daily = write('X-daily.csv', [HEADER, ...bars(WEEK)].join('\n'));
    const minute = write('X-minute.csv', [HEADER, ...minutes('2024-01-02', ['09:30', '09:31'])].join('\n'));
    const { draft } = await buildDraft({ files: [daily, minute], symbol: 'X' });
    expect(draft.groups.map(({ frequency }) => frequency).sort()).toEqual(['1d', '1m']);
  });

  it('that begin off the grid of the others are named', async () => {
    const times = ['10:00', '11:00', '12:05', '13:00', '14:00', '15:00'];
    const { report } = await ingest(minutes('2024-01-02', times), { calendar: 'XNYS' });
    const warning = report.warnings.find(({ code }) => code === 'OFF_GRID');
    expect(warning!.message).toMatch(/^T\d+ has 1 bar off the 1h grid of the others: 2024-01-02 17:05 UTC \(row 3\)/);
  });

  it('of a length that is none are refused', async () => {
    expect((await refusal(ingest(minutes('2024-01-02', ['10:00', '12:00', '14:00'])))).code).toBe('FREQUENCY_UNCLEAR');
    expect((await refusal(ingest(bars(['2024-01-02', '2024-01-12', '2024-01-22'])))).message).toMatch(
      /bars 10 days apart/,
    );
    expect((await refusal(ingest(bars(WEEK), { frequency: '1m' }))).message).toMatch(/dates without times/);
  });

  it('at midnight each day are daily bars', async () => {
    const rows = WEEK.map((date) => `${date}T00:00:00-05:00,10,12,9,11,100`);
    const { draft } = await ingest(rows);
    expect(draft.groups[0]).toMatchObject({ frequency: '1d', calendar: 'XNYS' });
    expect([...draft.groups[0]!.times]).toEqual(WEEK.map(parseDateLabel));
  });
});

describe('dates written with slashes', () => {
  const slashed = (dates: readonly string[]): string[] => bars(dates);

  it.each([
    [['1/2/2024', '1/3/2024', '1/16/2024'], '2024-01-16'],
    [['2/1/2024', '3/1/2024', '16/1/2024'], '2024-01-16'],
  ])('are told apart by a day above 12: %j', async (dates, last) => {
    const { draft } = await ingest(slashed(dates));
    expect([...draft.groups[0]!.times].at(-1)).toBe(parseDateLabel(last));
    expect(draft.groups[0]!.times[0]).toBe(parseDateLabel('2024-01-02'));
  });

  it.each([
    [['1/2/2024', '1/3/2024', '1/16/2024'], 'MM/DD/YYYY'],
    [['2/1/2024', '3/1/2024', '16/1/2024'], 'DD/MM/YYYY'],
    [['02.01.2024', '03.01.2024', '16.01.2024'], 'DD.MM.YYYY'],
    [['16-01-2024', '17-01-2024'], 'DD-MM-YYYY'],
  ])('are reported in the order that was found: %j', async (dates, format) => {
    const { report } = await ingest(slashed(dates));
    expect(report.files[0]!.dates).toBe(format);
    const mixed = await refusal(ingest(slashed(['2024-01-02', ...dates.slice(-1)])));
    expect(mixed.message).toContain(`is written ${format}, but the file began with YYYY-MM-DD`);
  });

  it('are refused when nothing tells', async () => {
    expect((await refusal(ingest(slashed(['1/2/2024', '1/3/2024'])))).details.counts).toEqual({ AMBIGUOUS_DATES: 1 });
  });
});

describe('a file as a whole', () => {
  it.each(['utf16le', 'utf32'])('that is %s without a byte order mark is refused as that', async (encoding) => {
    const text = Buffer.from([HEADER, ...bars(WEEK)].join('\n'), 'utf16le');
    const bytes =
      encoding === 'utf16le'
        ? text
        : Buffer.from([...text].flatMap((byte, at) => (at % 2 === 1 ? [byte, 0, 0] : [byte])));
    const error = await refusal(buildDraft({ files: [write(`${encoding}.csv`, bytes)] }));
    expect([error.code, error.message]).toEqual([
      'BAD_CSV',
      `${encoding}.csv has NUL bytes in its first line: it is UTF-16 or UTF-32 without a byte order mark, or no text at all. Save it as UTF-8.`,
    ]);
  });

  it('has its columns named without signs that a terminal would obey', async () => {
    const file = write('signs.csv', 'date,\u001b[31mopen,high,low,close,volume\n2024-01-02,x,12,9,11,1\n');
    const error = await refusal(buildDraft({ files: [file], columns: { open: '\u001b[31mopen' } }));
    expect(error.message).toContain("signs.csv row 1, column '?[31mopen': 'x' is not a number");
  });

  it.each([
    ['EMPTY_FILE', ''],
    ['EMPTY_FILE', '\n\n  \n'],
    ['UNKNOWN_LAYOUT', 'a,b,c\n1,2,3'],
    ['UNKNOWN_LAYOUT', '2024-01-02,10,9,12,11,100\n2024-01-03,10,9,12,11,100'],
    ['AMBIGUOUS_NUMBERS', `${HEADER}\n2024-01-02,10,12,9,11,"1,000"`],
    ['AMBIGUOUS_HEADER', 'date,open,open,high,low,close,volume\n'],
    ['BAD_CSV', `${HEADER}\n"2024-01-02,10,12,9,11,100\n`],
    ['BAD_CSV', `${HEADER}\n"2024-01-02"x,10,12,9,11,100\n`],
    ['INGEST_REFUSED', HEADER],
  ] as const)('is refused as %s', async (code, content) => {
    expect((await refusal(buildDraft({ files: [write('whole.csv', content)] }))).code).toBe(code);
  });

  it('is refused when it is no intact gzip', async () => {
    const intact = gzipSync([HEADER, ...bars(WEEK)].join('\n'));
    const flipped = Buffer.from(intact);
    flipped[intact.length - 6]! ^= 0xff;
    for (const bytes of [intact.subarray(0, intact.length >> 1), flipped, Buffer.from('plain')]) {
      expect((await refusal(buildDraft({ files: [write('bad.csv.gz', bytes)] }))).code).toBe('BAD_GZIP');
    }
  });

  it('that is not there, or no file, is another error', async () => {
    await expect(buildDraft({ files: ['/nowhere/X.csv'] })).rejects.toThrow(/No file '\/nowhere\/X.csv'/);
    await expect(buildDraft({ files: ['/nowhere/X.csv.gz'] })).rejects.toBeInstanceOf(UsageError);
    await expect(buildDraft({ files: [import.meta.dirname] })).rejects.toBeInstanceOf(UsageError);
  });

  it.runIf(process.platform === 'linux')('is closed when its header is refused', async () => {
    const path = write('large.csv', `a,b,c\n${'1,2,3\n'.repeat(100_000)}`);
    for (let time = 0; time < 20; time++) await refusal(buildDraft({ files: [path] }));
    const open = readdirSync('/proc/self/fd').filter((handle) => target(`/proc/self/fd/${handle}`) === path);
    // The last one may still be closing.
    expect(open.length).toBeLessThan(5);
  });

  it('names what it found and what is missing', async () => {
    const error = await refusal(ingest([], {}, 'Day,Open,High,Low,Settle,Volume'));
    expect(error.message).toMatch(
      /no column for close\. Columns found: 'Day', 'Open', 'High', 'Low', 'Settle', 'Volume'\./,
    );
    expect((await refusal(ingest([], { layout: 'yahoo' }))).message).toMatch(/no column for Adj Close/);
  });
});

describe('options', () => {
  it.each([
    [{ layout: 'yaho' }, /must be one of auto, plain, yahoo/],
    [{ missing: 'drop' }, /must be one of fail, skip, fill/],
    [{ frequency: '2d' }, /must be one of 1m, 5m/],
    [{ calendar: 'XNYZ' }, /Did you mean 'XNYS'/],
    [{ timezone: 'Mars' }, /Unknown time zone 'Mars'/],
    [{ precision: 13 }, /0 to 12/],
    [{ precision: 'all' }, /0 to 12/],
    [{ symbol: ' ' }, /symbol is empty/],
    [{ columns: { clsoe: 'x' } }, /Did you mean 'close'/],
    [{ file: 'x' }, /Did you mean 'files'/],
    [{ files: [] }, /No files/],
    [{ files: ['a.csv', 'a.csv'] }, /named twice/],
  ])('%j is wrong usage', async (options, message) => {
    const work = buildDraft({ files: ['unread.csv'], ...options } as unknown as IngestOptions);
    await expect(work).rejects.toBeInstanceOf(UsageError);
    await expect(work).rejects.toThrow(message);
  });

  it('one symbol for a file of several is wrong usage', async () => {
    const rows = ['2024-01-02,10,12,9,11,100,A', '2024-01-02,10,12,9,11,100,B'];
    await expect(ingest(rows, { symbol: 'X' }, `${HEADER},symbol`)).rejects.toThrow(/hold 2 symbols/);
    const { draft } = await ingest(rows.slice(1), { symbol: 'X' }, `${HEADER},symbol`);
    expect(draft.groups[0]!.assets[0]!.symbol).toBe('X');
  });
});

describe('warnings', () => {
  it('say which prices lost digits to the decimals that all of an asset share', async () => {
    const { report } = await ingest(week(2, '2024-01-03,0.123456789012,12345678.9,0.12,0.987654321098,100'));
    const found = report.warnings.filter(({ code }) => code === 'PRECISION').map(({ message }) => message);
    expect(found).toEqual([
      expect.stringMatching(
        /^2 prices of T\d+ lost digits, up to 8.9e-8 of the value: all prices of an asset share one number of decimals, here 7, of 15 digits in all$/,
      ),
    ]);
    expect((await ingest(bars(WEEK))).report.warnings.filter(({ code }) => code === 'PRECISION')).toEqual([]);
  });

  it('name spikes, large moves, and one series under two names', async () => {
    const rows = week(3, '2024-01-04,10,30,9,11,100').concat('2024-01-09,100,120,90,110,100');
    const one = write('ONE.csv', [HEADER, ...rows].join('\n'));
    const two = write('TWO.csv', [HEADER, ...rows].join('\n'));
    const { report } = await buildDraft({ files: [one, two] });
    expect(report.warnings.map(({ code }) => code).sort()).toEqual([
      'LARGE_MOVE',
      'LARGE_MOVE',
      'SAME_CONTENT',
      'SUSPECT_SPIKE',
      'SUSPECT_SPIKE',
    ]);
    expect(report.warnings.find(({ code }) => code === 'SUSPECT_SPIKE')!.message).toMatch(/2024-01-04 \(row 3\)/);
  });
});
