import { expect, it } from 'vitest';
import type { Context } from '../../../src/engine/strategy.js';
import { run, type TinyMarket } from '../../helpers/tiny-market.js';

/** Two assets with a split, dividends and a missing bar. */
const MARKET: TinyMarket = {
  assets: { A: '10>11 12>13 13>12 6>7 7>8 8>6 9>8', B: '20>21 21>20 . 22>24 24>22 23>25 25>26' },
  splits: [{ symbol: 'A', row: 3, ratio: '2' }],
  dividends: [
    { symbol: 'B', row: 4, amount: '0.5' },
    { symbol: 'A', row: 5, amount: '0.25' },
  ],
};

it('the value of an account is its cash and its positions wherever a strategy asks, and however often', async () => {
  const asked: string[] = [];
  const ask =
    (where: string) =>
    ({ portfolio, assets }: Context): void => {
      const [a, b] = assets.map((asset) => portfolio.position(asset).value) as [number, number];
      for (let time = 0; time < 2; time++) expect([where, portfolio.value]).toEqual([where, portfolio.cash + a + b]);
      asked.push(`${where} ${portfolio.value}`);
    };
  let bar = 0;
  const strategy = {
    beforeTradingStart: ask('before'),
    onFill: ask('fill'),
    handleData(context: Context): void {
      ask('bar')(context);
      const [a, b] = context.assets;
      const units = [10, -4, 6, 0, -8, 3][bar]!;
      context.order(a!, units);
      context.order(b!, [3, 2, -1, 4, -2, 1][bar]!);
      bar = (bar + 1) % 6;
    },
  };
  const first = await run(MARKET, strategy, { cash: 1000, commission: 'percent:0.001' });
  const told = asked.splice(0);
  expect(told.filter((each) => each.startsWith('fill')).length).toBeGreaterThan(6);
  expect(new Set(told.map((each) => each.split(' ')[1])).size).toBeGreaterThan(8);
  bar = 0;
  const second = await run(MARKET, strategy, { cash: 1000, commission: 'percent:0.001' });
  expect(asked).toEqual(told);
  expect(second.endingEquity.toString()).toBe(first.endingEquity.toString());
});
