import { describe, expect, it } from 'vitest';
import { buildDraft } from '../../../../src/data/ingest/ingest.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

const write = temporaryFiles();
/** A 2:1 split on the 4th, and a dividend of 1 on the 5th: a close of 50 before it. */
const bars = (before: number): string =>
  [
    'Date,Open,High,Low,Close,Adj Close,Volume',
    `2024-01-02,100,100,100,100,${before},10`,
    `2024-01-03,100,100,100,100,${before},10`,
    '2024-01-04,50,50,50,50,49,10',
    '2024-01-05,49,49,49,49,49,10',
  ].join('\n');
const splits = () => write('splits.csv', 'symbol,ex_date,ratio\nX,2024-01-04,2\n');
const dividends = () => write('dividends.csv', 'symbol,ex_date,amount\nX,2024-01-05,1\n');
const codes = async (before: number, events: object, on = {}) => {
  const { report } = await buildDraft({ files: [write('X.csv', bars(before))], ...events, on });
  return report.warnings.map(({ code }) => code);
};

describe('an adjusted close', () => {
  it('that its events explain is no finding', async () => {
    expect(await codes(49, { splits: splits(), dividends: dividends() })).toEqual([]);
    expect(await codes(49, {})).toEqual(['LARGE_MOVE']);
  });

  it('that its events do not explain is named with days and size, or refused', async () => {
    const { report } = await buildDraft({
      files: [write('X.csv', bars(98))],
      splits: splits(),
      dividends: dividends(),
    });
    expect(report.warnings[0]!.code).toBe('ADJUSTED_CLOSE');
    expect(report.warnings[0]!.message).toMatch(
      /^the adjusted close of X differs .* on 2 of 4 days, most on 2024-01-0[23] by 100.0 %/,
    );
    expect(await codes(49, { dividends: dividends() })).toContain('ADJUSTED_CLOSE');
    const events = { splits: splits(), dividends: dividends() };
    await expect(codes(98, events, { 'adjusted-close': 'fail' })).rejects.toThrow(/differs from what its splits/);
  });
});

describeShared("Yahoo's adjusted closes", 'data/equities/yahoo-classic', () => {
  const equities = (path: string): string => sharedFile(`data/equities/${path}`);
  const events = {
    splits: equities('events/splits-by-ex-date.csv'),
    dividends: equities('events/dividends-by-ex-date.csv'),
  };

  it('agree with the events of another vendor on raw closes, and disagree on closes that are split-adjusted', async () => {
    const raw = await buildDraft({
      files: ['AAPL', 'IBM'].map((symbol) => equities(`yahoo-classic/${symbol}.csv`)),
      ...events,
    });
    expect(raw.report.warnings.map(({ code }) => code)).not.toContain('ADJUSTED_CLOSE');
    const adjusted = await buildDraft({ files: [equities('yahoo-new/AAPL_2004-2018.csv')], symbol: 'AAPL', ...events });
    expect(adjusted.report.warnings.map(({ code }) => code)).toContain('ADJUSTED_CLOSE');
  });
});
