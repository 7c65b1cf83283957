import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import type { AssetDraft, BundleDraft, GroupDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { longerView } from '../../../src/engine/longer-view.js';
import { benchmarkCloses, viewOf } from '../../../src/engine/market-view.js';
import {
  afterOpen,
  type BacktestResult,
  backtest,
  defineStrategy,
  int,
  monthStart,
  sma,
  walkForward,
} from '../../../src/index.js';
import { RecordedFeed } from '../../../src/live/recorded-feed.js';
import { period } from '../../../src/market/bar-axis.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { alphaBeta } from '../../../src/metrics/benchmark.js';
import { assetDraft, days } from '../../helpers/bundle-draft.js';
import { walk } from '../../helpers/walk-market.js';

const FROM = '2024-01-02';
const TO = '2024-03-10';
const sessions = getCalendar('XNYS').sessions(Date.parse(FROM), Date.parse(TO)).labels;
const everyDay = days((Date.parse(TO) - Date.parse(FROM)) / 86_400_000 + 1, FROM);

/** A share of New York and a coin that trades every day. */
const mixed = (stock: Partial<AssetDraft> = {}, seed = 1): BundleDraft => ({
  groups: [
    {
      calendar: 'XNYS',
      frequency: '1d',
      times: sessions,
      assets: [{ ...assetDraft('SHARE', walk(sessions.length, seed), stock) }],
    },
    {
      calendar: '24/7',
      frequency: '1d',
      times: everyDay,
      assets: [assetDraft('COIN', walk(everyDay.length, seed + 1))],
    },
  ],
  splits: [],
  dividends: [],
});

async function open(draft: BundleDraft): Promise<Bundle> {
  const bundle = await bundleFromColumns(draft, { name: 'mixed' });
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

const crossing = defineStrategy({
  parameters: {},
  sleeves: 'equal',
  initialize: ({ asset, indicator }) => ({
    asset,
    fast: indicator(sma(3), asset),
    slow: indicator(sma(9), asset),
  }),
  handleData({ state: { asset, fast, slow }, order }) {
    order.targetPercent(asset, fast.value > slow.value ? 1 : 0);
  },
});

const ENDINGS = ['never', 'last-open', 'last-close'] as const;

const fillsOf = ({ fills }: BacktestResult, symbol: string): unknown[] =>
  fills
    .filter(({ asset }) => asset.symbol === symbol)
    .map(({ time, exact }) => [time, exact.quantity.toString(), exact.price.toString()]);

describe('assets of several calendars in one run', () => {
  it('trade on the union of their bars as each does alone, with its share of the cash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), fc.constantFrom(...ENDINGS), fc.nat(2), async (seed, liquidate, delay) => {
        using bundle = await bundleFromColumns(mixed({}, seed), { name: 'mixed' });
        const costs = { commission: 'percent:0.001', liquidate, delay };
        const both = await backtest(crossing, { bundle, cash: 20_000, ...costs });
        expect(both.times).toHaveLength(everyDay.length);
        let ending = 0;
        for (const symbol of ['SHARE', 'COIN']) {
          const alone = await backtest(crossing, { bundle, cash: 10_000, symbols: [symbol], ...costs });
          expect(fillsOf(both, symbol)).toEqual(fillsOf(alone, symbol));
          ending += alone.endingEquity.toNumber();
        }
        expect(both.endingEquity.toNumber()).toBeCloseTo(ending, 6);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(['1w', '1mo'] as const)('make one row of a %s, and trade there as each does alone', async (frequency) => {
    const [from, to] = [Date.parse('2012-01-02'), Date.parse('2024-01-31')];
    const lastOf = (calendar: string): number[] => {
      const labels = [...getCalendar(calendar).sessions(from, to).labels];
      return labels.filter((label, at) => period(frequency, label)[1] <= (labels[at + 1] ?? Number.POSITIVE_INFINITY));
    };
    const group = (calendar: string, symbol: string, seed: number): GroupDraft => {
      const times = lastOf(calendar);
      return {
        calendar,
        frequency,
        times: Float64Array.from(times),
        assets: [assetDraft(symbol, walk(times.length, seed))],
      };
    };
    // Ex-dates within weeks, and on a Saturday, which no share has and the coin does.
    const splits = ['2014-12-24', '2016-07-02', '2020-07-01'].map((date) => ({
      ...{ symbol: 'YORK', exDate: Date.parse(date), ratio: '2' },
    }));
    const dividends = [{ symbol: 'LONDON', exDate: Date.parse('2018-03-29'), amount: '0.50' }];
    const groups = [group('XNYS', 'YORK', 1), group('XLON', 'LONDON', 2), group('24/7', 'COIN', 3)];
    const bundle = await open({ groups, splits, dividends });
    const both = await backtest(crossing, { bundle, cash: 30_000, liquidate: 'last-close' });
    expect(both.times).toHaveLength(groups[2]!.times.length);
    let ending = 0;
    for (const symbol of ['YORK', 'LONDON', 'COIN']) {
      const alone = await backtest(crossing, { bundle, cash: 10_000, symbols: [symbol], liquidate: 'last-close' });
      expect(fillsOf(both, symbol)).toEqual(fillsOf(alone, symbol));
      expect(alone.fills.length).toBeGreaterThan(10);
      ending += alone.endingEquity.toNumber();
    }
    expect(both.endingEquity.toNumber()).toBeCloseTo(ending, 6);
    const held = async (symbols?: string[]): Promise<unknown[]> => {
      const seen: unknown[] = [];
      const holding = defineStrategy({
        parameters: {},
        initialize: ({ assets }) => ({ york: assets.find(({ symbol }) => symbol === 'YORK')! }),
        handleData({ state: { york }, order, portfolio }, data) {
          const close = data.current(york, 'close');
          if (Number.isNaN(close)) return;
          const { quantity } = portfolio.position(york);
          seen.push([quantity, close, data.history(york, 'close', 2, frequency, { returnType: 'array' })[0]]);
          if (quantity === 0) order(york, 10);
        },
      });
      await backtest(holding, { bundle, cash: 30_000, ...(symbols === undefined ? {} : { symbols }) });
      return seen;
    };
    expect(await held()).toEqual(await held(['YORK']));
  });

  it('have a missing bar where their own calendar has none: no price, and the worth of the last close', async () => {
    const seen: [number, number, number][] = [];
    const bundle = await open(mixed());
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ assets: [coin, share] }) => ({ share: share!, coin: coin! }),
      handleData({ state: { share, coin }, order, portfolio, now }, data) {
        if (portfolio.position(share).isFlat) order.notional(share, 5_000);
        seen.push([new Date(now).getUTCDay(), data.current(share, 'close'), data.current(coin, 'close')]);
      },
    });
    const { equity, fills, times } = await backtest(strategy, { bundle, cash: 10_000 });
    expect(fills).toHaveLength(1);
    // A row is known when the coin's day ends, which is the next day by the clock: Saturdays and Sundays have no share.
    const weekend = seen.filter(([day]) => day === 0 || day === 1);
    expect(weekend.length).toBeGreaterThan(15);
    for (const [, share, coin] of weekend) expect([share, coin > 0]).toEqual([Number.NaN, true]);
    const saturday = Array.from(times as Float64Array, (time) => new Date(time).getUTCDay()).indexOf(6);
    expect([equity[saturday], equity[saturday + 1]]).toEqual([equity[saturday - 1], equity[saturday - 1]]);
  });

  it('fill at the openings of their own next bars, and a day order lasts for the session of its own venue', async () => {
    const bundle = await open(mixed());
    const told: string[] = [];
    const strategy = (terms: object) =>
      defineStrategy({
        parameters: {},
        initialize: ({ assets }) => assets,
        handleData({ state: [coin, share], order, now }) {
          if (now !== Date.parse('2024-01-06')) return;
          order(share!, 1, terms);
          order(coin!, 1, terms);
        },
        onFill(_context, { asset, time }) {
          told.push(`${asset.symbol} ${new Date(time).toISOString()}`);
        },
        onOrder({ now }, { asset, status }) {
          told.push(`${asset.symbol} ${status} ${new Date(now).toISOString().slice(0, 10)}`);
        },
      });
    const of = async (terms: object): Promise<string[]> => {
      told.length = 0;
      const { fills } = await backtest(strategy(terms), { bundle });
      const filled = told.filter((line) => line.endsWith('Z'));
      expect(fills.map(({ asset, time }) => `${asset.symbol} ${new Date(time).toISOString()}`)).toEqual(filled);
      return told.toSorted();
    };
    const [coin, share] = ['COIN 2024-01-06T00:00:00.000Z', 'SHARE 2024-01-08T14:30:00.000Z'];
    expect(await of({})).toEqual([coin, share]);
    expect(await of({ timeInForce: 'day' })).toEqual([coin, share]);
    expect(await of({ goodTill: Date.parse('2024-01-08T15:00Z') })).toEqual([coin, share]);
    expect((await of({ goodTill: Date.parse('2024-01-08T10:00Z') }))[0]).toBe(coin);
    expect(await of({ goodTill: Date.parse('2024-01-08T10:00Z') })).not.toContain(share);
    // Known when the coin's day is over: the coin's session is Saturday, the share's Monday.
    const tooLow = await of({ timeInForce: 'day', limit: 0.01 });
    expect(tooLow).toEqual(['COIN expired 2024-01-07', 'SHARE expired 2024-01-09']);
  });

  it('have not ended over a weekend, and end at an instant where they have', async () => {
    const draft = mixed();
    const ended = mixed();
    const last = ended.groups[0]!;
    // The last session is a Friday; the coin goes on to Sunday. Once the share ends a week before.
    const short = {
      ...last,
      assets: [assetDraft('SHARE', walk(last.times.length - 5, 1)), assetDraft('OTHER', walk(last.times.length, 5))],
    };
    const holding = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => ({ share: assets.find(({ symbol }) => symbol === 'SHARE')! }),
      handleData({ state: { share }, order, portfolio }) {
        if (portfolio.position(share).isFlat) order(share, 10);
      },
    });
    expect(new Date(everyDay.at(-1)!).getUTCDay()).toBe(0);
    const kept = await backtest(holding, { bundle: await open(draft), delisting: 'close', benchmark: 'SHARE' });
    expect(kept.fills).toHaveLength(1);
    const closed = await backtest(holding, {
      bundle: await open({ ...ended, groups: [short, ended.groups[1]!] }),
      delisting: 'close',
    });
    expect(closed.fills.map(({ quantity }) => quantity)).toEqual([10, -10]);
    for (const { time } of closed.fills) expect(time).toBeGreaterThan(0);
    expect(closed.roundTrips()).toHaveLength(1);
  });

  it('close at their own last bar where a test ends on a weekend, and the next one begins flat', async () => {
    const holding = defineStrategy({
      parameters: { units: int(1, 4) },
      initialize: ({ assets }) => assets,
      handleData({ state: assets, order, portfolio }, _data, { units }) {
        for (const asset of assets) if (portfolio.position(asset).isFlat) order(asset, units);
      },
    });
    const bundle = await open(mixed());
    // Tests of seven days from a Monday to a Sunday.
    const weeks = { train: 14, test: 7, start: '2024-01-08', end: '2024-02-18', jobs: 1, annualization: 252 } as const;
    const { windows, stitched } = await walkForward(holding, { ...weeks, bundle, commission: 'percent:0.001' });
    expect(windows.length).toBeGreaterThan(2);
    for (const { test } of windows) {
      const ends = test.fills.filter(({ quantity }) => quantity < 0);
      expect(ends.map(({ asset, time }) => [asset.symbol, new Date(time).getUTCDay()])).toEqual(
        expect.arrayContaining([
          ['SHARE', 5],
          ['COIN', 1],
        ]),
      );
      expect(test.fills.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(0);
      expect(test.equity.at(-1)).toBeCloseTo(test.endingEquity.toNumber(), 6);
    }
    expect(stitched.metrics.trades).toBe(2 * windows.length);
    const bar = bundle.groups.find(({ calendar }) => calendar === 'XNYS')!;
    for (const { asset, time, price, quantity } of stitched.fills) {
      if (asset.symbol !== 'SHARE' || quantity > 0) continue;
      expect(price).toBe(bar.listings[0]!.column('close')[bar.closes.indexOf(time)]);
    }
  });

  it('owe interest up to the last row, though the share is closed at its own last bar before it', async () => {
    const bundle = await open(mixed());
    const borrowing = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => assets.find(({ symbol }) => symbol === 'SHARE')!,
      handleData({ state: share, order, portfolio }) {
        if (portfolio.position(share).isFlat) order.percent(share, 1.5);
      },
    });
    const interest = async (symbols: string[]): Promise<number> => {
      const { financing } = await backtest(borrowing, {
        ...{ bundle, symbols, account: 'margin', start: '2024-03-07', end: '2024-03-10' },
        ...{ liquidate: 'last-close', financing: 'interest:0.1', cash: 1_000 },
      });
      return financing.toNumber();
    };
    // Bought on Friday and closed at Friday's close; a weekend's interest falls on Saturday and Sunday, which are rows of the coin's.
    expect(await interest(['SHARE'])).toBe(0);
    expect(await interest(['SHARE', 'COIN'])).toBeGreaterThan(0);
  });

  it('have weeks by the label of the venue that closes last, and `start` and `end` count by it', async () => {
    const week = (calendar: string, symbol: string, labels: readonly string[]): GroupDraft => ({
      calendar,
      frequency: '1w',
      times: Float64Array.from(labels, (label) => Date.parse(label)),
      assets: [assetDraft(symbol, walk(labels.length, 1))],
    });
    const bundle = await open({
      groups: [
        week('XNYS', 'SHARE', ['2024-01-05', '2024-01-12', '2024-01-19']),
        week('24/7', 'COIN', ['2024-01-07', '2024-01-14', '2024-01-21']),
      ],
      ...{ splits: [], dividends: [] },
    });
    const weeks = async (options: object): Promise<string[]> => {
      const { times } = await backtest(defineStrategy({ parameters: {}, handleData() {} }), { bundle, ...options });
      return [...times].map((time) => new Date(time).toISOString().slice(0, 10));
    };
    expect(await weeks({ end: '2024-01-12', symbols: ['SHARE'] })).toEqual(['2024-01-05', '2024-01-12']);
    expect(await weeks({ end: '2024-01-12' })).toEqual(['2024-01-07']);
    expect(await weeks({ start: '2024-01-13', symbols: ['SHARE'] })).toEqual(['2024-01-19']);
    expect(await weeks({ start: '2024-01-13' })).toEqual(['2024-01-14', '2024-01-21']);
  });

  it('stay with an asset that has ended before, as without the others', async () => {
    const draft = mixed();
    const [share, coin] = draft.groups as [GroupDraft, GroupDraft];
    const short = {
      ...share,
      assets: [assetDraft('SHARE', walk(10, 1)), assetDraft('OTHER', walk(sessions.length, 5))],
    };
    const bundle = await open({ ...draft, groups: [short, coin] });
    const holding = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => assets,
      handleData({ state: assets, order, portfolio }) {
        for (const asset of assets) if (portfolio.position(asset).isFlat) order(asset, 1);
      },
    });
    const { fills } = await backtest(holding, { bundle, liquidate: 'last-close' });
    expect(fills.map(({ asset, quantity }) => `${asset.symbol} ${quantity}`).toSorted()).toEqual(
      ['COIN -1', 'COIN 1', 'OTHER -1', 'OTHER 1', 'SHARE 1'].toSorted(),
    );
  });

  it('are not filled at a close that has passed', async () => {
    await expect(backtest(crossing, { bundle: await open(mixed()), fill: 'same-close' })).rejects.toThrowError(
      /Fill 'same-close' needs one calendar, and the symbols have .* and /,
    );
  });

  it('make no feed, which has one calendar', async () => {
    const bundle = await open(mixed());
    expect(() => new RecordedFeed(bundle)).toThrowError(/A feed has one calendar, and these symbols have .* and /);
    expect(new RecordedFeed(bundle, { symbols: ['SHARE'] }).calendar).toBe('XNYS');
  });

  it('are scheduled by the sessions of all calendars', async () => {
    const bundle = await open(mixed());
    const ran: string[] = [];
    const strategy = defineStrategy({
      parameters: {},
      initialize({ schedule }) {
        schedule(monthStart(), afterOpen(1), ({ now }) => void ran.push(new Date(now).toISOString().slice(0, 10)));
      },
    });
    await backtest(strategy, { bundle });
    // Known when the coin's day is over: the first of each month, though no share trades on a Saturday.
    expect(ran).toEqual(['2024-02-02', '2024-03-02']);
  });

  it('have as many bars a year as there are, also where one of them begins years later', async () => {
    const late = await open({
      ...mixed(),
      groups: mixed().groups.map((group) =>
        group.calendar === 'XNYS'
          ? group
          : { ...group, times: group.times.slice(50), assets: [assetDraft('COIN', walk(group.times.length - 50, 2))] },
      ),
    });
    const own = await backtest(crossing, { bundle: late });
    const days = (own.times[own.times.length - 1]! - own.times[0]!) / 86_400_000;
    const told = await backtest(crossing, { bundle: late, annualization: ((own.times.length - 1) * 365.25) / days });
    expect(own.metrics.sharpe).toBe(told.metrics.sharpe);
    const all = await backtest(crossing, { bundle: await open(mixed()) });
    const bySevenDays = await backtest(crossing, { bundle: await open(mixed()), annualization: 365.25 });
    expect(all.metrics.sharpe).toBe(bySevenDays.metrics.sharpe);
  });

  it('keep splits and dividends at their own bars, and a benchmark of either', async () => {
    const draft = mixed({ priceDecimals: 2 });
    const split = Date.parse('2024-02-05');
    const bundle = await open({
      ...draft,
      splits: [{ symbol: 'SHARE', exDate: split, ratio: '2' }],
      dividends: [{ symbol: 'SHARE', exDate: split + 7 * 86_400_000, amount: '0.50' }],
    });
    const units: number[] = [];
    const holding = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => ({ share: assets.find(({ symbol }) => symbol === 'SHARE')! }),
      handleData({ state: { share }, order, portfolio }) {
        const held = portfolio.position(share).quantity;
        if (held === 0) order(share, 10);
        else if (units.at(-1) !== held) units.push(held);
      },
    });
    const both = await backtest(holding, { bundle, benchmark: 'COIN' });
    const alone = await backtest(holding, { bundle, symbols: ['SHARE'], benchmark: 'SHARE' });
    expect(units).toEqual([10, 20, 10, 20]);
    expect(both.endingEquity.toString()).toBe(alone.endingEquity.toString());
    expect(both.statistics().beta).toBeTypeOf('number');
  });

  describe('that none of them trades on, as a benchmark', () => {
    const closesOf = (bundle: Bundle, symbol: string, splitAt?: number): [number, number][] => {
      const group = bundle.groups.find(({ listings }) => listings[0]!.asset.symbol === symbol)!;
      const closes = group.listings[0]!.column('close');
      return Array.from(closes as Float64Array, (close, row) => [
        group.closes[row]!,
        group.times[row]! < (splitAt ?? 0) ? close / 2 : close,
      ]);
    };

    it.each([
      ['SHARE', 'COIN'],
      ['COIN', 'SHARE'],
    ])('is compared with as of each bar: %s with %s', async (traded, compared) => {
      const split = Date.parse('2024-02-05');
      const draft = mixed({ priceDecimals: 4 });
      const bundle = await open({ ...draft, splits: [{ symbol: compared, exDate: split, ratio: '2' }] });
      const holding = defineStrategy({
        parameters: {},
        initialize: ({ asset }) => ({ asset }),
        handleData({ state: { asset }, order, portfolio }) {
          if (portfolio.position(asset).isFlat) order(asset, 10);
        },
      });
      const start = '2024-01-09';
      const result = await backtest(holding, { bundle, symbols: [traded], benchmark: compared, start });
      const own = closesOf(bundle, traded).filter(([instant]) => instant > Date.parse(start));
      const known = closesOf(bundle, compared, split);
      // The last close that is known when the bar is: of a coin the evening before, of a share over a weekend Friday's.
      const asOf = own.map(([now]) => known.findLast(([instant]) => instant <= now)![1]);
      expect(result.statistics().benchmarkReturn).toBeCloseTo(asOf.at(-1)! / asOf[0]! - 1, 12);
      const returns = (values: ArrayLike<number>) =>
        Float64Array.from({ length: values.length - 1 }, (_, row) => values[row + 1]! / values[row]! - 1);
      const { beta } = alphaBeta(returns(result.equity), returns(asOf), 252);
      expect(result.statistics().beta).toBeCloseTo(beta!, 12);
    });

    it('is refused where it begins later or has ended, and not for a weekend', async () => {
      const draft = mixed();
      const [share, coin] = draft.groups as [GroupDraft, GroupDraft];
      const run = async (cut: (group: GroupDraft) => GroupDraft, symbol: string, benchmark: string) =>
        backtest(crossing, {
          bundle: await open({ ...draft, groups: benchmark === 'COIN' ? [share, cut(coin)] : [cut(share), coin] }),
          ...{ symbols: [symbol], benchmark },
        });
      const part = (from: number, to: number) => (group: GroupDraft) => ({
        ...group,
        times: group.times.slice(from, to),
        assets: [assetDraft(group.assets[0]!.symbol, walk(group.times.slice(from, to).length, 1))],
      });
      for (const [symbol, benchmark] of [
        ['SHARE', 'COIN'],
        ['COIN', 'SHARE'],
      ] as const) {
        await expect(run(part(3, 1_000), symbol, benchmark)).rejects.toThrowError(/Benchmark '.*' has no bars on some/);
        await expect(run(part(0, -5), symbol, benchmark)).rejects.toThrowError(/Benchmark '.*' has no bars on some/);
      }
      // The last day is a Sunday, and the first bar of the coin is over after that of the share.
      for (const [symbol, benchmark] of [
        ['SHARE', 'COIN'],
        ['COIN', 'SHARE'],
      ] as const) {
        const { beta } = (await run((group) => group, symbol, benchmark)).statistics();
        expect(beta).toBeTypeOf('number');
      }
    });

    it('is there on longer bars that a part of a search is made on', async () => {
      const bundle = await open(mixed());
      const view = viewOf(bundle, { symbols: ['SHARE'] });
      const weeks = longerView(view, '1w', 'COIN');
      const [week, all] = [weeks.group, benchmarkCloses(weeks, 'COIN')];
      const days = closesOf(bundle, 'COIN');
      // A week of the share is known on Friday, that of the coin on Sunday: the last one before, and on the first Friday what the coin opened at.
      const sundays = days.filter(([instant]) => new Date(instant).getUTCDay() === 1);
      const opening = bundle.groups.find(({ calendar }) => calendar === '24/7')!.listings[0]!.column('open')[0];
      expect(Array.from(all)).toEqual(
        Array.from(
          week.closes.slice(weeks.from, weeks.to) as Float64Array,
          (now) => sundays.findLast(([instant]) => instant <= now)?.[1] ?? opening,
        ),
      );
      expect(all[0]).toBe(opening);
    });
  });
});
