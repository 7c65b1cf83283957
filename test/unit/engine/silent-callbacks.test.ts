import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FillRule } from '../../../src/engine/fill-rule.js';
import type { Context } from '../../../src/engine/strategy.js';
import { sma } from '../../../src/indicators/index.js';
import { defineIndicator } from '../../../src/indicators/indicator.js';
import { afterOpen, monthStart } from '../../../src/market/schedule-rules.js';
import { randomMarket, tinyOf } from '../../helpers/random-market.js';
import { fillsOf, openTiny, run, runOn } from '../../helpers/tiny-market.js';

/** Orders of all kinds at random. */
function orderAtRandom({ order, random, asset }: Context<unknown>): void {
  const near = (): number => Math.round(30_000 + random() * 30_000) / 100;
  const timeInForce = (['gtc', 'day', 'ioc', 'fok'] as const)[Math.floor(random() * 4)]!;
  switch (Math.floor(random() * 5)) {
    case 0:
      order(asset, 30, { limit: near(), timeInForce });
      break;
    case 1:
      order(asset, 20, { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.05 }, timeInForce });
      break;
    case 2:
      order.notional(asset, 'all');
      break;
    case 3:
      order.target(asset, 0);
      break;
    default:
      order(asset, -10, { stop: near() });
  }
}

it('does the same whether or not the strategy is told of it', async () => {
  let fills = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(),
      fc.constantFrom<FillRule>('next-open', 'next-close', 'same-close'),
      fc.constantFrom('none', 'volume-share:0.01,0.1', 'bps:5,limit=0.01'),
      fc.nat(1_000_000),
      async (market, fill, slippage, seed) => {
        using bundle = await openTiny(tinyOf(market));
        const options = { fill, slippage, seed, sleeves: 'equal', cash: 30_000 } as const;
        const { sleeves, ...rest } = options;
        const silent = runOn(bundle, { sleeves, handleData: orderAtRandom }, rest);
        const told = runOn(bundle, { sleeves, handleData: orderAtRandom, onFill: () => {}, onOrder: () => {} }, rest);
        expect(told.orderStreamHash).toBe(silent.orderStreamHash);
        expect([...told.equity]).toEqual([...silent.equity]);
        fills += told.fills.length;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(fills).toBeGreaterThan(2_000);
}, 240_000);

describe('an order that shares the volume of its bar', () => {
  it.each([
    ['next-open', ['1 A 10 @ 12']],
    ['next-close', ['2 A 10 @ 13']],
  ] as const)('waits for the bar that %s says, with callbacks too', async (fill, expected) => {
    const result = await run(
      { assets: { A: '10>11 12>13 14>15' } },
      {
        handleData({ order, asset }, data) {
          if (data.close(asset) === 11) order(asset, 10);
        },
        onFill: () => {},
      },
      { fill, slippage: 'bps:0,limit=0.5' },
    );
    expect(fillsOf(result)).toEqual(expected);
  });
});

describe('a strategy without handleData', () => {
  it('is called for margin on any bar, not on its scheduled ones alone', async () => {
    const result = await run(
      { assets: { A: '100 100 40 100 100 100' } },
      {
        initialize({ schedule, asset }) {
          schedule(monthStart(), afterOpen(), ({ order }) => void order(asset, 40));
        },
      },
      { cash: 1000, account: 'margin:leverage=4,maintenance=0.2' },
    );
    // Bought on the second bar for 4,000; worth 1,600 at the third close, with 3,000 owed.
    expect(fillsOf(result)).toEqual(['1 A 40 @ 100', '3 A -40 @ 100']);
  });
});

describe('an indicator over two assets', () => {
  const spread = defineIndicator({
    name: 'spread',
    inputs: ['close', 'close'],
    create: () => ({ warmUp: 1, step: (a: number, b: number) => a - b }),
  });

  it.each(['10 10 . .', '10 10 - -'])('is restated at a split of one while the other stands at %s', async (other) => {
    const seen: number[] = [];
    await run(
      { assets: { A: '40 40 40 20', B: other }, splits: [{ symbol: 'A', row: 3, ratio: '2' }] },
      {
        initialize: ({ symbol, series, indicator }) => {
          const difference = indicator(spread(), [series(symbol('A'), 'close'), series(symbol('B'), 'close')]);
          return { difference, mean: indicator(sma(1), [difference]) };
        },
        handleData: ({ state }) => void seen.push(state.difference.value, state.mean.value),
      },
    );
    // The last bar of both, in the shares of after the split: 20 less 10.
    expect(seen).toEqual([30, 30, 30, 30, 30, 30, 10, 10]);
  });
});
