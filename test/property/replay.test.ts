import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { BacktestResult } from '../../src/engine/result.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import type { Sight } from '../helpers/random-strategy.js';
import { randomTrader, traderVariants } from '../helpers/random-trader.js';
import { type BothOptions, inBothWorlds, outcomeOf } from '../helpers/replayed.js';
import { dateOf } from '../helpers/tiny-market.js';

it('is eq: a recorded feed through the paper broker, and the backtest', async () => {
  let fills = 0;
  const kinds = new Set<string>();
  await fc.assert(
    fc.asyncProperty(randomMarket(), traderVariants, async (market, variant) => {
      const { fill, account, slippage, commission, unaffordable, delisting, withholding, seed, startRow } = variant;
      const { intrabar, timeInForce, borrow, financing, exitsFrom, sizing } = variant;
      const stopLimits = intrabar === 'close' ? 'from-open' : variant.stopLimits;
      const run = { fill, account, slippage, commission, unaffordable, delisting, withholding, seed };
      const options: BothOptions = {
        ...run,
        ...{ intrabar, timeInForce, borrow, financing, exitsFrom, stopLimits, sizing },
        cash: 10_000,
        ...(startRow === undefined ? {} : { start: dateOf(startRow) }),
      };
      const worlds: { sights: Sight[]; log: string[] }[] = [];
      const { past, replayed } = await inBothWorlds(
        tinyOf(market),
        () => {
          const world = { sights: [], log: [] };
          worlds.push(world);
          return randomTrader(variant, world.sights, world.log) as never;
        },
        options,
      );
      expect(outcomeOf(replayed)).toEqual(outcomeOf(past));
      // Sleeves run one after the other in a backtest, side by side on a feed.
      const ordered = <T>(list: T[], key: (item: T) => unknown): T[] =>
        variant.sleeves ? list.toSorted((a, b) => String(key(a)).localeCompare(String(key(b)))) : list;
      const [first, second] = worlds as [(typeof worlds)[0], (typeof worlds)[0]];
      expect(ordered(second.sights, (sight) => sight.join())).toEqual(ordered(first.sights, (sight) => sight.join()));
      expect(ordered(second.log, (line) => line)).toEqual(ordered(first.log, (line) => line));
      fills += (past as BacktestResult).fills.length;
      for (const line of first.log) kinds.add(line.split(' ')[0]!);
    }),
    { numRuns: 1_000 },
  );
  expect(fills).toBeGreaterThan(2_000);
  expect([...kinds].sort()).toEqual(['before', 'cancelled', 'expired', 'fill', 'flat', 'open', 'rejected', 'schedule']);
}, 240_000);
