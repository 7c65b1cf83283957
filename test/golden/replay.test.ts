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
import { outcomeOf, replay } from '../helpers/replayed.js';

let sample: Bundle;
beforeAll(async () => {
  sample = await bundleFromColumns(sampleMarket());
});
afterAll(() => sample[Symbol.dispose]());

describe('the examples on a recorded feed of the sample market', () => {
  it.each([
    { name: 'sma-crossover', strategy: smaCrossover, params: { fast: 10, slow: 50, threshold: 0.005 }, fills: 500 },
    { name: 'golden-cross', strategy: goldenCross, params: {}, fills: 10 },
    { name: 'channel-breakout', strategy: channelBreakout, params: {}, fills: 100 },
    { name: 'bracketed-reversion', strategy: bracketedReversion, params: {}, fills: 400 },
    { name: 'history-crossover', strategy: historyCrossover, params: {}, fills: 500 },
    { name: 'monthly-momentum', strategy: monthlyMomentum, params: {}, fills: 100 },
    {
      name: 'momentum-portfolio',
      strategy: momentumPortfolio,
      params: { weighting: 'market_cap', top: 5 },
      fills: 2000,
    },
  ])('$name is eq to its backtest', async ({ strategy, params, fills }) => {
    const options = { params, commission: 'percent:0.001', slippage: 'bps:2' };
    const past = await backtest(strategy as never, { bundle: sample, ...options } as never);
    expect(outcomeOf(await replay(strategy, sample, options))).toEqual(outcomeOf(past));
    expect(past.fills.length).toBeGreaterThan(fills);
  });

  it('from a date on, with the bars before it as history', async () => {
    const options = { params: { fast: 10, slow: 50, threshold: 0.005 }, start: '2019-03-05', end: '2020-06-30' };
    const past = await backtest(smaCrossover, { bundle: sample, ...options });
    expect(outcomeOf(await replay(smaCrossover, sample, options))).toEqual(outcomeOf(past));
    expect(past.fills.length).toBeGreaterThan(0);
  });
});
