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
import { describeShared } from '../helpers/shared.js';

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
});
