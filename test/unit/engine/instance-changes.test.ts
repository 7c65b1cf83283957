import { expect, it } from 'vitest';
import { DirectHistory } from '../../../src/data/history.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { type RunInput, Simulation } from '../../../src/engine/simulation.js';
import { definitionOf } from '../../../src/engine/strategy.js';
import { defineStrategy, int, sma } from '../../../src/index.js';
import { DirectIndicators } from '../../../src/indicators/columns.js';
import { fillsOf, rowOf, type TinyMarket, tinyBundle } from '../../helpers/tiny-market.js';

const MARKET: TinyMarket = { assets: { A: '10 11 12 13 14 15 16 17 18 19' } };

async function simulate(strategy: object, input: Partial<RunInput>, market = MARKET, run = {}) {
  const simulation = new Simulation({
    definition: definitionOf(strategy as never),
    view: viewOf(await tinyBundle(market), {}),
    run: resolveRunOptions({ cash: 1000, ...run }),
    indicators: new DirectIndicators(),
    history: new DirectHistory(),
  });
  const { result } = simulation.full({ params: {}, seed: 1, randomLabels: ['trial', 0], ...input });
  return { simulation, result };
}

const change = (row: number, params = {}) => ({ row, params, randomLabels: ['change', row] });

it('orders of the old parameters fill under the new ones, and what is held stays', async () => {
  const strategy = defineStrategy({
    parameters: { size: int(1, 9) },
    handleData({ asset, order, now }, _data, { size }) {
      if ([2, 3].includes(rowOf(now - 1))) order(asset, size);
    },
  });
  const { simulation, result } = await simulate(strategy, { params: { size: 2 }, changes: [change(3, { size: 5 })] });
  expect(fillsOf(result)).toEqual(['3 A 2 @ 13', '4 A 5 @ 14']);
  const [seam] = simulation.atChanges;
  expect(seam).toMatchObject({ orders: 1, trips: { trades: 0 } });
  expect(seam!.equity.toString()).toBe('1000');
  expect(result.endingEquity.toString()).toBe(String(1000 + 2 * 6 + 5 * 5));
});

it('each instance has a state, an initialize and a random stream of its own', async () => {
  const seen: unknown[] = [];
  const strategy = defineStrategy({
    parameters: { name: int(1, 9) },
    initialize({ portfolio, asset, random }, { name }) {
      seen.push(['initialize', name, portfolio.position(asset).quantity, random()]);
      return { bars: 0, position: portfolio.position(asset) };
    },
    handleData({ asset, order, state }, _data, { name }) {
      state.bars++;
      if (state.bars === 1) order(asset, 1);
      seen.push([name, state.bars, state.position.quantity]);
    },
  });
  const input = { params: { name: 1 }, changes: [change(4, { name: 2 }), change(7, { name: 3 })] };
  await simulate(strategy, input);
  const begun = seen.filter((entry) => (entry as unknown[])[0] === 'initialize') as [string, number, number, number][];
  expect(begun.map(([, name, held]) => [name, held])).toEqual([
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
  expect(new Set(begun.map(([, , , draw]) => draw)).size).toBe(3);
  expect(seen).toContainEqual([1, 4, 1]);
  expect(seen).toContainEqual([2, 1, 1]);
  expect(seen).toContainEqual([3, 3, 3]);
  expect(seen).toHaveLength(13);
});

it('while new indicators have not seen enough bars, orders fill, interest is due, and nothing is decided', async () => {
  const decided: number[] = [];
  const strategy = defineStrategy({
    parameters: { length: int(1, 9) },
    initialize({ asset, indicator }, { length }) {
      return { average: indicator(sma(length), asset) };
    },
    handleData({ asset, order, now }, _data, { length }) {
      decided.push(rowOf(now - 1));
      if (length === 2 && decided.length === 1) order(asset, 10, { limit: 14.5 });
    },
  });
  const market: TinyMarket = { assets: { A: '20 20 20 20 14 15 16 17 18 19' } };
  const input = { params: { length: 2 }, changes: [change(3, { length: 8 })] };
  const { result } = await simulate(strategy, input, market, { financing: 'interest:0.05,credit=0.01' });
  expect(decided).toEqual([1, 2, 7, 8, 9]);
  expect(fillsOf(result)).toEqual(['4 A 10 @ 14']);
  expect(result.financing.toNumber()).toBeLessThan(0);
});

it.each([
  ['next-open', 5],
  ['next-close', 6],
] as const)(
  'while nothing is decided, an order of onFill is given on the bar that opens, and waits for the next: %s',
  async (fill, row) => {
    const told: number[] = [];
    const strategy = defineStrategy({
      parameters: { length: int(1, 9) },
      initialize({ asset, indicator }, { length }) {
        return { average: indicator(sma(length), asset) };
      },
      handleData({ asset, order, portfolio }, _data, { length }) {
        if (length === 2 && portfolio.position(asset).isFlat) order(asset, 10, { limit: 14.5 });
      },
      onFill({ asset, order, now }, { quantity }) {
        told.push(rowOf(now));
        if (quantity > 0) order(asset, -4);
      },
    });
    const market: TinyMarket = { assets: { A: '20 20 20 20 14 15 16 17 18 19' } };
    const { result } = await simulate(
      strategy,
      { params: { length: 2 }, changes: [change(3, { length: 8 })] },
      market,
      { fill },
    );
    expect(fillsOf(result)).toEqual(['4 A 10 @ 14', `${row} A -4 @ 15`]);
    expect(told).toEqual([4, row]);
  },
);

it('sleeves add up: what an account is worth at a change is what all of them are', async () => {
  const strategy = defineStrategy({
    parameters: {},
    sleeves: 'equal',
    handleData({ asset, order, portfolio }) {
      if (portfolio.position(asset).isFlat) order.notional(asset, 'all');
    },
  });
  const market: TinyMarket = { assets: { A: '10 10 20 20 20 20', B: '10 10 10 10 40 40' } };
  const { simulation } = await simulate(strategy, { changes: [change(3), change(5)] }, market);
  expect(simulation.atChanges.map(({ equity, orders }) => [equity.toString(), orders])).toEqual([
    ['1500', 2],
    ['3000', 2],
  ]);
});
