import fc from 'fast-check';
import { expect, it } from 'vitest';
import { viewOf } from '../../src/engine/market-view.js';
import { type BarData, type Context, defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import { beforeClose, everyDay, type Setup, weekStart } from '../../src/index.js';
import { sma } from '../../src/indicators/index.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { openTiny, simulationOn } from '../helpers/tiny-market.js';

interface State {
  readonly averages: readonly { readonly value: number }[];
  bars: number;
}

/** Orders of all kinds, decided by what is seen, remembered and drawn; on every bar, or by schedule alone. */
const restless = (sleeves: boolean, told: boolean, scheduled: boolean) => {
  const act = ({ order, portfolio, random, assets, state }: Context<State>, data: BarData): void => {
    state.bars++;
    for (const [index, asset] of assets.entries()) {
      const close = data.current(asset, 'close');
      if (Number.isNaN(close)) continue;
      const average = Math.round((state.averages[index]!.value || close) * 100);
      const mix = (state.bars + average + portfolio.position(asset).quantity * 7 + Math.floor(random() * 11)) % 11;
      const size = 1 + (average % 20);
      if (mix < 3) order(asset, size, { stopLoss: { percent: 0.05 } });
      else if (mix < 4) order(asset, size, { limit: Math.round(close * 97) / 100 });
      else if (mix < 5) order(asset, -size, { stop: Math.round(close * 95) / 100 });
      else if (mix < 6) order.target(asset, size);
      else if (mix < 7) order.notional(asset, 777);
      else if (mix < 8) order.close(asset);
    }
  };
  return definitionOf(
    defineStrategy({
      parameters: {},
      ...(sleeves ? { sleeves: 'equal' as const } : {}),
      initialize({ assets, indicator, schedule }: Setup): State {
        if (scheduled) for (const rule of [weekStart(1), everyDay()]) schedule(rule, beforeClose(1), act as never);
        return { averages: assets.map((asset) => indicator(sma(3), asset)), bars: 0 };
      },
      ...(scheduled ? {} : { handleData: act as never }),
      ...(told ? { onFill: () => {} } : {}),
    } as never) as never,
  );
};

const runs = fc.record({
  commission: fc.constantFrom('none', 'percent:0.001'),
  fill: fc.constantFrom('next-open', 'next-close', 'same-close'),
  account: fc.constantFrom('cash', 'cash', 'margin:leverage=2'),
  financing: fc.constantFrom('none', 'interest:0.05,credit=0.01'),
  delisting: fc.constantFrom('hold', 'close'),
  liquidate: fc.constantFrom('never', 'last-close'),
});

it('a run that is looked at is the run that nobody looks at, and one that is given up leaves nothing behind', async () => {
  let orders = 0;
  let looks = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarket(16),
      runs,
      fc.record({ sleeves: fc.boolean(), told: fc.boolean(), scheduled: fc.boolean() }),
      fc.uniqueArray(fc.integer({ min: 1, max: 15 }), { maxLength: 5 }),
      async (market, options, { sleeves, told, scheduled }, places) => {
        using bundle = await openTiny(tinyOf(market));
        const view = viewOf(bundle, {});
        const simulation = simulationOn(bundle, restless(sleeves, told, scheduled), {
          cash: 25_000,
          ...options,
        } as never);
        const input = { params: {}, seed: 7, randomLabels: [] };
        const whole = simulation.summary(input);
        const { trips } = simulation;
        const equity = [...simulation.equity];
        const bars = places.filter((count) => count < view.to - view.from).sort((a, b) => a - b);
        const seen: number[] = [];
        const look = (count: number): boolean => {
          seen.push(count);
          expect([...simulation.equity.subarray(0, count)]).toEqual(equity.slice(0, count));
          return false;
        };
        const stopAt = bars[Math.floor(bars.length / 2)];
        expect(simulation.summaryUnless(input, bars, (count) => count === stopAt) === undefined).toBe(bars.length > 0);
        expect(simulation.summaryUnless(input, bars, look)).toEqual(whole);
        expect(seen).toEqual(bars);
        expect([...simulation.equity]).toEqual(equity);
        expect(simulation.trips).toEqual(trips);
        expect(simulation.hasTraded).toBe(whole.fills > 0);
        orders += whole.orders;
        looks += seen.length;
      },
    ),
    { numRuns: 1_000 },
  );
  expect(orders).toBeGreaterThan(3_000);
  expect(looks).toBeGreaterThan(1_000);
}, 240_000);
