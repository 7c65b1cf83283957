import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DataError, UsageError } from '../../../../src/core/errors.js';
import { findAsset, tickerText } from '../../../../src/data/asset-lookup.js';
import { orderDraft } from '../../../../src/data/draft-order.js';
import { buildDraft, type IngestOptions } from '../../../../src/data/ingest/ingest.js';
import { ratioText } from '../../../../src/data/ingest/lean-factors.js';
import { formatDate, parseDateLabel } from '../../../../src/market/civil-date.js';
import { temporaryFiles } from '../../../helpers/csv-files.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

const write = temporaryFiles();
const folder = dirname(write('mark', ''));
const place = (path: string, content: string): string => {
  const whole = join(folder, path);
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(whole, content);
  return whole;
};
const HEADER = 'date,open,high,low,close,volume';
const bars = (dates: readonly string[], close = 11): string =>
  [HEADER, ...dates.map((date) => `${date},${close},${close + 1},${close - 1},${close},100`)].join('\n');

/** Meta Platforms: FB until 2022-06-08. META was the ticker of a fund before. */
const MAP = '20120518,fb,Q\n20220608,fb,Q\n20501231,meta,Q\n';
const fb = () => write('FB.csv', bars(['2022-06-07', '2022-06-08'], 190));
const meta = () => write('META.csv', bars(['2021-11-01', '2021-11-02', '2022-06-09', '2022-06-10'], 180));
const renamed = (options: Partial<IngestOptions> = {}) =>
  buildDraft({ files: [fb(), meta()], maps: place('maps/meta.csv', MAP), calendar: 'XNYS', ...options });

describe('map files', () => {
  it('join what an asset traded as, and part it from who had its ticker before', async () => {
    const { draft, report } = await renamed();
    const { assets } = orderDraft(draft);
    expect(assets.map(({ symbol, exchange, tickers }) => [symbol, exchange, tickers!.length])).toEqual([
      ['META', 'XNAS', 2],
      ['META-202111', undefined, 1],
    ]);
    expect(tickerText(assets[0]!)).toBe('FB from 2012-05-18 to 2022-06-08, META from 2022-06-09');
    expect(report.assets.map(({ symbol, bars: count, first }) => [symbol, count, formatDate(first)])).toEqual([
      ['META', 4, '2022-06-07'],
      ['META-202111', 2, '2021-11-01'],
    ]);
    expect(report.quality[0]).toMatchObject({ defect: 'reused-ticker', policy: 'warn', count: 2 });
  });

  it('drop or refuse the rows of others on request', async () => {
    const { draft } = await renamed({ on: { 'reused-ticker': 'drop' } });
    expect(orderDraft(draft).assets.map(({ symbol }) => symbol)).toEqual(['META']);
    await expect(renamed({ on: { 'reused-ticker': 'fail' } })).rejects.toThrow(
      /2 rows of META, 2021-11-01 to 2021-11-02, are of days on which another asset had that ticker/,
    );
  });

  it('say whose an event is', async () => {
    const splits = write('splits.csv', 'symbol,ex_date,ratio\nFB,2022-06-08,2\nMETA,2022-06-10,3\nMETA,2021-11-02,5\n');
    const { draft } = await renamed({ splits, on: { 'split-without-jump': 'warn' } });
    expect(draft.splits.map(({ symbol, ratio }) => [symbol, ratio])).toEqual([
      ['META', '2'],
      ['META', '3'],
      ['META-202111', '5'],
    ]);
  });

  it('leave tickers alone that they do not know', async () => {
    const other = write('XYZ.csv', bars(['2022-06-07', '2022-06-08']));
    const { draft } = await buildDraft({ files: [other], maps: place('maps/meta.csv', MAP) });
    expect(orderDraft(draft).assets[0]).not.toHaveProperty('tickers');
  });

  it.each([
    ['a date that is none', '2022,fb,Q\n20501231,meta,Q\n'],
    ['no ticker', '20120518,,Q\n20501231,meta,Q\n'],
    ['one row', '20120518,fb,Q\n'],
    ['dates out of order', '20120518,fb,Q\n20501231,meta,Q\n20220608,fb,Q\n'],
  ])('with %s are refused', async (_, content) => {
    const work = buildDraft({ files: [fb()], maps: place('bad/meta.csv', content) });
    await expect(work).rejects.toBeInstanceOf(DataError);
    await expect(work).rejects.toThrow(/meta.csv row \d/);
  });

  it('that are not there, or a folder without any, are wrong usage', async () => {
    await expect(buildDraft({ files: [fb()], maps: '/nowhere' })).rejects.toBeInstanceOf(UsageError);
    mkdirSync(join(folder, 'empty'), { recursive: true });
    await expect(buildDraft({ files: [fb()], maps: join(folder, 'empty') })).rejects.toThrow(/holds no CSV file/);
  });
});

describe('look-ups by symbol and date', () => {
  const at = (date: string): number => parseDateLabel(date);

  it('find who had a ticker on a day, and last', async () => {
    const { assets } = orderDraft((await renamed()).draft);
    const symbolOf = (ticker: string, date?: string) =>
      findAsset(assets, ticker, date === undefined ? undefined : at(date))?.symbol;
    expect(symbolOf('FB', '2022-06-08')).toBe('META');
    expect(symbolOf('FB', '2022-06-09')).toBeUndefined();
    expect(symbolOf('META', '2022-06-09')).toBe('META');
    expect(symbolOf('META', '2021-11-01')).toBe('META-202111');
    expect(symbolOf('META', '2020-01-02')).toBeUndefined();
    expect(symbolOf('FB')).toBe('META');
    expect(symbolOf('META')).toBe('META');
    expect(symbolOf('META-202111')).toBe('META-202111');
    expect(symbolOf('ABC', '2022-06-08')).toBeUndefined();
  });
});

describe('a table of assets', () => {
  const table = (content: string) => write('assets.csv', content);
  const ingest = (content: string) =>
    buildDraft({ files: [write('ES.csv', bars(['2024-01-02', '2024-01-03']))], assets: table(content) });

  it('tells exchange, currency, tick, lot, multiplier and tickers', async () => {
    const { draft } = await ingest(
      'symbol,exchange,currency,tick,lot,multiplier,ticker,from,to\nES,XCME,EUR,0.25,1,50,ES,2020-01-01,\n',
    );
    expect(orderDraft(draft).assets[0]).toMatchObject({
      symbol: 'ES',
      exchange: 'XCME',
      currency: 'EUR',
      tick: 0.25,
      lot: 1,
      multiplier: 50,
      tickers: [{ ticker: 'ES', from: parseDateLabel('2020-01-01') }],
    });
  });

  it.each([
    ['an unknown column', 'symbol,tik\nES,1\n', /a column 'tik'; known are symbol, exchange/],
    ['no symbols', 'exchange\nXCME\n', /no column 'symbol'/],
    ['an empty symbol', 'symbol,tick\n,1\n', /row 1 holds no symbol/],
    ['a tick that is none', 'symbol,tick\nES,0\n', /row 1 holds tick '0'/],
    ['a date that is none', 'symbol,ticker,from\nES,ES,soon\n', /row 1 holds the date 'soon'/],
    [
      'tickers that overlap',
      'symbol,ticker,from,to\nES,E,2020-01-01,\nES,ES,2021-01-01,\n',
      /overlap or are out of order/,
    ],
  ])('with %s is refused', async (_, content, message) => {
    const work = ingest(content).then(({ draft }) => orderDraft(draft));
    await expect(work).rejects.toBeInstanceOf(DataError);
    await expect(work).rejects.toThrow(message);
  });

  it('may not describe an asset that map files describe', async () => {
    const work = renamed({ assets: table('symbol,tick\nMETA,0.01\n') });
    await expect(work).rejects.toThrow(/describes META, which was described before/);
  });
});

describe('ratios of factors', () => {
  it.each([
    [6.999994, '7'],
    [2.00001, '2'],
    [0.05, '0.05'],
    [1.5, '1.5'],
    [0.333334, '1/3'],
    [1.0027, '1.0027'],
  ])('%d is %s', (ratio, text) => expect(ratioText(ratio)).toBe(text));
});

describeShared("LEAN's files of eight assets", 'data/equities/lean-daily', () => {
  const equities = (path: string): string => sharedFile(`data/equities/${path}`);
  const symbols = ['AAPL', 'AIG', 'BAC', 'EEM', 'GOOG', 'IBM', 'IWM', 'SPY'];
  const lean = {
    files: symbols.map((symbol) => equities(`lean-daily/${symbol.toLowerCase()}.zip`)),
    maps: equities('lean-map-files'),
    factors: equities('lean-factor-files'),
  };

  it('have the bars and events of the plain files made from them', async () => {
    const plain = {
      files: symbols.map((symbol) => equities(`plain-daily/${symbol}.csv`)),
      splits: equities('events/splits-by-ex-date.csv'),
      dividends: equities('events/dividends-by-ex-date.csv'),
    };
    const [one, other] = await Promise.all([
      buildDraft({ files: lean.files, factors: lean.factors }),
      buildDraft(plain),
    ]);
    const [a, b] = [orderDraft(one.draft), orderDraft(other.draft)];
    expect(a.assets).toEqual(b.assets);
    expect(a.splits).toEqual(b.splits);
    const plainAmounts = ({ amount, ...rest }: { amount: string }) => ({ ...rest, amount: Number(amount) });
    expect(a.dividends.map(plainAmounts)).toEqual(b.dividends.map(plainAmounts));
    expect(a.groups[0]!.listings.map(({ asset }) => asset.columns)).toEqual(
      b.groups[0]!.listings.map(({ asset }) => asset.columns),
    );
  });

  it('part EEM, BAC and GOOG from the companies that had these tickers before', async () => {
    const { draft, report } = await buildDraft(lean);
    const { assets } = orderDraft(draft);
    const spans = report.assets.map(({ symbol, first, bars: count }) => [symbol, formatDate(first), count]);
    expect(spans.filter(([symbol]) => /EEM|BAC|GOOG/.test(String(symbol)))).toEqual([
      ['BAC', '1998-10-01', 5661],
      ['BAC-199809', '1998-01-02', 188],
      ['EEM', '2003-04-11', 4523],
      ['EEM-200212', '1998-01-06', 722],
      ['GOOG', '2014-04-03', 1761],
      ['GOOG-201404', '2004-08-19', 2422],
    ]);
    expect(findAsset(assets, 'EEM', parseDateLabel('2001-01-02'))?.symbol).toBe('EEM-200212');
    expect(findAsset(assets, 'EEM', parseDateLabel('2010-01-04'))?.symbol).toBe('EEM');
    expect(findAsset(assets, 'NB', parseDateLabel('1998-05-04'))?.symbol).toBe('BAC');
    expect(draft.splits).toHaveLength(14);
  });
});
