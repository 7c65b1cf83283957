import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type AnyDefinition,
  type BarData,
  type Context,
  defineStrategy,
  definitionOf,
} from '../../src/engine/strategy.js';
import { summarize } from '../../src/metrics/summary.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { orderAtPrices, randomTrader, traderVariants } from '../helpers/random-trader.js';
import { outcomeOf } from '../helpers/replayed.js';
import { openTiny, simulationOn } from '../helpers/tiny-market.js';

/** How often orders are given, how far their prices lie away, and how often the strategy looks at them meanwhile. */
const pace = fc.record({
  acts: fc.constantFrom(0.05, 0.2, 1),
  reach: fc.constantFrom(0.1, 0.3, 0.6),
  looks: fc.boolean(),
});

it('does the same whether working orders are held against every bar or those that may touch them', async () => {
  let fills = 0;
  await fc.assert(
    fc.asyncProperty(randomMarket(25), traderVariants, pace, async (market, variant, { acts, reach, looks }) => {
      const { fill, account, slippage, commission, unaffordable, delisting, withholding, seed } = variant;
      const { intrabar, timeInForce, borrow, financing, exitsFrom, sizing } = variant;
      const stopLimits = intrabar === 'close' ? 'from-open' : variant.stopLimits;
      using bundle = await openTiny(tinyOf(market));
      const outcome = (asksEveryBar: boolean) => {
        const log: string[] = [];
        const { warmUp: _warmUp, ...trader } = randomTrader(variant, [], log) as Record<string, unknown>;
        const handleData = (context: Context<unknown>, data: BarData): void => {
          const { random, order } = context;
          if (random() < acts) orderAtPrices(context, data, log, reach);
          if (looks)
            for (const { id, limit, stop, remaining } of order.open()) log.push(`${id} ${limit} ${stop} ${remaining}`);
        };
        const strategy = defineStrategy({
          parameters: {},
          ...trader,
          ...(variant.onlyScheduled ? {} : { handleData }),
        } as never);
        const simulation = simulationOn(
          bundle,
          definitionOf(strategy as never) as AnyDefinition,
          {
            ...{ fill, account, slippage, commission, unaffordable, delisting, withholding },
            ...{ intrabar, timeInForce, borrow, financing, exitsFrom, stopLimits, sizing },
            cash: 10_000,
          },
          asksEveryBar,
        );
        const { result } = simulation.full({ params: {}, seed, randomLabels: [] });
        // Summed while the values were written, stretches without a position at once.
        const { startingCash, annualization, trips } = simulation;
        expect(result.metrics).toEqual(summarize(result.equity, startingCash, annualization, trips));
        return { ...outcomeOf(result), log };
      };
      const expected = outcome(true);
      expect(outcome(false)).toEqual(expected);
      fills += expected.fills.length;
    }),
    { numRuns: 1_000 },
  );
  expect(fills).toBeGreaterThan(2_000);
}, 240_000);
