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
