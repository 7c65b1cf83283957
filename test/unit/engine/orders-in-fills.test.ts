import { expect, it } from 'vitest';
import { backtest, defineStrategy, type OrderOptions } from '../../../src/index.js';
import { fillsOf, tinyBundle } from '../../helpers/tiny-market.js';

/** Buys one at the opening of row 1, and gives an order when it is told of that. */
const strategyWith = (units: number, options: object) =>
  defineStrategy({
    parameters: {},
    initialize: ({ asset }) => ({ asset, given: false }),
    handleData({ state, order }) {
      if (!state.given) order(state.asset, 1);
      state.given = true;
    },
    onFill({ state, order }, { quantity, order: { tag } }) {
      if (quantity === 1 && tag === undefined) order(state.asset, units, { ...options, tag: 'told' } as OrderOptions);
    },
  });

const market = { assets: { A: '100 100>101:98-103 102>101:99-104 101 101' } };

it.each<[string, number, object, readonly string[]]>([
  // Each of them would have met the bar on which it was given, at a price beyond all that traded.
  ['a buy stop below the market fills at the next opening', 5, { stop: 20 }, ['2 A 5 @ 102']],
  ['a sell stop above it, too', -1, { stop: 150 }, ['2 A -1 @ 102']],
  ['a buy limit above it, too', 5, { limit: 500 }, ['2 A 5 @ 102']],
  ['a sell limit below it, too', -1, { limit: 50 }, ['2 A -1 @ 102']],
  ['a limit within the bar waits for the next one that reaches it', 5, { limit: 98.5 }, []],
  ['a stop within the bar likewise', -1, { stop: 99.5 }, ['3 A -1 @ 99.5']],
])('an order that is given in onFill does not fill on that bar: %s', async (_name, units, options, expected) => {
  for (const intrabar of ['pessimistic', 'optimistic'] as const) {
    const bundle = await tinyBundle(market);
    const result = await backtest(strategyWith(units, options), { bundle, intrabar });
    expect(fillsOf(result).slice(1)).toEqual(expected);
  }
});

/** Rests a limit order on row 0, which fills at the opening of row 1, and gives a market order when it is told of that. */
const marketOrderOnceFilled = (give: 'onFill' | 'onOrder') =>
  defineStrategy({
    parameters: {},
    initialize: ({ assets }) => ({ assets, given: false }),
    handleData({ state, order }) {
      if (state.given) return;
      state.given = true;
      for (const asset of state.assets) order(asset, 1, { limit: 105, tag: 'resting' });
      // What waits for its price is cancelled once the other has filled: that is told in onOrder.
      order.oneCancelsOther(order(state.assets[0]!, 3, { limit: 105 }), order(state.assets[0]!, 2, { limit: 50 }));
    },
    onFill({ order }, { asset, order: { tag } }) {
      if (give === 'onFill' && tag === 'resting') order(asset, 7);
    },
    onOrder({ order, state }, { status }) {
      if (give === 'onOrder' && status === 'cancelled') for (const asset of state.assets) order(asset, 7);
    },
  });

it.each([
  ['onFill', 'A'],
  ['onOrder', 'A'],
  ['onFill', 'A B'],
  ['onOrder', 'A B'],
] as const)('a market order given in %s at an opening waits for the next bar: %s', async (give, symbols) => {
  const of = symbols.split(' ');
  const bundle = await tinyBundle({
    assets: Object.fromEntries(of.map((symbol) => [symbol, '110 100>101 102>103 104'])),
  });
  const filledAt = async (fill: 'next-open' | 'next-close' | 'same-close') => {
    const { fills } = await backtest(marketOrderOnceFilled(give), { bundle, fill });
    return fills.filter(({ quantity }) => quantity === 7).map(({ asset, price }) => `${asset.symbol} ${price}`);
  };
  expect(await filledAt('next-open')).toEqual(of.map((symbol) => `${symbol} 102`));
  expect(await filledAt('next-close')).toEqual(of.map((symbol) => `${symbol} 103`));
  // Such a run fills orders at the close of the bar on which they are given.
  expect(await filledAt('same-close')).toEqual(of.map((symbol) => `${symbol} 101`));
});
