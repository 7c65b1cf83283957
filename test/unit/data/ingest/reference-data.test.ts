import { readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DataError } from '../../../../src/core/errors.js';
import { buildDraft } from '../../../../src/data/ingest/ingest.js';
import { formatDate } from '../../../../src/market/civil-date.js';
import { describeShared, sharedFile } from '../../../helpers/shared.js';

const equities = (path: string): string => sharedFile(`data/equities/${path}`);
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
