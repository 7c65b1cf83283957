import { describe, expect, it } from 'vitest';
import { LookaheadError } from '../../../src/core/errors.js';
import type { Bundle } from '../../../src/data/bundle.js';
import type { BarData, Context } from '../../../src/engine/strategy.js';
import { ema, highest, rsi, type Series, sma, standardDeviation } from '../../../src/indicators/index.js';
import { cutAfter, type RandomMarket, tinyOf } from '../../helpers/random-market.js';
import { runOn, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: RandomMarket = {
  length: 12,
  assets: [
    {
      symbol: 'A',
      first: 0,
      bars: [
        [41_000, 41_500],
        [41_600, 42_000],
        [42_000, 40_100],
        null,
        [20_500, 20_000],
        [20_100, 21_000],
        [21_200, 21_900],
        [21_800, 22_400],
        null,
        null,
        [22_000, 23_000],
        [23_100, 22_700],
      ],
    },
    {
      symbol: 'B',
      first: 2,
      bars: [[30_000, 30_300], [30_100, 30_900], [31_000, 30_700], null, [30_500, 31_500], [31_000, 31_700]],
    },
  ],
  splits: [{ symbol: 'A', row: 3, ratio: '2' }],
  dividends: [
    { symbol: 'A', row: 6, cents: 20, payRow: 9 },
    { symbol: 'B', row: 4, cents: 10, payRow: undefined },
  ],
};

const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** What each accessor gives at each bar, by its name. */
type Sights = Map<string, unknown>[];

function sightsOf(bundle: Bundle): Sights {
  const sights: Sights = [];
  runOn(bundle, {
    warmUp: () => 1,
    initialize({ assets, series, indicator, portfolio }) {
      const readings = new Map<string, Series>();
      for (const asset of assets) {
        for (const field of FIELDS) readings.set(`${asset.symbol} ${field}`, series(asset, field));
        const close = readings.get(`${asset.symbol} close`)!;
        const recipes = [sma(2), ema(3), rsi(2), highest(3), standardDeviation(3)] as unknown as ReturnType<
          typeof sma
        >[];
        for (const recipe of recipes) {
          readings.set(`${asset.symbol} ${recipe.name}`, indicator(recipe, asset));
          readings.set(`${asset.symbol} ${recipe.name} of close`, indicator(recipe, [close]));
        }
        readings.set(`${asset.symbol} mean of mean`, indicator(sma(2), [indicator(sma(3), asset)]));
      }
      return { readings, positions: assets.map((asset) => portfolio.position(asset)) };
    },
    beforeTradingStart: (context, data) => void sights.push(look(context, data, 'before')),
    handleData(context, data) {
      sights.push(look(context, data, 'bar'));
      if (context.portfolio.held().length < 2) for (const asset of context.assets) context.order(asset, 3);
    },
  });
  return sights;
}

interface State {
  readonly readings: ReadonlyMap<string, Series>;
  readonly positions: readonly { readonly quantity: number; readonly value: number; readonly averagePrice: number }[];
}

function look(context: Context<unknown>, data: BarData, when: string): Map<string, unknown> {
  const { assets, portfolio, session, now } = context;
  const state = context.state as State;
  const seen = new Map<string, unknown>([
    ['when', when],
    ['now', now],
    ['session', [session.minutesSinceOpen, session.minutesToClose]],
    ['cash', portfolio.cash],
    ['value', portfolio.value],
    ['leverage', portfolio.leverage],
    ['exact', portfolio.exact.cash.toString()],
    ['positions', state.positions.map(({ quantity, value, averagePrice }) => [quantity, value, averagePrice])],
    ['open', context.order.open().map(({ id, quantity }) => [id, quantity])],
    ['frame', [...data.history(assets, [...FIELDS], 5).times]],
  ]);
  for (const asset of assets) {
    const { symbol } = asset;
    seen.set(`${symbol} tradable`, [data.canTrade(asset), data.isStale(asset)]);
    for (const field of FIELDS) {
      seen.set(`${symbol} data.${field}`, [data[field](asset), data.current(asset, field)]);
      for (const count of [1, 2, 3, 15]) {
        const array = data.history(asset, field, count, '1d', { returnType: 'array' });
        seen.set(`${symbol} history ${field} ${count}`, [...array]);
        const view = data.history(asset, field, count, '1d', { returnType: 'array', view: true });
        expect([...view]).toEqual([...array]);
        expect([...data.history(asset, field, count).column(asset, field)]).toEqual([...array]);
      }
    }
  }
  for (const [name, reading] of state.readings) {
    seen.set(name, [reading.value, reading.ready, ...[0, 1, 2, 3, 5, 20].map((bars) => reading.ago(bars))]);
  }
  return seen;
}

describe('every accessor at every bar', () => {
  it('gives what it gives when nothing later exists', async () => {
    const whole = sightsOf(await tinyBundle(tinyOf(MARKET)));
    expect(whole).toHaveLength(24);
    for (const row of [2, 4, 5, 6, 7, 10, 11]) {
      const cut = sightsOf(await tinyBundle(tinyOf(cutAfter(MARKET, row))));
      for (const [at, seen] of cut.entries()) {
        expect(Object.fromEntries(seen), `bar ${row}, look ${at}`).toEqual(Object.fromEntries(whole[at]!));
      }
      expect(cut).toHaveLength(2 * (row + 1));
    }
  });

  it('gives the same from mapped, shared and copied memory', async () => {
    const copied = sightsOf(await tinyBundle(tinyOf(MARKET), 'copied'));
    expect(sightsOf(await tinyBundle(tinyOf(MARKET), 'shared'))).toEqual(copied);
    expect(sightsOf(await tinyBundle(tinyOf(MARKET), 'mapped'))).toEqual(copied);
  });
});

describe('who asks for tomorrow', () => {
  const asking = async (
    ask: (context: Context<{ readonly close: Series; readonly mean: Series }>, data: BarData) => unknown,
  ) => {
    const bundle = await tinyBundle(tinyOf(MARKET));
    return runOn(bundle, {
      initialize: ({ asset, series, indicator }) => ({ close: series(asset, 'close'), mean: indicator(sma(2), asset) }),
      handleData: (context, data) => void ask(context, data),
    });
  };

  it.each<[string, Parameters<typeof asking>[0]]>([
    ['a series', ({ state }) => state.close.ago(-1)],
    ['an indicator', ({ state }) => state.mean.ago(-1)],
    ['less than a bar ahead', ({ state }) => state.mean.ago(-0.5)],
    ['a window', ({ asset }, data) => data.history(asset, 'close', -1, '1d', { returnType: 'array' })],
    ['a view', ({ asset }, data) => data.history(asset, 'close', -3, '1d', { returnType: 'array', view: true })],
    ['a frame', ({ asset }, data) => data.history([asset], ['close'], -1)],
  ])('of %s is told so, with the place', async (_name, ask) => {
    const failure = await asking(ask).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LookaheadError);
    expect(failure).toMatchObject({ code: 'LOOKAHEAD', exitCode: 1 });
    expect((failure as Error).message).toMatch(
      /^The strategy failed in handleData at 2020-01-02T00:00:00Z \(bar 1, A, B\): /,
    );
  });

  it.each<[string, Parameters<typeof asking>[0], string]>([
    ['half a bar ago', ({ state }) => state.close.ago(0.5), 'INVALID_ARGUMENT'],
    ['NaN bars ago', ({ state }) => state.mean.ago(Number.NaN), 'INVALID_ARGUMENT'],
    ['no bars', ({ asset }, data) => data.history(asset, 'close', 0, '1d', { returnType: 'array' }), 'HISTORY_COUNT'],
    ['a field that is none', ({ asset }, data) => data.current(asset, 'closing'), 'FIELD_UNKNOWN'],
    [
      'another frequency',
      ({ asset }, data) => data.history(asset, 'close', 2, '1h', { returnType: 'array' }),
      'UNSUPPORTED_FREQUENCY',
    ],
    ['an asset of nowhere', (_context, data) => data.close({ symbol: 'Z', sid: 9 } as never), 'UNKNOWN_ASSET'],
    [
      'a column left out',
      ({ assets }, data) => data.history(assets[0]!, 'close', 2).column(assets[1]!, 'close'),
      'UNKNOWN_COLUMN',
    ],
  ])('who asks for %s is told so', async (_name, ask, code) => {
    await expect(asking(ask)).rejects.toMatchObject({ code });
  });

  it.each<[string, (setup: never) => unknown, string]>([
    [
      'series of another frequency',
      ({ series, asset }: never) => (series as never as CallableFunction)(asset, 'close', '1h'),
      'UNSUPPORTED_FREQUENCY',
    ],
    [
      'series of an asset of nowhere',
      ({ series }: never) => (series as never as CallableFunction)({ sid: 9, symbol: 'Z' }, 'close'),
      'UNKNOWN_ASSET',
    ],
    [
      'indicator over too few series',
      ({ indicator }: never) => (indicator as never as CallableFunction)(sma(2), []),
      'INVALID_ARGUMENT',
    ],
    [
      'indicator over something else',
      ({ indicator }: never) => (indicator as never as CallableFunction)(sma(2), [{ value: 3 }]),
      'INVALID_ARGUMENT',
    ],
    [
      'indicator of a length that is none',
      ({ indicator, asset }: never) => (indicator as never as CallableFunction)(sma(0), asset),
      'INVALID_ARGUMENT',
    ],
    ['symbol that is none', ({ symbol }: never) => (symbol as never as CallableFunction)('Z'), 'UNKNOWN_SYMBOL'],
  ])('%s is refused in initialize', async (_name, declare, code) => {
    const bundle = await tinyBundle(tinyOf(MARKET));
    expect(() =>
      runOn(bundle, { initialize: (setup: never) => void declare(setup), handleData() {} } as never),
    ).toThrowError(expect.objectContaining({ code, message: expect.stringContaining('initialize at 2020-01-01') }));
  });

  it('and nothing is declared later', async () => {
    const bundle = await tinyBundle(tinyOf(MARKET));
    expect(() =>
      runOn(bundle, {
        initialize: (setup) => ({ setup }),
        handleData: ({ state: { setup } }) => void setup.series(setup.asset, 'close'),
      }),
    ).toThrowError(/series\(\) belongs into initialize/);
  });

  it('reads nothing while it still declares', async () => {
    const seen: unknown[] = [];
    runOn(await tinyBundle(tinyOf(MARKET)), {
      initialize({ asset, series, indicator }) {
        const close = series(asset, 'close');
        const mean = indicator(sma(2), [close]);
        seen.push(close.value, close.ready, close.ago(0), close.ago(3), mean.value, mean.ready);
      },
      handleData() {},
    });
    expect(seen).toEqual([Number.NaN, false, Number.NaN, Number.NaN, Number.NaN, false]);
  });
});

/** Everything that can be reached from an object by names alone, as untyped JavaScript can. */
function reachable(start: unknown, found = new Set<object>()): ReadonlySet<object> {
  if ((typeof start !== 'object' && typeof start !== 'function') || start === null || found.has(start)) return found;
  found.add(start);
  if (ArrayBuffer.isView(start)) return found;
  for (const key of Reflect.ownKeys(start)) {
    const property = Object.getOwnPropertyDescriptor(start, key)!;
    reachable(property.value, found);
  }
  return found;
}

describe('what a handler is given', () => {
  it('leads to no column, clock or bundle by any name, whether or not the compiler would allow it', async () => {
    const bundle = await tinyBundle(tinyOf(MARKET));
    const walked: (readonly object[])[] = [];
    runOn(bundle, {
      warmUp: () => 1,
      initialize: ({ assets, series, indicator, portfolio }) => ({
        readings: assets.map((asset) => [series(asset, 'close'), indicator(sma(2), asset)]),
        positions: assets.map((asset) => portfolio.position(asset)),
        portfolio,
      }),
      handleData: (context, data) => void walked.push([...reachable([context, context.state, data])]),
    });
    expect(walked.length).toBeGreaterThan(5);
    for (const objects of walked) {
      expect(objects.length).toBeGreaterThan(20);
      expect(objects.filter((object) => ArrayBuffer.isView(object) || object === bundle)).toEqual([]);
      expect(objects.filter((object) => 'row' in object || 'listings' in object || 'column' in object)).toEqual([]);
    }
  });
});
