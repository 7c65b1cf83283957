import { expect, it } from 'vitest';
import { expectedSweep, workloadDraft } from '../../bench/support/reference-workloads.js';
import goldenCross from '../../examples/golden-cross.js';
import smaCrossover from '../../examples/sma-crossover.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import { DirectHistory } from '../../src/data/history.js';
import { backtest } from '../../src/engine/backtest.js';
import { viewOf } from '../../src/engine/market-view.js';
import { resolveRunOptions } from '../../src/engine/run-options.js';
import { Simulation } from '../../src/engine/simulation.js';
import { definitionOf } from '../../src/engine/strategy.js';
import { MemoIndicators } from '../../src/indicators/columns.js';
import type { Search } from '../../src/optimize/samplers/registry.js';
import { walkForward } from '../../src/validate/walk-forward.js';
import { describeShared } from '../helpers/shared.js';

/** The 50 combinations of W4, in its order: every 22nd of the grid. */
const everyTwentySecond: Search = {
  name: 'grid',
  create: (space) => ({
    name: 'grid',
    looksBack: false,
    distinct: true,
    size: 50,
    suggest: ({ ordinal }) => (ordinal < 50 ? space.flatAt((ordinal * 22) % Number(space.size)) : undefined),
  }),
};

describeShared('the reference workloads', 'bench/gen.mjs', () => {
  it.each([
    {
      name: 'goog',
      commission: 'percent:0.001',
      equity: 3625220668.6335,
      fills: 39,
      sharpe: 0.807513,
      drawdown: 0.290428,
    },
    {
      name: 'min1m',
      commission: 'percent:0.00001',
      equity: 1388671624.2697,
      fills: 27_473,
      sharpe: undefined,
      drawdown: undefined,
    },
  ] as const)(
    'W1 over $name: one backtest of the cross rule 10/50',
    async ({ name, commission, equity, fills, sharpe, drawdown }) => {
      using bundle = await bundleFromColumns(workloadDraft(name));
      const result = await backtest(goldenCross, {
        bundle,
        params: { fast: 10, slow: 50 },
        cash: 1e9,
        commission,
        annualization: 252,
      });
      expect(result.fills).toHaveLength(fills);
      expect(result.endingEquity.toNumber() / equity).toBeCloseTo(1, 7);
      if (sharpe !== undefined) expect(result.metrics.sharpe).toBeCloseTo(sharpe, 6);
      if (drawdown !== undefined) expect(result.metrics.maxDrawdown).toBeCloseTo(drawdown, 6);
    },
  );

  it.each(['goog', 'day8', 'min100k'] as const)(
    'W2 over %s: every one of 1,100 combinations of the level rule',
    async (name) => {
      using bundle = await bundleFromColumns(workloadDraft(name));
      const simulation = new Simulation({
        definition: definitionOf(smaCrossover),
        view: viewOf(bundle, {}),
        run: resolveRunOptions({ cash: 1e9, commission: 'percent:0.001', annualization: 252 }),
        indicators: new MemoIndicators(),
        history: new DirectHistory(),
      });
      const rows = expectedSweep(name);
      expect(rows).toHaveLength(1100);
      for (const { fast, slow, threshold, equity, fills, sharpe, maxDrawdown } of rows) {
        const at = `fast ${fast}, slow ${slow}, threshold ${threshold}`;
        const run = simulation.summary({ params: { fast, slow, threshold }, seed: 0, randomLabels: [] });
        expect(run.fills, at).toBe(fills);
        expect(Math.abs(Number(run.endingEquity) / equity - 1), at).toBeLessThan(1e-7);
        expect(Math.abs((run.metrics.sharpe ?? 0) - sharpe), at).toBeLessThan(1e-6);
        expect(Math.abs((run.metrics.maxDrawdown ?? 0) - maxDrawdown), at).toBeLessThan(1e-6);
      }
    },
  );

  it.each([1, 2])('W4 over day8: five windows of 50 trials, on %i workers', async (jobs) => {
    using bundle = await bundleFromColumns(workloadDraft('day8'));
    const { windows, stitched, unusedBars } = await walkForward(smaCrossover, {
      bundle,
      cash: 1e9,
      commission: 'percent:0.001',
      annualization: 252,
      train: 504,
      test: 126,
      search: everyTwentySecond,
      jobs,
      // The reference lets every test begin with the same cash, and closes nothing at its end.
      reinvest: false,
      liquidate: 'never',
    });
    expect(windows.map(({ params }) => Object.values(params!))).toEqual([
      [40, 50, 0.001],
      [5, 50, 0.001],
      [25, 80, 0.003],
      [25, 80, 0.003],
      [15, 50, 0.001],
    ]);
    const expected = [1009671011.29, 982855940.03, 1038102878.83, 975619858.53, 997884234.2];
    for (const [index, { test, testReads, trials }] of windows.entries()) {
      expect(Math.abs(test.endingEquity.toNumber() / expected[index]! - 1)).toBeLessThan(1e-7);
      expect(testReads).toBe(1);
      expect(trials.total).toBe(50);
    }
    const profit = expected.reduce((sum, equity) => sum + equity - 1e9, 0);
    expect(Math.abs(stitched.endingEquity.toNumber() / (1e9 + profit) - 1)).toBeLessThan(1e-7);
    expect(unusedBars).toBe(1258 - 504 - 5 * 126);
  });
});
