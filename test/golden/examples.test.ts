import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import bracketedReversion from '../../examples/bracketed-reversion.js';
import channelBreakout from '../../examples/channel-breakout.js';
import goldenCross from '../../examples/golden-cross.js';
import historyCrossover from '../../examples/history-crossover.js';
import momentumPortfolio from '../../examples/momentum-portfolio.js';
import monthlyMomentum from '../../examples/monthly-momentum.js';
import smaCrossover from '../../examples/sma-crossover.js';
import type { Bundle } from '../../src/data/bundle.js';
import { bundleFromColumns } from '../../src/data/ephemeral.js';
import { sampleMarket } from '../../src/data/sample-market.js';
import { backtest } from '../../src/engine/backtest.js';
import type { ParameterMap } from '../../src/engine/parameters.js';
import type { Strategy } from '../../src/engine/strategy.js';

let sample: Bundle;
beforeAll(async () => {
  sample = await bundleFromColumns(sampleMarket());
});
afterAll(() => sample[Symbol.dispose]());

const examples: readonly {
  name: string;
  strategy: Strategy<ParameterMap, unknown>;
  params: Record<string, number | string>;
}[] = [
  { name: 'sma-crossover', strategy: smaCrossover as never, params: { fast: 10, slow: 50, threshold: 0.005 } },
  { name: 'golden-cross', strategy: goldenCross as never, params: {} },
  { name: 'channel-breakout', strategy: channelBreakout as never, params: {} },
  { name: 'bracketed-reversion', strategy: bracketedReversion as never, params: {} },
  { name: 'history-crossover', strategy: historyCrossover as never, params: {} },
  { name: 'monthly-momentum', strategy: monthlyMomentum as never, params: {} },
  {
    name: 'momentum-portfolio',
    strategy: momentumPortfolio as never,
    params: { weighting: 'risk_parity', top: 5 },
  },
];

describe('the examples on the sample market', () => {
  it.each(examples)('$name gives the numbers that its first lines state', async ({ name, strategy, params }) => {
    const result = await backtest(strategy, { bundle: sample, params, commission: 'percent:0.001' });
    const { sharpe, maxDrawdown } = result.metrics;
    const stated =
      `${result.fills.length} fills, ending equity ${result.endingEquity} from ${result.startingCash}, ` +
      `Sharpe ${sharpe?.toFixed(3)}, maximum drawdown ${((maxDrawdown ?? 0) * 100).toFixed(1)} %.`;
    expect(readFileSync(new URL(`../../examples/${name}.ts`, import.meta.url), 'utf8')).toContain(stated);
  });

  it('history-crossover does through data.history what sma-crossover does through indicators', async () => {
    const options = { bundle: sample, params: { fast: 20, slow: 50, threshold: 0.005 }, commission: 'percent:0.001' };
    const [byIndicator, byHistory] = [await backtest(smaCrossover, options), await backtest(historyCrossover, options)];
    expect(byHistory.orderStreamHash).toBe(byIndicator.orderStreamHash);
    expect(byHistory.fills.length).toBeGreaterThan(700);
  });
});
