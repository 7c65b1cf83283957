import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';

type Recipe = Parameters<typeof steps>[0];

/** Runs an indicator over rows of high, low, close and volume. */
function over(
  rows: readonly (readonly [number, number, number, number?])[],
  recipe: Recipe,
  output = 'value',
): number[] {
  const column = (index: number): Float64Array => Float64Array.from(rows, (row) => row[index] ?? 0);
  const bars = { high: column(0), low: column(1), close: column(2), volume: column(3) };
  return [...steps(recipe, bars, 0)[output]!];
}
const overCloses = (closes: readonly number[], recipe: Recipe, output?: string): number[] =>
  over(
    closes.map((close) => [close, close, close, 1]),
    recipe,
    output,
  );
const none = Number.NaN;

describe('averages', () => {
  const closes = [1, 2, 4, 8, 16];

  it.each([
    ['wma', indicators.wma(3), [none, none, 17 / 6, 34 / 6, 68 / 6]],
    ['trima of an odd length', indicators.trima(3), [none, none, 9 / 4, 18 / 4, 36 / 4]],
    ['trima of an even length', indicators.trima(4), [none, none, none, 21 / 6, 42 / 6]],
    ['smma', indicators.smma(2), [none, 1.5, 2.75, 5.375, 10.6875]],
    ['hma', indicators.hma(2), [none, 2 * 2 - 5 / 3, 2 * 4 - 10 / 3, 2 * 8 - 20 / 3, 2 * 16 - 40 / 3]],
    ['dema of one bar', indicators.dema(1), closes],
    ['tema of one bar', indicators.tema(1), closes],
    ['t3 of one bar', indicators.t3(1), closes],
    // Efficiency 1: the share is 2/3 squared.
    ['kama of a straight way', indicators.kama(1), [none, 1 + 4 / 9, 1 + 4 / 9 + (4 / 9) * (3 - 4 / 9), none, none]],
  ])('%s', (_, recipe, expected) => {
    const values = overCloses(closes, recipe);
    expected.forEach((value, row) => {
      if (Number.isNaN(value) && row > 2) return;
      if (Number.isNaN(value)) expect(values[row]).toBeNaN();
      else expect(values[row]).toBeCloseTo(value, 12);
    });
  });

  it('wma is the correctly rounded mean of decimals, whatever passed through it before', () => {
    const Exact = Decimal.clone({ precision: 60 });
    const decimals = fc.integer({ min: 0, max: 8 }).chain((places) =>
      fc.array(
        fc
          .tuple(fc.integer({ min: -(10 ** 10), max: 10 ** 10 }), fc.integer({ min: 0, max: places }))
          .map(([ticks, used]) => Number(`${ticks}e-${used}`)),
        { minLength: 1, maxLength: 40 },
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), decimals, (n, closes) => {
        const recipe = indicators.wma(n);
        overCloses(closes, recipe).forEach((value, row) => {
          if (row < n - 1) {
            expect(value).toBeNaN();
            return;
          }
          let sum = new Exact(0);
          for (let k = 1; k <= n; k++) sum = sum.plus(new Exact(String(closes[row - n + k]!)).times(k));
          const mean = sum.div((n * (n + 1)) / 2).toNumber() + 0;
          // Where the integers exceed 2 ** 53 doubles are summed instead.
          const isExact = closes.every((close) => Math.abs(close) * 1e8 * n * n < 2 ** 53);
          if (isExact) expect(value).toBe(mean);
          else expect(Math.abs(value - mean)).toBeLessThanOrEqual(1e-13 * Math.max(...closes.map(Math.abs)));
        });
      }),
      { numRuns: 2000 },
    );
  });

  it('wma and linearRegression find a constant window constant, and a line straight', () => {
    expect(overCloses([0.1, 0.1, 0.1, 0.1], indicators.wma(3)).slice(2)).toEqual([0.1, 0.1]);
    expect(overCloses([0.1, 0.1, 0.1, 0.1], indicators.linearRegression(3), 'slope').slice(2)).toEqual([0, 0]);
    expect(overCloses([0.1, 0.2, 0.3, 0.4], indicators.linearRegression(3), 'slope').slice(2)).toEqual([0.1, 0.1]);
  });

  it('zeroLag comes nearer to a rising close than the average that it corrects', () => {
    const rising = Array.from({ length: 40 }, (_, row) => 100 + row);
    const plain = overCloses(rising, indicators.ema(10)).at(-1)!;
    const corrected = overCloses(rising, indicators.zeroLag(10)).at(-1)!;
    expect(corrected).toBeGreaterThan(plain);
    // An average over 10 bars lags 4.5 of them.
    expect(139 - plain).toBeCloseTo(4.5, 1);
    expect(139 - corrected).toBeLessThan(1);
  });

  it('vwap weighs typical prices by volume, and equally without any', () => {
    const rows = [
      [12, 9, 9, 1],
      [22, 19, 19, 3],
      [30, 30, 30, 0],
      [40, 40, 40, 0],
    ] as const;
    expect(over(rows, indicators.vwap(2))).toEqual([none, (10 + 60) / 4, 20, 35]);
  });
});

describe('where a formula would divide by nothing', () => {
  const flat = Array.from({ length: 12 }, () => 5);
  it.each([
    ['stochastic', indicators.stochastic(3, 1, 1), 'k', 50],
    ['stochasticRsi', indicators.stochasticRsi(3, 3, 1, 1), 'k', 50],
    ['williamsR', indicators.williamsR(3), 'value', -50],
    ['mfi', indicators.mfi(3), 'value', 50],
    ['ultimateOscillator', indicators.ultimateOscillator(2, 3, 4), 'value', 50],
    ['laguerreRsi', indicators.laguerreRsi(), 'value', 0.5],
    ['cmo', indicators.cmo(3), 'value', 0],
    ['tsi', indicators.tsi(3, 2), 'value', 0],
    ['cci', indicators.cci(3), 'value', 0],
    ['zscore', indicators.zscore(3), 'value', 0],
    ['adx', indicators.adx(3), 'value', 0],
    ['directionalIndicator', indicators.directionalIndicator(3), 'plus', 0],
    ['chaikinMoneyFlow', indicators.chaikinMoneyFlow(3), 'value', 0],
    ['correlation', indicators.correlation(3), 'value', 0],
    ['beta', indicators.beta(3), 'value', 0],
    ['percentRank', indicators.percentRank(3), 'value', 0],
    ['dv2', indicators.dv2(3), 'value', 0],
    ['kama', indicators.kama(3), 'value', 5],
  ])('%s of prices that never moved is what its page says', (_, recipe, output, expected) => {
    expect(overCloses(flat, recipe, output).at(-1)).toBe(expected);
  });

  it.each([
    ['stochasticRsi', indicators.stochasticRsi(3, 5, 1, 1), 'k', 50],
    ['laguerreRsi', indicators.laguerreRsi(0.3), 'value', 0.5],
  ])('%s says so again, once prices that moved have stopped for long', (_, recipe, output, expected) => {
    const moved = Array.from({ length: 20 }, (_, row) => 5 + ((row * 7) % 11) / 10);
    const stopped = Array.from({ length: 80 }, () => 5.7);
    const values = overCloses([...moved, ...stopped], recipe, output);
    expect(new Set(values.slice(15, 20)).size).toBeGreaterThan(1);
    expect(values.slice(70)).toEqual(Array.from({ length: 30 }, () => expected));
  });

  it.each([
    ['roc', indicators.roc(1)],
    ['natr', indicators.natr(1)],
    ['ppo', indicators.ppo(1, 2, 1)],
    ['trix', indicators.trix(1)],
    ['volatility', indicators.volatility(2)],
    ['beta', indicators.beta(2)],
  ])('%s of a series at 0 is 0', (_, recipe) => {
    const output = recipe.outputs[0]!;
    expect(overCloses([0, 0, 0, 0, 0], recipe, output).at(-1)).toBe(0);
  });
});

describe('equal on paper is equal', () => {
  it('mfi counts no flow where typical prices differ in the last digit alone', () => {
    // 10.6 + 10.2 + 10.4 and three times 10.4, which doubles sum to different numbers.
    expect(10.6 + 10.2 + 10.4 === 10.4 + 10.4 + 10.4).toBe(false);
    const rows = [
      [10.6, 10.2, 10.4, 100],
      [10.4, 10.4, 10.4, 100],
      [10.6, 10.2, 10.4, 100],
    ] as const;
    expect(over(rows, indicators.mfi(2)).at(-1)).toBe(50);
  });

  it('cci of such prices is 0', () => {
    const rows = [
      [10.6, 10.2, 10.4],
      [10.4, 10.4, 10.4],
      [10.6, 10.2, 10.4],
    ] as const;
    expect(over(rows, indicators.cci(3)).at(-1)).toBe(0);
  });

  it('directionalIndicator counts no movement where rise and fall are the same', () => {
    expect(10.3 - 10.2 === 10.1 - 10).toBe(false);
    const rows = [
      [10.2, 10.1, 10.1],
      [10.3, 10, 10.1],
    ] as const;
    expect(over(rows, indicators.directionalIndicator(1), 'plus').at(-1)).toBe(0);
    expect(over(rows, indicators.directionalIndicator(1), 'minus').at(-1)).toBe(0);
  });
});

describe('trends', () => {
  it('parabolicSar climbs with the highs, turns at a hit and falls with the lows', () => {
    const rows = [
      [10, 9, 9.5],
      [11, 10, 10.5],
      [12, 11, 11.5],
      [11, 8, 8.5],
      [9, 7, 7.5],
      [8, 7, 7.5],
    ] as const;
    const values = over(rows, indicators.parabolicSar(0.1, 0.2));
    // From 9 a tenth of the way to 11, then two tenths to 12: a low of 8 is below that, and 12, the extreme, is the stop. It
    // stays at the high of two bars before, then goes two tenths of the way to 7.
    expect(values[0]).toBeNaN();
    expect(values[1]).toBe(9);
    expect(values[2]).toBeCloseTo(9.2, 12);
    expect(values[3]).toBe(12);
    expect(values[4]).toBe(12);
    expect(values[5]).toBeCloseTo(11, 12);
  });

  it.each([
    { second: [9.8, 8, 8.5], goes: 'down where only the low fell', first: 10 },
    { second: [10.5, 9.2, 10], goes: 'up where only the high rose', first: 9 },
    { second: [11, 8, 8.5], goes: 'up, and is hit at once, where both moved as far', first: 11 },
    { second: [10.5, 8, 8.5], goes: 'down, and is hit at once, where the low moved further', first: 8 },
  ] as const)('parabolicSar first goes $goes', ({ second, first }) => {
    expect(over([[10, 9, 9.5], second], indicators.parabolicSar()).at(-1)).toBe(first);
  });

  it('supertrend follows the price from below after a close above the upper band', () => {
    const rows = [
      [11, 9, 10],
      [11, 9, 10],
      [13, 11, 13],
      [15, 13, 15],
      [15, 13, 14],
      [10, 8, 8],
    ] as const;
    const line = over(rows, indicators.supertrend(1, 1), 'line');
    const direction = over(rows, indicators.supertrend(1, 1), 'direction');
    // Ranges from the second bar on: 2, 3, 2, 2, 6; middles 10, 12, 14, 14, 9.
    expect(direction).toEqual([none, -1, 1, 1, 1, -1]);
    expect(line).toEqual([none, 12, 9, 12, 12, 15]);
  });

  it('aroon counts the bars since the later one of equal extremes', () => {
    const rows = [
      [5, 1, 3],
      [5, 2, 3],
      [4, 1, 3],
      [3, 2, 3],
    ] as const;
    expect(over(rows, indicators.aroon(2), 'up')).toEqual([none, none, 50, 0]);
    expect(over(rows, indicators.aroon(2), 'down')).toEqual([none, none, 100, 50]);
    expect(over(rows, indicators.aroon(2), 'oscillator')).toEqual([none, none, -50, -50]);
  });
});

describe('volume', () => {
  const rows = [
    [12, 8, 11, 100],
    [12, 8, 12, 10],
    [12, 8, 12, 20],
    [12, 8, 8, 40],
    [8, 8, 8, 50],
  ] as const;

  it.each([
    ['obv', indicators.obv(), [100, 110, 110, 70, 70]],
    ['accumulationDistribution', indicators.accumulationDistribution(), [50, 60, 80, 40, 40]],
    ['chaikinMoneyFlow', indicators.chaikinMoneyFlow(2), [none, 60 / 110, 1, -20 / 60, -40 / 90]],
    ['williamsAccumulation', indicators.williamsAccumulation(), [none, 4, 4, 0, 0]],
  ])('%s', (_, recipe, expected) => expect(over(rows, recipe)).toEqual(expected));
});

describe('statistics', () => {
  it('volatility is the deviation of returns over a year', () => {
    const values = overCloses([100, 110, 99, 108.9], indicators.volatility(3));
    // Returns 10 %, -10 %, 10 %: the sample's deviation is sqrt((2 * (1/15) ** 2 + (2/15) ** 2) / 2).
    expect(values.at(-1)).toBeCloseTo(Math.sqrt((6 / 225 / 2) * 252), 12);
  });

  it('percentRank counts the closes below', () => {
    expect(overCloses([3, 1, 2, 2, 5], indicators.percentRank(4))).toEqual([none, none, none, 25, 75]);
  });

  it('beta and correlation take two series', () => {
    const beta = indicators.beta(2).start().step as unknown as (asset: number, market: number) => number;
    expect([beta(100, 100), beta(120, 110), beta(96, 99)].at(-1)).toBeCloseTo(2, 12);
    const correlation = indicators.correlation(3).start().step as unknown as (x: number, y: number) => number;
    expect([correlation(1, -2), correlation(2, -4), correlation(3, -6)].at(-1)).toBeCloseTo(-1, 12);
  });
});

describe('arguments', () => {
  it.each([
    [() => indicators.macd(26, 12), 'macd with fast 26 and slow 12: fast must be below slow.'],
    [() => indicators.macd(12.5), 'macd with fast 12.5 needs a whole number of bars from 1 to 10000000.'],
    [
      () => indicators.macd(12, 26, 9, 'soon' as 'apart'),
      "macd with start 'soon': it is 'together' (TA-Lib) or 'apart'.",
    ],
    [() => indicators.bollinger(20, -1), 'bollinger with deviations -1 needs a finite number from 0 on.'],
    [() => indicators.envelope(20, Number.NaN), 'envelope with percent NaN needs a finite number from 0 on.'],
    [
      () => indicators.keltner(20, Number.POSITIVE_INFINITY),
      'keltner with ranges Infinity needs a finite number from 0 on.',
    ],
    [() => indicators.parabolicSar(2), 'parabolicSar with acceleration 2 needs a finite number from 0 to 1.'],
    [() => indicators.t3(5, 1.5), 't3 with volumeFactor 1.5 needs a finite number from 0 to 1.'],
    [() => indicators.zscore(5, 2 as 1), 'zscore(5, 2): the second argument is 0 (population) or 1 (sample).'],
    [() => indicators.zscore(1, 1), 'zscore(1) needs a whole number of bars from 2 to 10000000.'],
    [() => indicators.hma(1), 'hma(1) needs a whole number of bars from 2 to 10000000.'],
    [() => indicators.laguerreRsi(1), 'laguerreRsi with gamma 1 needs a finite number from 0'],
  ] as readonly (readonly [() => Recipe, string])[])('refuses %s', (create, message) => {
    expect(() => create().start()).toThrow(message);
    expect(() => create().start()).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
  });
});
