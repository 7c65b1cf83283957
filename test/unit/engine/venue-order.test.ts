import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import type { AssetDraft, BundleDraft, GroupDraft } from '../../../src/data/draft.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import {
  type BacktestResult,
  backtest,
  defineStrategy,
  type OrderOptions,
  type RunOptions,
} from '../../../src/index.js';
import { getCalendar } from '../../../src/market/calendars.js';
import { assetDraft } from '../../helpers/bundle-draft.js';
import { randomProgram } from '../../helpers/random-orders.js';
import { walk } from '../../helpers/walk-market.js';

const FROM = '2024-01-02';
const TO = '2024-01-24';

/** A group of daily bars of every session of a calendar. */
function group(calendar: string, assets: readonly ((bars: number) => AssetDraft)[], to = TO): GroupDraft {
  const times = getCalendar(calendar).sessions(Date.parse(FROM), Date.parse(to)).labels;
  return { calendar, frequency: '1d', times, assets: assets.map((of) => of(times.length)) };
}

const flat =
  (symbol: string, price: number, more: Partial<AssetDraft> = {}) =>
  (bars: number): AssetDraft =>
    assetDraft(
      symbol,
      Array.from({ length: bars }, () => price),
      more,
    );

const draft = (...groups: GroupDraft[]): BundleDraft => ({ groups, splits: [], dividends: [] });

async function open(of: BundleDraft): Promise<Bundle> {
  const bundle = await bundleFromColumns(of, { name: 'venues' });
  onTestFinished(() => bundle[Symbol.dispose]());
  return bundle;
}

const list = ({ fills }: BacktestResult): string[] =>
  fills.map(({ asset, time, quantity }) => `${asset.symbol} ${quantity} ${new Date(time).toISOString().slice(0, 16)}`);

describe('orders of venues that open at different moments', () => {
  it('are filled in the order of their openings: a sale of the afternoon pays for no purchase of the night', async () => {
    // Tokyo opens at 0:00 UTC, New York at 14:30.
    const bundle = await open(draft(group('XTKS', [flat('TOKYO', 100.25)]), group('XNYS', [flat('YORK', 100.25)])));
    const strategy = (first: string, second: string) =>
      defineStrategy({
        parameters: {},
        initialize: ({ assets }) => new Map(assets.map((asset) => [asset.symbol, asset])),
        handleData({ state: assets, order, now }) {
          const day = new Date(now).toISOString().slice(0, 10);
          if (day === '2024-01-10') order(assets.get(first)!, 10);
          if (day !== '2024-01-16') return;
          order.target(assets.get(first)!, 0);
          order(assets.get(second)!, 10);
        },
      });
    const run = (first: string, second: string) =>
      backtest(strategy(first, second), { bundle, cash: 1_000, unaffordable: 'reject' });
    // All cash is in New York: what it brings in the afternoon comes too late for Tokyo.
    expect(list(await run('YORK', 'TOKYO'))).toEqual(['YORK 10 2024-01-11T14:30', 'YORK -10 2024-01-17T14:30']);
    expect(list(await run('TOKYO', 'YORK'))).toEqual([
      'TOKYO 10 2024-01-11T00:00',
      'TOKYO -10 2024-01-17T00:00',
      'YORK 10 2024-01-17T14:30',
    ]);
  });

  it('cancel their partners in the order of their openings, not of their submission', async () => {
    const bundle = await open(draft(group('XTKS', [flat('TOKYO', 100.25)]), group('XNYS', [flat('YORK', 100.25)])));
    const pairs = ([first, second]: readonly [string, string]) =>
      defineStrategy({
        parameters: {},
        initialize: ({ assets }) => new Map(assets.map((asset) => [asset.symbol, asset])),
        handleData({ state: assets, order, now }) {
          if (new Date(now).toISOString().slice(0, 10) !== '2024-01-10') return;
          order.oneCancelsOther(order(assets.get(first)!, 1), order(assets.get(second)!, 1));
        },
      });
    for (const symbols of [
      ['TOKYO', 'YORK'],
      ['YORK', 'TOKYO'],
    ] as const)
      expect(list(await backtest(pairs(symbols), { bundle }))).toEqual(['TOKYO 1 2024-01-11T00:00']);
  });

  it('are over where their venue has closed: a limit of the night goes before an opening of the afternoon', async () => {
    const bundle = await open(draft(group('XTKS', [flat('TOKYO', 100.25)]), group('XNYS', [flat('YORK', 100.25)])));
    const strategy = (tokyo: number) =>
      defineStrategy({
        parameters: {},
        initialize: ({ assets }) => new Map(assets.map((asset) => [asset.symbol, asset])),
        handleData({ state: assets, order, now }) {
          const day = new Date(now).toISOString().slice(0, 10);
          const sold = assets.get(tokyo > 0 ? 'YORK' : 'TOKYO')!;
          if (day === '2024-01-10') order(sold, 10);
          if (day !== '2024-01-16') return;
          order(assets.get('YORK')!, -tokyo);
          // Within the bar of Tokyo, which closes at 6:00.
          order(assets.get('TOKYO')!, tokyo, { limit: tokyo > 0 ? 99.9 : 100.5 });
        },
      });
    const run = (tokyo: number) => backtest(strategy(tokyo), { bundle, cash: 1_000, unaffordable: 'reject' });
    // The purchase of the night meets an account without cash, though New York sells in the afternoon.
    expect(list(await run(10))).toEqual(['YORK 10 2024-01-11T14:30', 'YORK -10 2024-01-17T14:30']);
    // The sale of the night pays for the purchase of the afternoon.
    expect(list(await run(-10))).toEqual([
      'TOKYO 10 2024-01-11T00:00',
      'TOKYO -10 2024-01-17T06:00',
      'YORK 10 2024-01-17T14:30',
    ]);
  });

  it('are held against the closes that are known: margin in the morning knows no close of the evening', async () => {
    // New York rises tenfold on the 17th; Tokyo's purchase of that night cannot know, New York's own of the day after can.
    const rising = (bars: number): AssetDraft => {
      const labels = getCalendar('XNYS').sessions(Date.parse(FROM), Date.parse(TO)).labels;
      return assetDraft(
        'YORK',
        Array.from({ length: bars }, (_, row) => (labels[row]! >= Date.parse('2024-01-17') ? 1002.5 : 100.25)),
      );
    };
    const bundle = await open(draft(group('XTKS', [flat('TOKYO', 100.25)]), group('XNYS', [rising])));
    const strategy = (on: 'open' | 'close') =>
      defineStrategy({
        parameters: {},
        initialize: ({ assets }) => new Map(assets.map((asset) => [asset.symbol, asset])),
        handleData({ state: assets, order, now }) {
          const day = new Date(now).toISOString().slice(0, 10);
          if (day === '2024-01-10') order(assets.get('YORK')!, 10);
          if (day === '2024-01-16' || day === '2024-01-17') order(assets.get('TOKYO')!, 60, { on });
        },
      });
    const run = (on: 'open' | 'close') =>
      backtest(strategy(on), { bundle, cash: 2_000, account: 'margin', unaffordable: 'reject' });
    expect(list(await run('open'))).toEqual(['YORK 10 2024-01-11T14:30', 'TOKYO 60 2024-01-18T00:00']);
    expect(list(await run('close'))).toEqual(['YORK 10 2024-01-11T14:30', 'TOKYO 60 2024-01-18T06:00']);
  });

  const venues = (seed: number): BundleDraft => {
    const random = (symbol: string, more: number) => (bars: number) => assetDraft(symbol, walk(bars, seed + more));
    return draft(
      group('XTKS', [random('TOKYO', 1)]),
      group('XLON', [random('LONDON', 2)]),
      group('XNYS', [random('YORK', 3), random('OTHER', 4)]),
      group('24/7', [random('COIN', 5)]),
    );
  };

  const rules = fc.record({
    fill: fc.constantFrom('next-open', 'next-close'),
    intrabar: fc.constantFrom('pessimistic', 'optimistic', 'close'),
    account: fc.constantFrom('cash', 'margin:leverage=4,maintenance=0.2'),
    unaffordable: fc.constantFrom('trim', 'reject'),
    commission: fc.constantFrom('none', 'percent:0.001'),
    exitsFrom: fc.constantFrom('entry-bar', 'next-bar'),
    timeInForce: fc.constantFrom('gtc', 'day'),
    delay: fc.constantFrom(0, 0, 1),
  }) as fc.Arbitrary<RunOptions>;

  it('come in the order of time, whatever is asked for, and cash is never below zero', async () => {
    let filled = 0;
    const markets = await Promise.all(Array.from({ length: 20 }, (_, seed) => open(venues(seed))));
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), rules, async (seed, options) => {
        const bundle = markets[seed % markets.length]!;
        const strategy = defineStrategy({ parameters: {}, ...randomProgram().handlers });
        const { fills } = await backtest(strategy, { bundle, cash: 20_000, seed, ...options });
        filled += fills.length;
        let cash = 20_000;
        for (const [index, { time, exact }] of fills.entries()) {
          if (index > 0) expect(time).toBeGreaterThanOrEqual(fills[index - 1]!.time);
          cash -= exact.quantity.times(exact.price).plus(exact.fee).toNumber();
          if (options.account === 'cash') expect(cash).toBeGreaterThan(-1e-6);
        }
      }),
      { numRuns: 1_000 },
    );
    expect(filled).toBeGreaterThan(10_000);
  });

  it('close what is held at the end of a run in the order of time, not of symbols', async () => {
    const markets = await Promise.all(Array.from({ length: 20 }, (_, seed) => open(venues(seed))));
    const buying = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => assets,
      handleData({ state: assets, order, random }, data) {
        const asset = assets[Math.floor(random() * assets.length)]!;
        if (data.canTrade(asset)) order(asset, 1, { limit: data.current(asset, 'close') + random() - 0.5 });
      },
    });
    const endings = fc.record({
      end: fc.integer({ min: 8, max: 24 }).map((day) => `2024-01-${String(day).padStart(2, '0')}`),
      symbols: fc.shuffledSubarray(['TOKYO', 'LONDON', 'YORK', 'OTHER', 'COIN'], { minLength: 2 }),
      liquidate: fc.constantFrom('last-open', 'last-close'),
    }) as fc.Arbitrary<{ end: string; symbols: string[]; liquidate: 'last-open' | 'last-close' }>;
    let closed = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), endings, async (seed, options) => {
        const { fills } = await backtest(buying, { bundle: markets[seed % markets.length]!, seed, ...options });
        const closings = fills.filter(({ quantity }) => quantity < 0).map(({ time }) => time);
        expect(closings).toEqual(closings.toSorted((a, b) => a - b));
        closed += closings.length;
      }),
      { numRuns: 1_000 },
    );
    expect(closed).toBeGreaterThan(2_000);
  });

  it('are filled as on one axis where all venues open and close together', async () => {
    const weekdays = getCalendar('24/5').sessions(Date.parse(FROM), Date.parse(TO)).labels;
    const markets = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => {
        const of = (symbol: string, more: number): AssetDraft =>
          assetDraft(symbol, walk(weekdays.length, seed + more), { lot: 1 });
        const axis = { frequency: '1d', times: weekdays } as const;
        const one = draft({ ...axis, calendar: '24/7', assets: [of('A', 1), of('B', 2)] });
        const two = draft(
          { ...axis, calendar: '24/5', assets: [of('A', 1)] },
          { ...axis, calendar: '24/7', assets: [of('B', 2)] },
        );
        return Promise.all([open(one), open(two)]);
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), rules, async (seed, options) => {
        const [one, two] = await Promise.all(
          markets[seed % markets.length]!.map((bundle) => {
            const strategy = defineStrategy({ parameters: {}, ...randomProgram().handlers });
            // Where orders share the volume of a bar, all of them go one way.
            return backtest(strategy, { bundle, cash: 20_000, seed, ...options, slippage: 'volume-share:1,0' });
          }),
        );
        expect(two!.orderStreamHash).toBe(one!.orderStreamHash);
        expect(two!.endingEquity.toString()).toBe(one!.endingEquity.toString());
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[RunOptions, OrderOptions, OrderOptions, string, string | undefined]>([
    // Of two orders there is cash for one: which of them fills on one calendar, and on two that open together.
    [{}, { limit: 101 }, {}, 'second', 'first'],
    [{}, {}, { limit: 101 }, 'first', 'first'],
    [{}, { on: 'open' }, {}, 'second', 'first'],
    [{ delay: 1 }, { limit: 101 }, {}, 'first', 'first'],
    [{ timeInForce: 'day' }, { limit: 101 }, {}, 'first', 'first'],
    [{ slippage: 'volume-share:1,0' }, { limit: 101 }, {}, 'first', 'first'],
    [{ fill: 'next-close' }, {}, { on: 'close' }, 'second', 'first'],
    [{ fill: 'next-close' }, { on: 'close' }, {}, 'first', 'first'],
    [{ fill: 'same-close' }, { on: 'close' }, {}, 'second', undefined],
  ])('of one moment, plain market orders among others: %j, %j before %j', async (options, given, next, one, two) => {
    const { labels } = getCalendar('24/5').sessions(Date.parse(FROM), Date.parse(TO));
    const axis = { frequency: '1d', times: labels } as const;
    const of = (symbol: string) => flat(symbol, 100.25)(labels.length);
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => ({ assets, isDone: false }),
      handleData({ state, order }) {
        if (state.isDone) return;
        state.isDone = true;
        order(state.assets[0]!, 9, given);
        order(state.assets[1]!, 9, next);
      },
    });
    const filled = async (...groups: GroupDraft[]) => {
      const bundle = await open(draft(...groups));
      const run = { bundle, symbols: ['first', 'second'], cash: 1_000, unaffordable: 'reject', ...options } as const;
      return (await backtest(strategy, run)).fills.map(({ asset }) => asset.symbol);
    };
    const [first, second] = [of('first'), of('second')];
    expect(await filled({ ...axis, calendar: '24/5', assets: [first, second] })).toEqual([one]);
    if (two === undefined) return;
    const apart = [
      { ...axis, calendar: '24/5', assets: [first] },
      { ...axis, calendar: '24/7', assets: [second] },
    ];
    expect(await filled(...apart)).toEqual([two]);
  });

  it('do on the bars of one venue what they do without the others: exits, lifetimes, margin, corporate actions', async () => {
    const symbol = 'SHARE';
    const dated = (date: string, more: object) => ({ symbol, exDate: Date.parse(date), ...more }) as never;
    const markets = await Promise.all(
      Array.from({ length: 20 }, (_, seed) => {
        // Every third ends before the others; events fall on days without a session, too.
        const share = (bars: number) => assetDraft(symbol, walk(bars - (seed % 3 === 0 ? 4 : 0), seed), { lot: 1 });
        const other = (more: string) => (bars: number) => assetDraft(more, walk(bars, seed + 1));
        const groups = [
          group('XNYS', [share, other('OTHER')], '2024-02-11'),
          group('24/7', [other('COIN')], '2024-02-11'),
        ];
        return open({
          groups,
          splits: [dated('2024-01-13', { ratio: '3/2' }), dated('2024-01-30', { ratio: '2' })],
          dividends: [dated('2024-01-20', { amount: '0.50', payDate: Date.parse('2024-01-28') })],
        });
      }),
    );
    const more = fc.record({
      liquidate: fc.constantFrom('never', 'last-open', 'last-close'),
      delisting: fc.constantFrom('hold', 'close'),
    }) as fc.Arbitrary<RunOptions>;
    let filled = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(1_000_000), rules, more, async (seed, given, ending) => {
        const bundle = markets[seed % markets.length]!;
        const over = async (symbols: readonly string[]) => {
          const { handlers } = randomProgram();
          const seen: number[] = [];
          const strategy = defineStrategy({
            parameters: {},
            initialize: ({ assets }) => ({ share: assets.find((asset) => asset.symbol === symbol)! }),
            handleData({ state: { share }, order, portfolio, random, now }, data) {
              if (Number.isNaN(data.current(share, 'close'))) return;
              handlers.handleData!({ order, portfolio, random, now, assets: [share] } as never, data, {});
              seen.push(portfolio.value, portfolio.buyingPower);
            },
          });
          const options = {
            bundle,
            symbols,
            cash: 20_000,
            seed,
            ...given,
            ...ending,
            slippage: 'volume-share:0.01,0.1',
          };
          const result = await backtest(strategy, options);
          const fills = result.fills.map(({ time, exact, tag }) => [
            time,
            tag,
            String(exact.quantity),
            String(exact.price),
          ]);
          const trips = result.roundTrips().map(({ profit, exitTime, mae }) => [String(profit), exitTime, mae]);
          return { fills, trips, seen, ending: String(result.endingEquity), orders: result.orders };
        };
        const alone = await over([symbol, 'OTHER']);
        filled += alone.fills.length;
        expect(await over([symbol, 'OTHER', 'COIN'])).toEqual(alone);
      }),
      { numRuns: 1_000 },
    );
    expect(filled).toBeGreaterThan(10_000);
  });
});
