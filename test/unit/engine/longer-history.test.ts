import { describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import type { BundleDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { resampledDraft } from '../../../src/data/resample.js';
import { backtest } from '../../../src/engine/backtest.js';
import { type BarData, type Context, defineStrategy } from '../../../src/engine/strategy.js';
import { PaperBroker, RecordedFeed, trade } from '../../../src/live/index.js';
import type { Frequency } from '../../../src/market/bars.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { parseDateLabel } from '../../../src/market/civil-date.js';
import { lookahead } from '../../../src/validate/lookahead.js';
import { assetDraft } from '../../helpers/bundle-draft.js';

const MINUTE = 60_000;
const day = parseDateLabel;

/** Half-hour bars of a week with a half day and a holiday; a bar's close is the number of its session, then of its bar: 3.04. */
function draft(): BundleDraft {
  const { opens, closes } = getCalendar('XNYS').sessions(day('2024-07-01'), day('2024-07-09'));
  const times: number[] = [];
  const close: number[] = [];
  for (const [session, open] of opens.entries()) {
    for (let bar = 0; open + bar * 30 * MINUTE < closes[session]!; bar++) {
      times.push(open + bar * 30 * MINUTE);
      close.push(session + 1 + (bar + 1) / 100);
    }
  }
  const asset = assetDraft('AAA', close);
  return {
    groups: [{ calendar: 'XNYS', frequency: '30m', times: Float64Array.from(times), assets: [asset] }],
    splits: [],
    dividends: [],
  };
}

/** A group without its last bar. */
function shortened({
  times,
  opens,
  closes,
  assets,
  ...group
}: BundleDraft['groups'][number]): BundleDraft['groups'][number] {
  const cut = (column: Float64Array): Float64Array => column.subarray(0, -1);
  return {
    ...group,
    times: cut(times),
    opens: cut(opens!),
    closes: cut(closes!),
    assets: assets.map((asset) => ({
      ...asset,
      columns: Object.fromEntries(Object.entries(asset.columns).map(([field, column]) => [field, cut(column)])),
    })),
  };
}

/** Runs a strategy that writes down what it sees, in a backtest and as a replay; both must see the same. */
async function seenBy(
  bundle: Bundle,
  look: (data: BarData, context: Context<unknown>) => string,
  before?: (data: BarData) => string,
): Promise<string[]> {
  let seen: string[] = [];
  const strategy = defineStrategy({
    parameters: {},
    initialize: () => ({}),
    beforeTradingStart: (_context, data) => void (before !== undefined && seen.push(before(data))),
    handleData: (context, data) => void seen.push(look(data, context as never)),
  });
  await backtest(strategy, { bundle });
  const inBacktest = seen;
  seen = [];
  const feed = new RecordedFeed(bundle);
  await trade(strategy, { feed, broker: new PaperBroker(feed) });
  expect(seen).toEqual(inBacktest);
  return inBacktest;
}

const closesOf = (data: BarData, asset: Context['asset'], count: number, frequency: Frequency): string =>
  [...data.history(asset, 'close', count, frequency, { returnType: 'array' })].join(' ');

describe('history of longer bars', () => {
  it('has a day once it has closed, on a half day at the early close', async () => {
    using bundle = await bundleFromColumns(draft());
    const seen = await seenBy(bundle, (data, { asset, now }) => {
      const at = new Date(now).toISOString().slice(5, 16);
      return `${at}: ${closesOf(data, asset, 2, '1d')} | ${closesOf(data, asset, 1, '1h')} | ${closesOf(data, asset, 1, '1w')}`;
    });
    const lines = [
      '07-01T14:00',
      '07-01T14:30',
      '07-01T19:30',
      '07-01T20:00',
      '07-02T14:00',
      '07-03T16:30',
      '07-03T17:00',
      '07-05T19:30',
      '07-05T20:00',
      '07-08T14:00',
    ];
    expect(lines.map((at) => seen.find((line) => line.startsWith(at)))).toEqual([
      '07-01T14:00: NaN NaN | NaN | NaN',
      '07-01T14:30: NaN NaN | 1.02 | NaN',
      '07-01T19:30: NaN NaN | 1.12 | NaN',
      '07-01T20:00: NaN 1.13 | 1.13 | NaN',
      '07-02T14:00: NaN 1.13 | 1.13 | NaN',
      '07-03T16:30: 1.13 2.13 | 3.06 | NaN',
      '07-03T17:00: 2.13 3.07 | 3.07 | NaN',
      '07-05T19:30: 2.13 3.07 | 4.12 | NaN',
      '07-05T20:00: 3.07 4.13 | 4.13 | 4.13',
      '07-08T14:00: 3.07 4.13 | 4.13 | 4.13',
    ]);
  });

  it('says before the opening what has closed by then, with labels', async () => {
    using bundle = await bundleFromColumns(draft());
    const asset = bundle.assets[0]!;
    const seen = await seenBy(
      bundle,
      () => '',
      (data) => {
        const frame = data.history(asset, ['open', 'high', 'low', 'close', 'volume'], 1, '1d');
        const label = Number.isNaN(frame.times[0]) ? 'none' : new Date(frame.times[0]!).toISOString().slice(0, 10);
        return `${label} ${frame.fields.map((field) => Math.round(100 * frame.column(asset, field)[0]!) / 100).join(' ')}`;
      },
    );
    expect(seen.filter((line) => line !== '').slice(0, 3)).toEqual([
      'none NaN NaN NaN NaN NaN',
      '2024-07-01 0.76 1.63 0.51 1.13 1391',
      '2024-07-02 1.76 2.63 1.51 2.13 2691',
    ]);
  });

  it("takes the bundle's own longer bars where it has them, of all assets", async () => {
    using bundle = await bundleFromColumns(draft());
    const both = resampledDraft(bundle, ['1d']);
    // Days of an exchange carry its official close, which no bar within the day has.
    const official = both.groups.map((group) => ({
      ...group,
      assets: group.assets.map((asset) =>
        group.frequency === '1d'
          ? {
              ...asset,
              columns: {
                ...asset.columns,
                close: asset.columns.close!.map((price) => Math.round(100 * price - 1) / 100),
              },
            }
          : asset,
      ),
    }));
    using stored = await bundleFromColumns({ ...both, groups: official });
    const seen = await seenBy(stored, (data, { asset }) => closesOf(data, asset, 1, '1d'));
    expect([...new Set(seen)]).toEqual(['NaN', '1.12', '2.12', '3.06', '4.12', '5.12', '6.12']);
    // Days that end before the half hours do are not taken: the last one would be an old one.
    const short = { ...both, groups: official.map((group) => (group.frequency === '1d' ? shortened(group) : group)) };
    using behind = await bundleFromColumns(short);
    const made = await seenBy(behind, (data, { asset }) => closesOf(data, asset, 1, '1d'));
    expect([...new Set(made)]).toEqual(['NaN', '1.13', '2.13', '3.07', '4.13', '5.13', '6.13']);
    // A run on the days themselves is chosen by name; the shortest bars are the default.
    const strategy = defineStrategy({
      parameters: {},
      initialize: () => ({}),
      handleData: ({ record }) => record('seen', 1),
    });
    expect((await backtest(strategy, { bundle: stored })).equity.length).toBe(bundle.groups[0]!.length);
    expect((await backtest(strategy, { bundle: stored, frequency: '1d' })).equity.length).toBe(6);
    await expect(backtest(strategy, { bundle: stored, frequency: '1w' })).rejects.toThrow(
      /has no 1w bars, but 30m, 1d\. Make longer ones: hindcast bundles resample/,
    );
  });

  it('adjusts a week for a split at once, on the day of the split, and for no later one', async () => {
    const { labels } = getCalendar('XNYS').sessions(day('2024-07-08'), day('2024-07-26'));
    const asset = assetDraft('AAA', [60, 64, 72, 80, 96, 96, 48, 48, 16, 16, 20, 24, 24, 28, 32]);
    using bundle = await bundleFromColumns({
      groups: [{ calendar: 'XNYS', frequency: '1d', times: labels, assets: [asset] }],
      splits: [
        { symbol: 'AAA', exDate: day('2024-07-16'), ratio: '2' },
        { symbol: 'AAA', exDate: day('2024-07-18'), ratio: '3' },
      ],
      dividends: [],
    });
    const seen = await seenBy(bundle, (data, { asset: one, now }) => {
      const week = data.history(one, ['open', 'close', 'volume'], 1, '1w', { returnType: 'array' });
      return `${new Date(now).toISOString().slice(5, 10)} ${week.open[0]} ${week.close[0]} ${week.volume[0]}`;
    });
    expect(seen.slice(4)).toEqual([
      '07-12 59.75 96 37200',
      '07-15 59.75 96 37200',
      // The first split, of which the week in the making holds a day before and a day after.
      '07-16 29.875 48 74400',
      '07-17 29.875 48 74400',
      '07-18 9.958333333333332 16 223200',
      // The week of both splits is in the shares of its end.
      '07-19 15.958333333333332 16 89600',
      '07-22 15.958333333333332 16 89600',
      '07-23 15.958333333333332 16 89600',
      '07-24 15.958333333333332 16 89600',
      '07-25 15.958333333333332 16 89600',
      '07-26 19.75 32 12800',
    ]);
  });

  it('is what it is with another future, made or stored', async () => {
    const strategy = defineStrategy({
      parameters: {},
      initialize: () => ({}),
      handleData({ asset, order }, data) {
        const [before, last] = data.history(asset, 'close', 2, '1d', { returnType: 'array' });
        order.target(asset, data.close(asset) > last! && last! > before! ? 10 : 0);
      },
    });
    using bundle = await bundleFromColumns(draft());
    using stored = await bundleFromColumns(resampledDraft(bundle, ['1d']));
    const runs = [await backtest(strategy, { bundle }), await backtest(strategy, { bundle: stored })];
    expect(runs[0]!.orders).toBeGreaterThan(0);
    expect(runs[1]!.orderStreamHash).toBe(runs[0]!.orderStreamHash);
    for (const market of [bundle, stored]) {
      expect(await lookahead(strategy, { bundle: market, cuts: 4, jobs: 1 })).toMatchObject({ clean: true });
    }
  });

  it('has bars of the length asked for, or says which there are', async () => {
    using bundle = await bundleFromColumns(draft());
    const { groups, ...rest } = resampledDraft(bundle, ['1d']);
    const other = groups.map((group) => ({
      ...group,
      assets: group.frequency === '1d' ? group.assets : [...group.assets, { ...group.assets[0]!, symbol: 'BBB' }],
    }));
    using mixed = await bundleFromColumns({ ...rest, groups: other });
    const strategy = defineStrategy({
      parameters: {},
      initialize: () => ({}),
      handleData: ({ assets, record }, data) =>
        record('day', data.history(assets[1]!, 'close', 1, '1d').column(assets[1]!, 'close')[0]!),
    });
    // BBB has no days of its own, so that both are made.
    expect((await backtest(strategy, { bundle: mixed })).recorded('day').at(-1)).toBe(6.13);
    await expect(backtest(strategy, { bundle: mixed, frequency: '1d' })).rejects.toThrow(
      /has no 1d bars of 'BBB', but of other lengths/,
    );
    await expect(backtest(strategy, { bundle: mixed, symbols: ['CCC'], frequency: '1d' })).rejects.toThrow(
      /has no symbol 'CCC'/,
    );
  });

  it('refuses shorter bars, and a look ahead', async () => {
    using bundle = await bundleFromColumns(draft());
    const asking = (count: number, frequency: Frequency) =>
      backtest(
        defineStrategy({
          parameters: {},
          initialize: () => ({}),
          handleData: ({ asset }, data) => void data.history(asset, 'close', count, frequency),
        }),
        { bundle },
      );
    await expect(asking(1, '1m')).rejects.toThrow(
      /1m bars are not available: this run's bars are 30m, of which can be made 1h, 2h/,
    );
    await expect(asking(-1, '1d')).rejects.toThrow(/would lie after the current bar/);
    await expect(asking(0, '1d')).rejects.toThrow(/whole number of bars/);
  });
});
