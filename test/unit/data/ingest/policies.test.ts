import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../../src/core/errors.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';

const write = temporaryFiles();
const HEADER = 'date,open,high,low,close,volume';
const WEEK = ['2024-01-02', '2024-01-03', '2024-01-04', '2024-01-05', '2024-01-08'];
const good = WEEK.map((date, day) => `${date},10,14,9,${11 + day / 4},100`);
/** The week with row 3 replaced. */
const week = (row: string): string[] => good.map((bar, index) => (index === 2 ? row : bar));

async function ingest(rows: readonly string[], options: Partial<IngestOptions> = {}) {
  const path = write('X.csv', [HEADER, ...rows].join('\n'));
  const { draft, report } = await buildDraft({ files: [path], calendar: 'XNYS', ...options });
  return {
    report,
    closes: [...draft.groups[0]!.assets[0]!.columns.close!],
    columns: draft.groups[0]!.assets[0]!.columns,
  };
}

const defects: readonly (readonly [defect: string, row: string])[] = [
  ['missing-value', '2024-01-04,10,,9,11,100'],
  ['missing-value', '2024-01-04,null,null,null,null,null'],
  ['not-a-number', '2024-01-04,10,14,9,x,100'],
  ['not-finite', '2024-01-04,10,Infinity,9,11,100'],
  ['nul-byte', '2024-01-04,1\u00000,14,9,11,100'],
  ['bad-utf8', '2024-01-04,1\uFFFD0,14,9,11,100'],
  ['zero-price', '2024-01-04,10,14,0,11,100'],
  ['negative-price', '2024-01-04,10,14,-9,11,100'],
  ['high-below-low', '2024-01-04,10,8,9,11,100'],
  ['open-outside-range', '2024-01-04,16,14,9,11,100'],
  ['close-outside-range', '2024-01-04,10,14,9,8,100'],
  ['negative-volume', '2024-01-04,10,14,9,11,-100'],
  ['volume-too-large', '2024-01-04,10,14,9,11,9007199254740994'],
];
const structural: readonly (readonly [defect: string, row: string])[] = [
  ['ragged-row', '2024-01-04,10,14,9,11'],
  ['not-a-date', 'soon,10,14,9,11,100'],
  ['mixed-date-formats', '01/04/2024,10,14,9,11,100'],
];

describe('a defect of one row', () => {
  it.each([...defects, ...structural])('%s is refused by default: %s', async (_, row) => {
    await expect(ingest(week(row))).rejects.toBeInstanceOf(DataError);
  });

  it.each([...defects, ...structural])('%s is dropped on request: %s', async (defect, row) => {
    const { closes, report } = await ingest(week(row), { on: { [defect]: 'drop' }, missing: 'skip' });
    expect(closes).toEqual([11, 11.25, Number.NaN, 11.75, 12]);
    expect(report.rows).toBe(5);
    expect(report.quality[0]).toMatchObject({ defect, policy: 'drop', count: 1 });
    expect(report.quality[0]!.places[0]).toMatchObject({ row: 3 });
    expect(report.warnings[0]!.message).toMatch(/; the row was left out$/);
  });

  it.each(defects)('%s is filled on request: %s', async (defect, row) => {
    const { columns, report } = await ingest(week(row), { on: { [defect]: 'fill' } });
    expect(['open', 'high', 'low', 'close', 'volume'].map((field) => columns[field]![2])).toEqual([
      11.25, 11.25, 11.25, 11.25, 0,
    ]);
    expect(report.warnings.map(({ code }) => code)).toEqual([defect.toUpperCase().replaceAll('-', '_')]);
  });

  it.each([
    ['zero-price', '2024-01-04,10,14,0,11,100', 'low', 0],
    ['negative-price', '2024-01-04,10,14,-9,11,100', 'low', -9],
    ['high-below-low', '2024-01-04,10,8,9,11,100', 'high', 8],
    ['open-outside-range', '2024-01-04,16,14,9,11,100', 'open', 16],
    ['close-outside-range', '2024-01-04,10,14,9,8,100', 'close', 8],
  ])('%s is kept on request', async (defect, row, field, value) => {
    const { columns, report } = await ingest(week(row), { on: { [defect]: 'warn' } });
    expect(columns[field]![2]).toBe(value);
    expect(report.quality[0]).toMatchObject({ defect, policy: 'warn', count: 1 });
  });

  it('of several kinds is treated by the severest policy', async () => {
    const row = '2024-01-04,10,14,-9,x,100';
    const one = await ingest(week(row), { on: { 'negative-price': 'warn', 'not-a-number': 'drop' } });
    expect(one.closes[2]).toBeNaN();
    await expect(ingest(week(row), { on: { 'not-a-number': 'drop' } })).rejects.toThrow(/-9 is negative/);
    const other = await ingest(week(row), { on: { 'negative-price': 'fill', 'not-a-number': 'fill' } });
    expect(other.closes[2]).toBe(11.25);
  });

  it('that would be filled before there is a bar is left out', async () => {
    const rows = ['2024-01-02,10,14,9,,100', ...good.slice(1)];
    const { closes, report } = await ingest(rows, { on: { 'missing-value': 'fill' } });
    expect(closes).toEqual([11.25, 11.5, 11.75, 12]);
    expect(report.warnings.map(({ message }) => message).join()).toMatch(
      /begins with 1 rows? that cannot be filled.*row 1/,
    );
    const none = ingest(['2024-01-02,10,14,9,,100'], { on: { 'missing-value': 'fill' } });
    await expect(none).rejects.toBeInstanceOf(DataError);
  });

  it('without a date is never filled, since nobody knows where', async () => {
    const work = ingest(week(',10,14,9,11,100'), { on: { 'missing-value': 'fill' } });
    await expect(work).rejects.toThrow(/row 3, column 'date': no date/);
    const { closes } = await ingest(week(',10,14,9,11,100'), { on: { 'missing-value': 'drop' } });
    expect(closes[2]).toBeNaN();
  });

  it('on a day without session is refused or dropped', async () => {
    const rows = [...good.slice(0, 4), '2024-01-06,10,14,9,11,100', ...good.slice(4)];
    await expect(ingest(rows)).rejects.toThrow(/row 5: 2024-01-06 \(Saturday\) is no session/);
    const { closes } = await ingest(rows, { on: { 'not-a-session': 'drop' } });
    expect(closes).toEqual([11, 11.25, 11.5, 11.75, 12]);
  });

  it('on many rows is one warning, with count and first rows', async () => {
    const rows = good.map((row, day) => (day === 0 ? row : row.replace(',9,', ',-9,')));
    const { report } = await ingest(rows, { on: { 'negative-price': 'warn' } });
    expect(report.warnings[0]!.message).toBe(
      '4 rows with negative-price were kept as they are: row 2, row 3, row 4 and 1 more (the first: -9 is negative)',
    );
  });
});

describe('rows of one time', () => {
  const conflict = '2024-01-04,10,14,9,12.25,100';
  const rows = [...good.slice(0, 3), conflict, ...good.slice(3)];

  it('that are identical are refused, or one of them is dropped', async () => {
    const twice = [...good.slice(0, 3), good[2]!, ...good.slice(2)];
    await expect(ingest(twice)).rejects.toThrow(/2024-01-04 repeats row 3/);
    const { closes, report } = await ingest(twice, { on: { 'duplicate-identical': 'drop' } });
    expect(closes).toEqual([11, 11.25, 11.5, 11.75, 12]);
    expect(report.quality[0]).toMatchObject({ defect: 'duplicate-identical', count: 2 });
  });

  it.each([
    ['first', 11.5],
    ['last', 12.25],
    ['drop', Number.NaN],
  ] as const)('that differ are refused, or: %s', async (policy, close) => {
    await expect(ingest(rows)).rejects.toThrow(/other values than in row 3/);
    const { closes } = await ingest(rows, { on: { 'duplicate-conflicting': policy } });
    expect(closes).toEqual([11, 11.25, close, 11.75, 12]);
  });

  it('are all dropped, however many there are', async () => {
    const many = [...good.slice(0, 3), conflict, good[2]!, conflict, ...good.slice(3)];
    const { closes, report } = await ingest(many, { on: { 'duplicate-conflicting': 'drop' } });
    expect(closes).toEqual([11, 11.25, Number.NaN, 11.75, 12]);
    expect(report.assets[0]).toMatchObject({ bars: 4, missing: 1 });
  });
});

describe('order, hours and grid', () => {
  const shuffled = [1, 0, 2, 4, 3].map((day) => good[day]!);
  const minutes = (times: readonly string[]): string[] => times.map((time) => `2024-01-02 ${time},10,14,9,11,100`);

  it('out of order is refused, or sorted', async () => {
    await expect(ingest(shuffled)).rejects.toThrow(/--on unsorted=warn/);
    const { closes, report } = await ingest(shuffled, { on: { unsorted: 'warn' } });
    expect(closes).toEqual([11, 11.25, 11.5, 11.75, 12]);
    expect(report.warnings[0]!.message).toMatch(/2 rows come after later ones: row 2, row 5; all were sorted/);
  });

  it('from the newest on is turned round, or refused', async () => {
    const turned = [...good].reverse();
    expect((await ingest(turned)).closes[0]).toBe(11);
    await expect(ingest(turned, { on: { 'newest-first': 'fail' } })).rejects.toThrow(/newest to the oldest/);
  });

  it('bars outside hours are left out, kept, or refused; most of them need a word', async () => {
    const some = minutes(['09:28', '09:30', '09:31', '09:32']);
    expect((await ingest(some)).closes).toHaveLength(3);
    expect((await ingest(some, { on: { 'outside-hours': 'warn' } })).closes).toHaveLength(4);
    await expect(ingest(some, { on: { 'outside-hours': 'fail' } })).rejects.toThrow(/1 of 4 bars/);
    const most = minutes(['09:26', '09:27', '09:28', '09:30']);
    await expect(ingest(most, { frequency: '1m' })).rejects.toThrow(/--on outside-hours=drop/);
    expect((await ingest(most, { frequency: '1m', on: { 'outside-hours': 'drop' } })).closes).toHaveLength(1);
    expect((await ingest(most, { frequency: '1m', on: { 'outside-hours': 'warn' } })).closes).toHaveLength(4);
  });

  it('bars off the grid are named, dropped or refused', async () => {
    const odd = minutes(['09:30:00', '09:31:00', '09:32:00', '09:33:07', '09:34:00', '09:35:00']);
    expect((await ingest(odd)).closes).toHaveLength(6);
    expect((await ingest(odd, { on: { 'off-grid': 'drop' } })).closes).toHaveLength(5);
    await expect(ingest(odd, { on: { 'off-grid': 'fail' } })).rejects.toThrow(/off the 1m grid/);
  });
});

describe('what is odd', () => {
  const spike = week('2024-01-04,10,14,1,11,100');
  const jump = week('2024-01-04,1000,1400,900,1150,100');
  const flat = [
    ...good.slice(0, 2),
    ...Array.from({ length: 7 }, (_, day) => {
      const date = ['04', '05', '08', '09', '10', '11', '12'][day];
      return `2024-01-${date},11.25,11.25,11.25,11.25,0`;
    }),
  ];

  it.each([
    ['suspect-spike', spike],
    ['large-move', jump],
  ])('%s is named, dropped, filled or refused', async (defect, rows) => {
    expect((await ingest(rows)).report.quality[0]).toMatchObject({ defect, policy: 'warn' });
    expect((await ingest(rows, { on: { [defect]: 'drop' } })).closes[2]).toBeNaN();
    expect((await ingest(rows, { on: { [defect]: 'fill' } })).closes).toEqual([11, 11.25, 11.25, 11.75, 12]);
    await expect(ingest(rows, { on: { [defect]: 'fail' } })).rejects.toBeInstanceOf(DataError);
  });

  it('a new level is no bad tick: nothing is taken out of it', async () => {
    const level = good.map((row, day) => (day < 2 ? row : row.replace(/,10,14,9,(\d)/, ',100,140,90,1$1')));
    const { closes } = await ingest(level, { on: { 'large-move': 'drop' } });
    expect(closes.some(Number.isNaN)).toBe(false);
  });

  it('a run of one price without volume is named, dropped or refused', async () => {
    const { report } = await ingest(flat);
    expect(report.warnings[0]!.message).toMatch(/7 bars in runs of one price without volume: 2024-01-04 \(row 3\)/);
    expect((await ingest(flat, { on: { 'stale-run': 'drop' } })).closes).toEqual([11, 11.25]);
    await expect(ingest(flat, { on: { 'stale-run': 'fail' } })).rejects.toThrow(/runs of one price/);
    expect((await ingest(flat.slice(0, 5))).report.warnings).toEqual([]);
  });

  it('a header with close and volume exchanged is named as the cause', async () => {
    const rows = good.map((row) => row.replace('100', '13'));
    const path = write(
      'swapped.csv',
      ['date,open,high,low,volume,close', ...rows.map((row) => row.replace(/,13$/, ',5000000'))].join('\n'),
    );
    const error = (await buildDraft({ files: [path] }).catch((reason: unknown) => reason)) as DataError;
    expect(error.message).toMatch(
      /^Refused, nothing was stored: swapped.csv: 'close' lies outside low to high in 5 of 5 rows and 'volume' inside/,
    );
  });

  it('a series under two names is named or refused', async () => {
    const files = ['A.csv', 'B.csv'].map((name) => write(name, [HEADER, ...good].join('\n')));
    expect((await buildDraft({ files })).report.quality[0]).toMatchObject({ defect: 'same-content' });
    await expect(buildDraft({ files, on: { 'same-content': 'fail' } })).rejects.toThrow(/same bars as A/);
  });
});

describe('policies', () => {
  it.each([
    [{ 'missing-valu': 'drop' }, /Did you mean 'missing-value'/],
    // Nothing is near, so that the known ones are listed, once.
    [{ precision: 'warn' }, /^There is no policy for 'precision'\. Known are [^.]*\.$/],
    [{ 'ragged-row': 'fill' }, /ragged-row may be fail, drop, not 'fill'/],
    [{ 'zero-price': 'keep' }, /may be fail, warn, drop, fill/],
  ] as const)('%j is wrong usage', async (on, message) => {
    const work = ingest(good, { on: on as IngestOptions['on'] & object });
    await expect(work).rejects.toBeInstanceOf(UsageError);
    await expect(work).rejects.toThrow(message);
  });

  it('of what is missing are those of --missing unless they are named', async () => {
    const gap = good.filter((_, day) => day !== 2);
    expect((await ingest(gap, { missing: 'fill' })).closes[2]).toBe(11.25);
    expect((await ingest(gap, { missing: 'fail', on: { 'missing-sessions': 'warn' } })).closes[2]).toBeNaN();
    const { report } = await ingest(gap, { missing: 'fill' });
    expect(report.quality).toMatchObject([{ defect: 'missing-sessions', policy: 'fill', count: 1 }]);
  });
});
