import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DirectHistory } from '../../src/data/history.js';
import { viewOf } from '../../src/engine/market-view.js';
import { MONEY_DECIMALS, type RunOptions, resolveRunOptions } from '../../src/engine/run-options.js';
import { accountOf, accountsOf, tradingRules } from '../../src/engine/simulation.js';
import { Sleeve } from '../../src/engine/sleeve.js';
import { defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import { parseSlippage } from '../../src/execution/models.js';
import { DirectIndicators } from '../../src/indicators/columns.js';
import { summarize } from '../../src/metrics/summary.js';
import { randomMarket, tinyOf } from '../helpers/random-market.js';
import { expectSameBits } from '../helpers/same.js';
import { openTiny, simulationOn } from '../helpers/tiny-market.js';

const options: fc.Arbitrary<RunOptions> = fc.record({
  cash: fc.constantFrom(25_000.5, 9_999.99999999),
  commission: fc.constantFrom('none', 'percent:0.00125', 'per-share:0.005,min=1'),
  slippage: fc.constantFrom('none', 'bps:2.5'),
  fill: fc.constantFrom('next-open', 'next-close', 'same-close'),
  account: fc.constantFrom('cash', 'margin:leverage=2', 'margin:leverage=5,maintenance=0.19'),
  financing: fc.constantFrom('none', 'interest:0.05,credit=0.01'),
  borrow: fc.constantFrom('none', 'borrow:0.03'),
  delisting: fc.constantFrom('hold', 'close'),
  liquidate: fc.constantFrom('never', 'last-close'),
}) as never;

/** Buys, sells and goes short at random. */
const definition = definitionOf(
  defineStrategy({
    parameters: {},
    sleeves: 'equal',
    handleData({ assets, order, random }) {
      const asset = assets[0]!;
      const size = 1 + Math.floor(40 * random());
      const choice = random();
      if (choice < 0.2) order(asset, size);
      else if (choice < 0.3) order.notional(asset, 'all');
      else if (choice < 0.4) order.targetPercent(asset, size / 40);
      else if (choice < 0.5) order.close(asset);
      else if (choice < 0.6) order(asset, -size);
    },
  }),
);

it('sleeves are worth together what each is worth in a column of its own, added in their order', async () => {
  let held = 0;
  await fc.assert(
    fc.asyncProperty(randomMarket(14, ['A', 'B', 'C']), options, fc.nat(), async (market, given, seed) => {
      using bundle = await openTiny(tinyOf(market));
      const run = resolveRunOptions(given);
      const view = viewOf(bundle, {});
      const bars = view.to - view.from;
      const expected = new Float64Array(bars);
      for (const [index, { assets, cash, account }] of accountsOf(definition, view.assets, run).entries()) {
        const sleeve = new Sleeve({
          ...{ definition, view, assets, ...tradingRules(run) },
          account: accountOf(run, account.scales.quantity),
          slippage: parseSlippage(run.slippage),
          history: new DirectHistory(),
          indicators: new DirectIndicators(),
        });
        const equity = new Float64Array(bars);
        const labels = { randomLabels: ['sleeve', index], record: () => {}, log: () => {} };
        sleeve.run({ params: {}, cash, equity, seed, ...labels });
        const opening = cash.toNumber(MONEY_DECIMALS);
        for (let bar = 0; bar < bars; bar++) {
          if (equity[bar] !== opening) held++;
          expected[bar] = expected[bar]! + equity[bar]!;
        }
      }
      const simulation = simulationOn(bundle, definition, given);
      for (let times = 0; times < 2; times++) {
        const { metrics } = simulation.summary({ params: {}, seed, randomLabels: [] });
        const { annualization, startingCash, trips } = simulation;
        expect(metrics).toEqual(summarize(expected, startingCash, annualization, trips));
        expectSameBits(simulation.sessionValues(undefined, new Float64Array(bars)), expected);
        expectSameBits(simulation.equity.slice() as Float64Array, expected);
      }
      expectSameBits(simulation.full({ params: {}, seed, randomLabels: [] }).result.equity as Float64Array, expected);
    }),
    { numRuns: 1_000 },
  );
  expect(held).toBeGreaterThan(10_000);
}, 240_000);
