import fc from 'fast-check';
import { expect, it } from 'vitest';
import { handlerFrom, MODULE, randomHandler } from '../helpers/random-handler.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { openTiny, simulationOn } from '../helpers/tiny-market.js';

const settings = fc.record({
  commission: fc.constantFrom('none', 'percent:0.001'),
  fill: fc.constantFrom('next-open', 'next-close'),
  account: fc.constantFrom('cash', 'cash', 'margin:leverage=2'),
  isPlain: fc.boolean(),
  sleeves: fc.constantFrom(undefined, undefined, 'equal' as const),
});

it('does the same whether a handler is asked on every bar or where it may act', async () => {
  let orders = 0;
  let bars = 0;
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(40),
      settings,
      randomHandler,
      async (market, { sleeves, isPlain, ...options }, text) => {
        using bundle = await openTiny(tinyOf(market));
        const make = handlerFrom(text, isPlain ? MODULE : `${MODULE}const keep = (state) => state;`);
        const outcome = (asksEveryBar: boolean) => {
          const { read, asked: count } = make();
          const simulation = simulationOn(
            bundle,
            sleeves === undefined ? read : { ...read, sleeves },
            { cash: 10_000, ...options },
            asksEveryBar,
          );
          try {
            const { result } = simulation.full({ params: {}, seed: 1, randomLabels: [] });
            return {
              count: count.count,
              orders: result.orders,
              hash: result.orderStreamHash,
              equity: [...result.equity],
              endingEquity: result.endingEquity.toString(),
              seen: result.recordedNames.map((name) => [name, ...result.recorded(name)]),
            };
          } catch (error) {
            return { count: count.count, error: (error as Error).message };
          }
        };
        const { count: every, ...expected } = outcome(true);
        const { count: some, ...got } = outcome(false);
        expect(got).toEqual(expected);
        expect(some).toBeLessThanOrEqual(every);
        orders += expected.orders ?? 0;
        bars += every;
        asked += some;
      },
    ),
    { numRuns: 1000 },
  );
  expect(orders).toBeGreaterThan(1_500);
  expect(asked).toBeLessThan(bars * 0.9);
});
