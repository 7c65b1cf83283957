import { describe, expect, it } from 'vitest';
import { backtest, defineStrategy } from '../../../src/index.js';
import { dateOf, run, type TinyRun, tinyBundle } from '../../helpers/tiny-market.js';

const market = {
  assets: { A: '100 100>110:90-112 120 130>125 60 70', M: '50 51 52 50 53 54' },
  splits: [{ symbol: 'A', row: 4, ratio: '2' }],
  dividends: [{ symbol: 'A', row: 2, amount: '1.5' }],
};

/** Buys 4 at the opening of row 1, sells 8, which a split made of them, at that of row 5. */
const traded = async (options: TinyRun = {}) => {
  let bar = 0;
  return run(
    market,
    {
      handleData: ({ order, asset }) => {
        if (bar === 0) order(asset, 4);
        if (bar === 4) order(asset, -8);
        bar++;
      },
    },
    { cash: 1000, commission: 'percent:0.001', symbols: ['A'], ...options },
  );
};

describe('the round trips of a run', () => {
  it.each(['fifo', 'average-cost'] as const)('explain the ending by %s', async (method) => {
    const result = await traded();
    const trips = result.roundTrips(method);
    const profit = trips.map((trip) => trip.profit.toNumber()).reduce((a, b) => a + b, 0);
    expect(profit).toBeCloseTo(result.endingEquity.toNumber() - 1000, 8);
    // 4 at 100, 6 of dividends, 8 at 70, 0.1 % of 400 and of 560.
    expect(trips).toHaveLength(1);
    expect(trips[0]).toMatchObject({ side: 'long', entryRow: 1, exitRow: 5, entryPrice: 50, exitPrice: 70, bars: 4 });
    expect(profit).toBeCloseTo(560 - 400 + 6 - 0.96, 8);
    expect(trips[0]!.mae).toBeCloseTo(0.1, 12);
    expect(trips[0]!.mfe).toBeCloseTo(0.4, 12);
  });

  it('are there after the market is closed, and the same each time', async () => {
    const result = await traded();
    expect(result.roundTrips()).toEqual(result.roundTrips());
  });
});

describe('the statistics of a run', () => {
  it('compare with a benchmark that is not traded', async () => {
    const statistics = (await traded({ benchmark: 'M' })).statistics();
    expect(statistics.benchmarkReturn).toBeCloseTo(0.08, 12);
    expect(statistics.beta).toBeTypeOf('number');
    expect(statistics.alpha).toBeTypeOf('number');
    expect(statistics).toMatchObject({ roundTrips: 1, winStreak: 1, lossStreak: 0, sqn: undefined });
    expect(statistics.exposure).toBeCloseTo(5 / 6, 12);
  });

  it('compare with what somebody has who holds the benchmark, through splits, dividends and gaps', async () => {
    const bundle = await tinyBundle({
      assets: { A: '10 11 12 11 12 13 14', M: '100 120 . 60 58 . 29' },
      splits: [
        { symbol: 'M', row: 2, ratio: '2' },
        { symbol: 'M', row: 6, ratio: '2' },
      ],
      dividends: [{ symbol: 'M', row: 4, amount: '2' }],
    });
    const strategy = defineStrategy({
      parameters: {},
      initialize: ({ assets }) => ({ asset: assets.find(({ symbol }) => symbol === 'A')! }),
      handleData({ state: { asset }, order }) {
        order.target(asset, 1);
      },
    });
    const over = async (end?: string) =>
      (await backtest(strategy, { bundle, symbols: ['A'], benchmark: 'M', end })).statistics();
    // 100 become 120; halved and not moved 60; 58 and 2 paid of 60; halved and not moved 29.
    expect((await over()).benchmarkReturn).toBeCloseTo(0.2, 12);
    expect((await over(dateOf(1))).benchmarkReturn).toBeCloseTo(0.2, 12);
    expect((await over(dateOf(2))).benchmarkReturn).toBeCloseTo(0.2, 12);
    expect((await over(dateOf(4))).benchmarkReturn).toBeCloseTo(0.2, 12);
  });

  it('have no alpha or beta without one', async () => {
    expect((await traded()).statistics()).toMatchObject({
      alpha: undefined,
      beta: undefined,
      benchmarkReturn: undefined,
    });
  });

  it('refuse a benchmark that the bundle does not hold', async () => {
    await expect(traded({ benchmark: 'N' })).rejects.toThrow("no symbol 'N'");
  });
});
