import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';
import { type RandomBars, randomBars } from '../../helpers/random-bars.js';

type Recipe = Parameters<typeof steps>[0];
/** What an output is at a row, from its definition alone: sums over the window for each bar anew. */
type Definition = (bars: RandomBars, row: number) => number;

const windowOf = (values: ArrayLike<number>, row: number, n: number): number[] =>
  Array.from({ length: n }, (_, k) => values[row - n + 1 + k]!);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);
const max = (values: ArrayLike<number>, row: number, n: number): number => Math.max(...windowOf(values, row, n));
const min = (values: ArrayLike<number>, row: number, n: number): number => Math.min(...windowOf(values, row, n));
const rows = (row: number, n: number): number[] => Array.from({ length: n }, (_, k) => row - n + 1 + k);
/** Free of the last digits, in which equal sums differ. */
const typical = ({ high, low, close }: RandomBars, row: number): number =>
  Number((high[row]! + low[row]! + close[row]!).toPrecision(14)) / 3;
const typicals = (bars: RandomBars, row: number, n: number): number[] => rows(row, n).map((at) => typical(bars, at));
const weightedMean = (values: readonly number[], weights: readonly number[]): number =>
  sum(values.map((value, k) => value * weights[k]!)) / sum(weights);
const wma = (values: readonly number[]): number =>
  weightedMean(
    values,
    values.map((_, k) => k + 1),
  );
function deviation(values: readonly number[], ddof: number): number {
  if (isConstant(values)) return 0;
  const centre = mean(values);
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - ddof));
}
const returns = (values: ArrayLike<number>, row: number, n: number): number[] =>
  rows(row, n).map((at) => values[at]! / values[at - 1]! - 1);
const trueRange = ({ high, low, close }: RandomBars, row: number): number =>
  Math.max(high[row]!, close[row - 1]!) - Math.min(low[row]!, close[row - 1]!);
const place = (bars: RandomBars, row: number, n: number): number => {
  const [top, bottom] = [max(bars.high, row, n), min(bars.low, row, n)];
  return top === bottom ? 50 : (100 * (bars.close[row]! - bottom)) / (top - bottom);
};
const location = ({ high, low, close }: RandomBars, row: number): number =>
  high[row] === low[row] ? 0 : (2 * close[row]! - high[row]! - low[row]!) / (high[row]! - low[row]!);
/** Slope of the line of least squares, and its value at the window's last bar. */
function line(values: readonly number[]): { slope: number; end: number } {
  const centre = (values.length - 1) / 2;
  const slope =
    sum(values.map((value, x) => (x - centre) * value)) / sum(values.map((_, x) => (x - centre) * (x - centre)));
  return { slope, end: mean(values) + slope * centre };
}
const change = (values: ArrayLike<number>, row: number, n: number): number =>
  100 * (values[row]! / values[row - n]! - 1);
const below = (values: readonly number[]): number =>
  (100 * values.filter((value) => value < values.at(-1)!).length) / values.length;
const flow = (bars: RandomBars, row: number, n: number, sign: number): number =>
  sum(
    rows(row, n).map((at) =>
      (typical(bars, at) - typical(bars, at - 1)) * sign > 0 ? typical(bars, at) * bars.volume[at]! : 0,
    ),
  );
const middle = ({ high, low }: RandomBars, row: number): number => (high[row]! + low[row]!) / 2;
const channel = (bars: RandomBars, row: number, n: number): number =>
  (max(bars.high, row, n) + min(bars.low, row, n)) / 2;
const pressure = (bars: RandomBars, row: number, n: number): number => {
  const ranges = sum(rows(row, n).map((at) => trueRange(bars, at)));
  const { close, low } = bars;
  return ranges === 0 ? 0.5 : sum(rows(row, n).map((at) => close[at]! - Math.min(low[at]!, close[at - 1]!))) / ranges;
};
/** The bars since the extreme, the later one of equals. */
const age = (values: readonly number[], extreme: number): number => values.length - 1 - values.lastIndexOf(extreme);
const meanRange = (from: RandomBars, row: number, n: number): number =>
  mean(rows(row, n).map((at) => middle(from, at)));

/** By name: the recipe for a length, and each output's definition in the unit in which it is to agree. */
const cases: Record<
  string,
  {
    readonly recipe: (n: number) => Recipe;
    /** @defaultValue per cent */
    readonly unit?: 'price' | 'one';
    readonly outputs: (n: number) => Readonly<Record<string, Definition>>;
  }
> = {
  sma: {
    recipe: indicators.sma,
    unit: 'price',
    outputs: (n) => ({ value: ({ close }, row) => mean(windowOf(close, row, n)) }),
  },
  wma: {
    recipe: indicators.wma,
    unit: 'price',
    outputs: (n) => ({ value: ({ close }, row) => wma(windowOf(close, row, n)) }),
  },
  trima: {
    recipe: indicators.trima,
    unit: 'price',
    outputs: (n) => ({
      value: ({ close }, row) =>
        weightedMean(
          windowOf(close, row, n),
          Array.from({ length: n }, (_, k) => Math.min(k + 1, n - k)),
        ),
    }),
  },
  hma: {
    recipe: indicators.hma,
    unit: 'price',
    outputs: (n) => ({
      value: ({ close }, row) =>
        wma(
          rows(row, Math.floor(Math.sqrt(n))).map(
            (at) => 2 * wma(windowOf(close, at, Math.floor(n / 2))) - wma(windowOf(close, at, n)),
          ),
        ),
    }),
  },
  vwap: {
    recipe: indicators.vwap,
    unit: 'price',
    outputs: (n) => ({
      value: (bars, row) => {
        const volumes = windowOf(bars.volume, row, n);
        const prices = typicals(bars, row, n);
        return sum(volumes) === 0 ? mean(prices) : weightedMean(prices, volumes);
      },
    }),
  },
  momentum: {
    recipe: indicators.momentum,
    unit: 'price',
    outputs: (n) => ({ value: ({ close }, row) => close[row]! - close[row - n]! }),
  },
  roc: { recipe: indicators.roc, outputs: (n) => ({ value: ({ close }, row) => change(close, row, n) }) },
  kst: {
    recipe: (n) => indicators.kst(1, 2, 3, n, 3, 2, 1, 4, 2),
    outputs: (n) => {
      const raw: Definition = ({ close }, row) =>
        sum(
          [
            [1, 3],
            [2, 2],
            [3, 1],
            [n, 4],
          ].map(([roc, bars], k) => (k + 1) * mean(rows(row, bars!).map((at) => change(close, at, roc!)))),
        );
      return { kst: raw, signal: (bars, row) => (raw(bars, row) + raw(bars, row - 1)) / 2 };
    },
  },
  trueRange: { recipe: () => indicators.trueRange(), unit: 'price', outputs: () => ({ value: trueRange }) },
  typicalPrice: { recipe: () => indicators.typicalPrice(), unit: 'price', outputs: () => ({ value: typical }) },
  medianPrice: { recipe: () => indicators.medianPrice(), unit: 'price', outputs: () => ({ value: middle }) },
  highest: {
    recipe: indicators.highest,
    unit: 'price',
    outputs: (n) => ({ value: ({ high }, row) => max(high, row, n) }),
  },
  lowest: { recipe: indicators.lowest, unit: 'price', outputs: (n) => ({ value: ({ low }, row) => min(low, row, n) }) },
  donchian: {
    recipe: indicators.donchian,
    unit: 'price',
    outputs: (n) => ({
      upper: ({ high }, row) => max(high, row, n),
      middle: (bars, row) => channel(bars, row, n),
      lower: ({ low }, row) => min(low, row, n),
    }),
  },
  ichimoku: {
    recipe: (n) => indicators.ichimoku(n, 3, 4),
    unit: 'price',
    outputs: (n) => ({
      conversion: (bars, row) => channel(bars, row, n),
      base: (bars, row) => channel(bars, row, 3),
      spanA: (bars, row) => (channel(bars, row - 3, n) + channel(bars, row - 3, 3)) / 2,
      spanB: (bars, row) => channel(bars, row - 3, 4),
    }),
  },
  aroon: {
    recipe: indicators.aroon,
    outputs: (n) => {
      const up: Definition = ({ high }, row) =>
        (100 * (n - age(windowOf(high, row, n + 1), max(high, row, n + 1)))) / n;
      const down: Definition = ({ low }, row) => (100 * (n - age(windowOf(low, row, n + 1), min(low, row, n + 1)))) / n;
      return { up, down, oscillator: (bars, row) => up(bars, row) - down(bars, row) };
    },
  },
  williamsR: { recipe: indicators.williamsR, outputs: (n) => ({ value: (bars, row) => place(bars, row, n) - 100 }) },
  stochastic: {
    recipe: (n) => indicators.stochastic(n, 3, 2),
    outputs: (n) => {
      const k: Definition = (bars, row) => mean(rows(row, 3).map((at) => place(bars, at, n)));
      return { k, d: (bars, row) => mean([k(bars, row - 1), k(bars, row)]) };
    },
  },
  cci: {
    recipe: indicators.cci,
    outputs: (n) => ({
      value: (bars, row) => {
        const prices = typicals(bars, row, n);
        const centre = mean(prices);
        if (isConstant(prices)) return 0;
        return (prices.at(-1)! - centre) / (0.015 * mean(prices.map((price) => Math.abs(price - centre))));
      },
    }),
  },
  mfi: {
    recipe: indicators.mfi,
    outputs: (n) => ({
      value: (bars, row) => {
        const [up, down] = [flow(bars, row, n, 1), flow(bars, row, n, -1)];
        return up + down === 0 ? 50 : (100 * up) / (up + down);
      },
    }),
  },
  chaikinMoneyFlow: {
    recipe: indicators.chaikinMoneyFlow,
    unit: 'one',
    outputs: (n) => ({
      value: (bars, row) => {
        const volume = sum(windowOf(bars.volume, row, n));
        return volume === 0 ? 0 : sum(rows(row, n).map((at) => location(bars, at) * bars.volume[at]!)) / volume;
      },
    }),
  },
  ultimateOscillator: {
    recipe: (n) => indicators.ultimateOscillator(2, n, 5),
    outputs: (n) => ({
      value: (bars, row) =>
        (100 * (4 * pressure(bars, row, 2) + 2 * pressure(bars, row, n) + pressure(bars, row, 5))) / 7,
    }),
  },
  awesomeOscillator: {
    recipe: (n) => indicators.awesomeOscillator(n, n + 3),
    unit: 'price',
    outputs: (n) => ({ value: (bars, row) => meanRange(bars, row, n) - meanRange(bars, row, n + 3) }),
  },
  accelerationOscillator: {
    recipe: (n) => indicators.accelerationOscillator(n, 2, 5),
    unit: 'price',
    outputs: (n) => {
      const oscillator: Definition = (bars, row) => meanRange(bars, row, 2) - meanRange(bars, row, 5);
      return { value: (bars, row) => oscillator(bars, row) - mean(rows(row, n).map((at) => oscillator(bars, at))) };
    },
  },
  dv2: {
    recipe: (n) => indicators.dv2(n),
    outputs: (n) => {
      const ratio: Definition = (bars, row) => bars.close[row]! / middle(bars, row);
      // Free of the last digits, in which equal quotients differ.
      const both: Definition = (bars, row) => Number(((ratio(bars, row) + ratio(bars, row - 1)) / 2).toPrecision(14));
      return { value: (bars, row) => below(rows(row, n).map((at) => both(bars, at))) };
    },
  },
  standardDeviation: {
    recipe: (n) => indicators.standardDeviation(n),
    unit: 'price',
    outputs: (n) => ({ value: ({ close }, row) => deviation(windowOf(close, row, n), 0) }),
  },
  bollinger: {
    recipe: (n) => indicators.bollinger(n, 1.5),
    unit: 'price',
    outputs: (n) => ({
      upper: ({ close }, row) => mean(windowOf(close, row, n)) + 1.5 * deviation(windowOf(close, row, n), 0),
      middle: ({ close }, row) => mean(windowOf(close, row, n)),
      lower: ({ close }, row) => mean(windowOf(close, row, n)) - 1.5 * deviation(windowOf(close, row, n), 0),
    }),
  },
  envelope: {
    recipe: (n) => indicators.envelope(n, 3),
    unit: 'price',
    outputs: (n) => ({
      upper: ({ close }, row) => 1.03 * mean(windowOf(close, row, n)),
      middle: ({ close }, row) => mean(windowOf(close, row, n)),
      lower: ({ close }, row) => 0.97 * mean(windowOf(close, row, n)),
    }),
  },
  zscore: {
    recipe: (n) => indicators.zscore(n, 1),
    unit: 'one',
    outputs: (n) => ({
      value: ({ close }, row) => {
        const values = windowOf(close, row, n);
        return isConstant(values) ? 0 : (close[row]! - mean(values)) / deviation(values, 1);
      },
    }),
  },
  volatility: {
    recipe: (n) => indicators.volatility(n, 52),
    unit: 'one',
    outputs: (n) => ({ value: ({ close }, row) => deviation(returns(close, row, n), 1) * Math.sqrt(52) }),
  },
  linearRegression: {
    recipe: indicators.linearRegression,
    unit: 'price',
    outputs: (n) => ({
      line: ({ close }, row) => line(windowOf(close, row, n)).end,
      slope: ({ close }, row) => line(windowOf(close, row, n)).slope,
      intercept: ({ close }, row) => line(windowOf(close, row, n).reverse()).end,
    }),
  },
  percentRank: {
    recipe: indicators.percentRank,
    outputs: (n) => ({ value: ({ close }, row) => below(windowOf(close, row, n)) }),
  },
};

function expectNear(actual: number, expected: number, unit: number, what: string): void {
  if (!(Math.abs(actual - expected) <= 1e-9 * Math.max(unit, Math.abs(expected)))) {
    expect.fail(`${what}: ${actual} is not ${expected}`);
  }
}

describe('indicators over a window are their definitions', () => {
  it.each(Object.entries(cases))('%s', (_, { recipe, unit, outputs }) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, bars) => {
        const values = steps(recipe(n), bars, 0);
        const { warmUp } = recipe(n).start();
        for (const [output, definition] of Object.entries(outputs(n))) {
          for (let row = warmUp - 1; row < bars.close.length; row++) {
            const size = unit === 'price' ? bars.close[row]! : unit === 'one' ? 1 : 100;
            expectNear(values[output]![row]!, definition(bars, row), size, `${output} in row ${row}`);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  /** Runs an indicator of two series. */
  function pairs(recipe: Recipe, x: Float64Array, y: Float64Array): number[] {
    const step = recipe.start().step as unknown as (x: number, y: number) => number;
    return Array.from(x, (value, row) => step(value, y[row]!));
  }
  function comoments(x: readonly number[], y: readonly number[]): { xx: number; yy: number; xy: number } {
    const [centreX, centreY] = [mean(x), mean(y)];
    return {
      xx: isConstant(x) ? 0 : sum(x.map((value) => (value - centreX) ** 2)),
      yy: isConstant(y) ? 0 : sum(y.map((value) => (value - centreY) ** 2)),
      xy: sum(x.map((value, k) => (value - centreX) * (y[k]! - centreY))),
    };
  }

  it('correlation of closes and highs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, { close, high }) => {
        pairs(indicators.correlation(n), close, high).forEach((value, row) => {
          if (row < n - 1) {
            expect(value).toBeNaN();
            return;
          }
          const { xx, yy, xy } = comoments(windowOf(close, row, n), windowOf(high, row, n));
          expectNear(value, xx === 0 || yy === 0 ? 0 : xy / Math.sqrt(xx * yy), 1, `row ${row}`);
          expect(Math.abs(value)).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 1000 },
    );
  });

  it('beta of closes to highs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, { close, high }) => {
        pairs(indicators.beta(n), close, high).forEach((value, row) => {
          if (row < n) {
            expect(value).toBeNaN();
            return;
          }
          const { yy, xy } = comoments(returns(close, row, n), returns(high, row, n));
          expectNear(value, yy === 0 ? 0 : xy / yy, 1, `row ${row}`);
        });
      }),
      { numRuns: 1000 },
    );
  });
});
