import { describe, expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.js';
import { buildDraft } from '../../../../src/data/ingest/ingest.js';
import { parseDateLabel } from '../../../../src/market/civil-date.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';

const write = temporaryFiles();
/** XNYS sessions around a weekend and a holiday (January 15th). */
const DATES = ['2024-01-10', '2024-01-11', '2024-01-12', '2024-01-16', '2024-01-17'];
const bars = write(
  'X.csv',
  ['date,open,high,low,close,volume', ...DATES.map((date) => `${date},10,12,9,11,100`)].join('\n'),
);

const withSplits = (text: string) => buildDraft({ files: [bars], splits: write('splits.csv', text) });
const withDividends = (text: string) => buildDraft({ files: [bars], dividends: write('dividends.csv', text) });
const day = parseDateLabel;

describe('splits', () => {
  it('keep their exact ratio', async () => {
    const { draft, report } = await withSplits(
      'symbol,ex_date,ratio\nX,2024-01-11,4.0\nX,2024-01-12,0.05\nX,2024-01-16,1/3',
    );
    expect(draft.splits).toEqual([
      { symbol: 'X', exDate: day('2024-01-11'), ratio: '4' },
      { symbol: 'X', exDate: day('2024-01-12'), ratio: '0.05' },
      { symbol: 'X', exDate: day('2024-01-16'), ratio: '1/3' },
    ]);
    expect(report.splits).toEqual({ file: 'splits.csv', rows: 3, used: 3, otherSymbols: 0, moved: 0, outsideLife: 0 });
    expect(report.warnings.map(({ code }) => code)).toEqual(['SPLIT_WITHOUT_JUMP']);
  });

  it.each(['last_cum_date', 'ex_date_after'])('apply from the session after %s', async (column) => {
    const { draft, report } = await withSplits(`symbol,${column},ratio\nX,2024-01-12,1.1`);
    expect(draft.splits).toEqual([{ symbol: 'X', exDate: day('2024-01-16'), ratio: '1.1' }]);
    expect(report.splits!.moved).toBe(0);
  });

  it('on a day without session move to the next one, with a warning', async () => {
    const { draft, report } = await withSplits('symbol,ex_date,ratio\nX,2024-01-13,1.1');
    expect(draft.splits[0]!.exDate).toBe(day('2024-01-16'));
    expect(report.splits!.moved).toBe(1);
    expect(report.warnings[0]!.message).toMatch(/X 2024-01-13 to 2024-01-16/);
  });

  it('of other symbols are counted, and those outside the bars left out with a warning', async () => {
    const rows = ['Y,2024-01-11,2', 'X,2024-01-10,2', 'X,2023-05-01,2', 'X,2024-01-18,2', 'X,1970-01-01,2'];
    const { draft, report } = await withSplits(['symbol,ex_date,ratio', ...rows].join('\n'));
    expect(draft.splits).toEqual([]);
    expect(report.splits).toMatchObject({ rows: 5, used: 0, otherSymbols: 1, outsideLife: 4 });
    expect(report.warnings.map(({ code }) => code)).toEqual(['EVENT_OF_OTHER_SYMBOL', 'EVENT_OUTSIDE_LIFE']);
  });
});

describe('dividends', () => {
  it('keep their exact amount and pay date; two of different size may share a date', async () => {
    const { draft } = await withDividends(
      'Symbol,Ex Date,Amount,Pay Date\nX,2024-01-11,0.820,2024-02-01\nX,2024-01-11,1.5,\n',
    );
    expect(draft.dividends).toEqual([
      { symbol: 'X', exDate: day('2024-01-11'), payDate: day('2024-02-01'), amount: '0.82' },
      { symbol: 'X', exDate: day('2024-01-11'), amount: '1.5' },
    ]);
  });
});

describe('defects of events', () => {
  it.each([
    ['X,2024-01-11,0', 'BAD_EVENT'],
    ['X,2024-01-11,-2', 'BAD_EVENT'],
    ['X,2024-01-11,1/0', 'BAD_EVENT'],
    ['X,2024-01-11,4:1', 'BAD_EVENT'],
    ['X,2024-01-11,', 'BAD_EVENT'],
    ['X,someday,2', 'NOT_A_DATE'],
    [',2024-01-11,2', 'NO_SYMBOL'],
    ['X,2024-01-11', 'RAGGED_ROW'],
    ['X,2024-01-11,3', 'DUPLICATE_EVENT'],
  ])('row %s is refused as %s', async (row, code) => {
    const error = await withSplits(`symbol,ex_date,ratio\nX,2024-01-11,2\n${row}`).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(DataError);
    expect((error as DataError).details.defects).toMatchObject([{ code, file: 'splits.csv', row: 2 }]);
  });

  it('of a dividend: repeated, or paid before its ex-date', async () => {
    const twice = 'symbol,ex_date,amount\nX,2024-01-11,1\nX,2024-01-11,1.0';
    await expect(withDividends(twice)).rejects.toThrow(/X 2024-01-11 repeats row 1/);
    const early = 'symbol,ex_date,amount,pay_date\nX,2024-01-11,1,2024-01-10';
    await expect(withDividends(early)).rejects.toThrow(/paid on 2024-01-10, before the ex-date 2024-01-11/);
  });

  it('of a whole file: columns that hold no events', async () => {
    await expect(withSplits('symbol,date,ratio')).rejects.toThrow(/Name them symbol, ex_date, ratio/);
    await expect(withDividends('symbol,ex_date,ratio')).rejects.toThrow(/holds no dividends/);
  });

  it('in columns of rows that are dropped are told, and refused on demand', async () => {
    const text =
      'Date,Open,High,Low,Close,Volume,Dividends\n2024-01-08,1,1,1,1,5,0\n2024-01-09,,1,1,1,5,0.25\n2024-01-10,1,1,1,1,5,0.5\n';
    const files = [write('yahoo-events.csv', text)];
    const { draft, report } = await buildDraft({ files, symbol: 'X', on: { 'missing-value': 'drop' } });
    expect(draft.dividends).toMatchObject([{ amount: '0.5' }]);
    expect(report.warnings.find(({ code }) => code === 'EVENT_DROPPED')!.message).toContain('0.25 in data row 2');
    const strict = buildDraft({ files, symbol: 'X', on: { 'missing-value': 'drop', 'event-dropped': 'fail' } });
    await expect(strict).rejects.toThrow(/1 of its splits and dividends stand in rows that were dropped/);
  });
});
