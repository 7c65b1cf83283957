import fc from 'fast-check';
import { expect, it } from 'vitest';
import { viewOf } from '../../src/engine/market-view.js';
import { type BarData, type Context, defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import type { OrderOptions } from '../../src/execution/order.js';
import { sma } from '../../src/indicators/index.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { openTiny, simulationOn } from '../helpers/tiny-market.js';

/** Orders of all kinds, decided by what is seen now and by nothing that an instance remembers. */
const forgetful = (told: boolean) =>
  definitionOf(
    defineStrategy({
      parameters: {},
      initialize({ assets, indicator }) {
        return { averages: assets.map((asset) => indicator(sma(2), asset)) };
      },
      handleData({ order, portfolio, now, assets, state }: Context<{ averages: { value: number }[] }>, data: BarData) {
        for (const [index, asset] of assets.entries()) {
          const close = data.current(asset, 'close');
          if (Number.isNaN(close)) continue;
          const average = Math.round(state.averages[index]!.value * 100);
          const mix = (now / 86_400_000 + average + portfolio.position(asset).quantity * 7 + index) % 11;
          const exits: OrderOptions =
            mix % 2 === 0 ? {} : { stopLoss: { percent: 0.05 }, takeProfit: { percent: 0.1 } };
          const size = 1 + (average % 20);
          if (mix < 2) order(asset, size, exits);
          else if (mix < 4) order(asset, size, { limit: Math.round(close * 97) / 100, ...exits });
          else if (mix < 5) order(asset, -size, { stop: Math.round(close * 95) / 100 });
          else if (mix < 6) order.target(asset, size);
          else if (mix < 7) order.notional(asset, 777);
          else if (mix < 8) order.close(asset);
          else if (mix < 9) for (const open of order.open(asset)) open.cancel();
        }
      },
      ...(told ? { onFill: () => {} } : {}),
    }) as never,
  );

const runs = fc.record({
  commission: fc.constantFrom('none', 'percent:0.001'),
  fill: fc.constantFrom('next-open', 'next-close', 'same-close'),
  account: fc.constantFrom('cash', 'cash', 'margin:leverage=2'),
  financing: fc.constantFrom('none', 'interest:0.05,credit=0.01'),
  delisting: fc.constantFrom('hold', 'close'),
});

it('a strategy that takes the parameters it has changes nothing, wherever it does', async () => {
  let orders = 0;
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(16),
      runs,
      fc.boolean(),
      fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { maxLength: 4 }),
      async (market, options, told, places) => {
        using bundle = await openTiny(tinyOf(market));
        const view = viewOf(bundle, {});
        const simulation = simulationOn(bundle, forgetful(told), { cash: 25_000, ...options } as never);
        const input = { params: {}, seed: 0, randomLabels: [] };
        const whole = simulation.full(input).result;
        const trips = simulation.trips;
        const changes = places
          .filter((row) => row > view.from && row < view.to)
          .sort((a, b) => a - b)
          .map((row) => ({ row, params: {}, randomLabels: [row] }));
        const { result } = simulation.full({ ...input, changes });
        expect(result.orderStreamHash).toBe(whole.orderStreamHash);
        expect([...result.equity]).toEqual([...whole.equity]);
        expect(result.endingEquity.toString()).toBe(whole.endingEquity.toString());
        expect(simulation.trips).toEqual(trips);
        expect(simulation.atChanges).toHaveLength(changes.length);
        for (const [index, { equity, orders: given, trips: closed }] of simulation.atChanges.entries()) {
          const { row } = changes[index]!;
          expect(equity.toNumber()).toBeCloseTo(whole.equity[row - 1 - view.from]!, 6);
          expect(given).toBeLessThanOrEqual(whole.orders);
          expect(closed.trades).toBeLessThanOrEqual(trips.trades);
        }
        orders += whole.orders;
        changed += changes.length;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(orders).toBeGreaterThan(3_000);
  expect(changed).toBeGreaterThan(1_000);
}, 240_000);
