import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  annualVolatility,
  drawdowns,
  METRIC_DIRECTIONS,
  METRIC_NAMES,
  maxDrawdown,
  type RoundTripSummary,
  sharpeRatio,
  simpleReturns,
  sortinoRatio,
  summarize,
} from '../../../src/metrics/index.js';
import { RunningSummary } from '../../../src/metrics/summary.js';

const noTrips: RoundTripSummary = { trades: 0, wins: 0, grossProfit: 0, grossLoss: 0 };
const of = (equity: readonly number[], trips = noTrips, annualization = 252) =>
  summarize(Float64Array.from(equity), equity[0] ?? 100, annualization, trips);

describe('summarize', () => {
  it('computes every metric by the stated formulas', () => {
    // Returns 0.1, -0.1, 0.2: mean 1/15, squares about it 7/150, one loss of 0.1.
    const metrics = of([100, 110, 99, 118.8], { trades: 4, wins: 3, grossProfit: 30, grossLoss: 12 }, 3);
    const expected = {
      totalReturn: 0.188,
      annualReturn: 0.188,
      annualVolatility: Math.sqrt(7 / 300) * Math.sqrt(3),
      sharpe: (1 / 15 / Math.sqrt(7 / 300)) * Math.sqrt(3),
      sortino: (1 / 15 / Math.sqrt(0.01 / 3)) * Math.sqrt(3),
      calmar: 1.88,
      maxDrawdown: 0.1,
      winRate: 0.75,
      profitFactor: 2.5,
      trades: 4,
    };
    expect(Object.keys(metrics)).toEqual(METRIC_NAMES);
    for (const name of METRIC_NAMES) expect(metrics[name], name).toBeCloseTo(expected[name], 12);
  });

  it('compounds the annual return over bars a year', () => {
    // Half a year of ten bars a year: 21 % in it is 46.41 % a year.
    expect(of([100, 101, 105, 108, 110, 121], noTrips, 10).annualReturn).toBeCloseTo(0.4641, 12);
  });

  it.each([
    { name: 'no value', equity: [], missing: METRIC_NAMES.filter((name) => name !== 'trades') },
    {
      name: 'one value',
      equity: [100],
      missing: METRIC_NAMES.filter((name) => !['totalReturn', 'maxDrawdown', 'trades'].includes(name)),
    },
    {
      name: 'one return',
      equity: [100, 90],
      missing: ['annualVolatility', 'sharpe', 'sortino', 'winRate', 'profitFactor'],
    },
    {
      name: 'an account that never moved',
      equity: [100, 100, 100, 100],
      missing: ['sharpe', 'sortino', 'calmar', 'winRate', 'profitFactor'],
    },
    {
      name: 'the same growth every bar',
      equity: [100, 110, 121, 133.1, 146.41, 161.051],
      missing: ['sharpe', 'sortino', 'calmar', 'winRate', 'profitFactor'],
    },
    {
      name: 'an account below zero',
      equity: [100, 50, -20, 40],
      missing: ['annualVolatility', 'sharpe', 'sortino', 'winRate', 'profitFactor'],
    },
  ])('leaves out what $name cannot tell', ({ equity, missing }) => {
    const metrics = of(equity);
    expect(METRIC_NAMES.filter((name) => metrics[name] === undefined)).toEqual(missing);
  });

  it('has no annual return for a debt', () => {
    const metrics = of([100, 50, -20]);
    expect(metrics.annualReturn).toBeUndefined();
    expect(metrics.totalReturn).toBe(-1.2);
    expect(metrics.maxDrawdown).toBe(1.2);
  });

  it('has no profit factor without a loss, rather than an infinite one', () => {
    expect(of([1, 2], { trades: 2, wins: 2, grossProfit: 5, grossLoss: 0 })).toMatchObject({
      winRate: 1,
      profitFactor: undefined,
      trades: 2,
    });
  });

  it('counts a loss from the starting cash on as drawdown and total return', () => {
    const metrics = summarize(Float64Array.of(90, 95, 99), 100, 252, noTrips);
    expect(metrics.maxDrawdown).toBeCloseTo(0.1, 15);
    expect(metrics.totalReturn).toBeCloseTo(-0.01, 15);
  });

  it('finds in an account that never moved what two passes find', () => {
    for (const bars of [3, 4, 1000]) {
      const equity = new Float64Array(bars).fill(1e6 / 3);
      const { annualVolatility: volatility, sharpe, sortino } = summarize(equity, 1e6 / 3, 252, noTrips);
      const returns = simpleReturns(equity);
      expect(volatility).toBe(0);
      expect([volatility, sharpe, sortino]).toStrictEqual([
        annualVolatility(returns, 252),
        sharpeRatio(returns, 252),
        sortinoRatio(returns, 252),
      ]);
    }
    // Once, by about the least that counts as a deviation.
    const moved = summarize(Float64Array.of(1, 1, 1 - 1e-12), 1, 252, noTrips);
    expect(moved.annualVolatility).toBeGreaterThan(0);
  });

  it('never gives NaN or an infinity, whatever the account did', () => {
    const value = fc.oneof(
      fc.double({ min: -1000, max: 1000, noNaN: true }),
      fc.constantFrom(0, 1, 1e-300, 1e300, Number.MIN_VALUE),
    );
    fc.assert(
      fc.property(
        fc.array(value, { maxLength: 12 }),
        fc.double({ min: 0.01, max: 1e6, noNaN: true }),
        (equity, cash) => {
          for (const metric of Object.values(summarize(Float64Array.from(equity), cash, 252, noTrips))) {
            expect(metric === undefined || Number.isFinite(metric)).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('equals the functions over returns, which take two passes', () => {
    const walk = fc
      .tuple(
        fc.array(fc.double({ min: -0.2, max: 0.2, noNaN: true }), { minLength: 2, maxLength: 400 }),
        fc.double({ min: -0.1, max: 0.1, noNaN: true }),
        fc.constantFrom(1, 1e-3, 1e-6),
      )
      .map(([changes, drift, size]) => {
        const equity = [1e6];
        for (const change of changes) equity.push(equity.at(-1)! * (1 + drift + change * size));
        return Float64Array.from(equity);
      });
    fc.assert(
      fc.property(walk, (equity) => {
        const metrics = summarize(equity, 1e6, 252, noTrips);
        const returns = simpleReturns(equity);
        expectClose(metrics.annualVolatility, annualVolatility(returns, 252));
        expectClose(metrics.sharpe, sharpeRatio(returns, 252));
        expectClose(metrics.sortino, sortinoRatio(returns, 252));
        expectClose(metrics.maxDrawdown, maxDrawdown(equity, 1e6));
      }),
      { numRuns: 2000 },
    );
  });

  it('is the same to the last bit in whatever pieces the values come, flat ones at once', () => {
    const piece = fc.oneof(
      fc.array(fc.double({ min: 50, max: 200, noNaN: true }), { maxLength: 6 }),
      fc
        .tuple(fc.constantFrom(0, 70, 100, 100, 130, -5), fc.integer({ min: 0, max: 9 }))
        .map(([value, bars]) => new Array<number>(bars).fill(value)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.constantFrom(60, 100, 150), (pieces, cash) => {
        const equity = Float64Array.from(pieces.flat());
        const summary = new RunningSummary();
        summary.begin(1);
        summary.take(equity, 0, equity.length, 3, 2);
        summary.begin(cash);
        let at = 0;
        for (const values of pieces) {
          const { length } = values;
          const isFlat = equity.subarray(at, at + length).every((each) => each === values[0]);
          if (isFlat) summary.takeFlat(equity[at]!, length);
          else summary.take(equity, at, at + length, 0, 1);
          at += length;
        }
        expect(summary.metrics(() => equity, 252, noTrips)).toEqual(summarize(equity, cash, 252, noTrips));
      }),
      { numRuns: 2000 },
    );
  });
});

it('lists the fall from the peak at each value', () => {
  expect([...drawdowns(Float64Array.of(80, 100, 120, 90, 150), 100)]).toEqual([1 - 80 / 100, 0, 0, 1 - 90 / 120, 0]);
  expect(maxDrawdown(new Float64Array(0), 100)).toBeUndefined();
});

it('gives every metric a direction', () => {
  expect(Object.keys(METRIC_DIRECTIONS)).toEqual(METRIC_NAMES);
  expect(METRIC_NAMES.filter((name) => METRIC_DIRECTIONS[name] === 'minimize')).toEqual([
    'annualVolatility',
    'maxDrawdown',
  ]);
});

function expectClose(actual: number | undefined, expected: number | undefined): void {
  if (actual === undefined || expected === undefined) expect(actual).toBe(expected);
  else expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-6, Math.abs(expected)));
}
