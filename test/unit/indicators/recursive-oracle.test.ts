import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';
import { type RandomBars, randomBars } from '../../helpers/random-bars.js';

type Recipe = Parameters<typeof steps>[0];

/** An average over the whole series by its closed form: the seed and all later values, each with its weight. */
function smoothed(values: readonly number[], n: number, alpha: number): number[] {
  return values.map((_, row) => {
    const first = values.findIndex((value) => !Number.isNaN(value));
    if (first < 0 || row < first + n - 1) return Number.NaN;
    const age = row - (first + n - 1);
    let total = (1 - alpha) ** age * (values.slice(first, first + n).reduce((sum, value) => sum + value, 0) / n);
    for (let k = 0; k < age; k++) total += alpha * (1 - alpha) ** k * values[row - k]!;
    return total;
  });
}
const ema = (values: readonly number[], n: number): number[] => smoothed(values, n, 2 / (n + 1));
const wilder = (values: readonly number[], n: number): number[] => smoothed(values, n, 1 / n);
const minus = (a: readonly number[], b: readonly number[], factor = 1): number[] =>
  a.map((value, row) => value - factor * b[row]!);

function trueRanges({ high, low, close }: RandomBars): number[] {
  return Array.from(high, (top, row) =>
    row === 0 ? Number.NaN : Math.max(top, close[row - 1]!) - Math.min(low[row]!, close[row - 1]!),
  );
}
function changes({ close }: RandomBars, sign: number): number[] {
  return Array.from(close, (value, row) => (row === 0 ? Number.NaN : Math.max(0, sign * (value - close[row - 1]!))));
}
function distribution({ high, low, close, volume }: RandomBars): number[] {
  let total = 0;
  return Array.from(close, (value, row) => {
    const range = high[row]! - low[row]!;
    total += range === 0 ? 0 : ((2 * value - high[row]! - low[row]!) / range) * volume[row]!;
    return total;
  });
}
/** An exponential average that sets out from its first value. */
function setOut(values: readonly number[], n: number): number[] {
  const alpha = 2 / (n + 1);
  return values.map((_, row) => {
    let total = (1 - alpha) ** row * values[0]!;
    for (let k = 0; k < row; k++) total += alpha * (1 - alpha) ** k * values[row - k]!;
    return total;
  });
}
function rsi(bars: RandomBars, n: number): number[] {
  const [gain, loss] = [wilder(changes(bars, 1), n), wilder(changes(bars, -1), n)];
  return gain.map((up, row) => (up + loss[row]! === 0 ? 50 : (100 * up) / (up + loss[row]!)));
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const rolling = (values: readonly number[], n: number, of: (window: readonly number[]) => number): number[] =>
  values.map((_, row) => (row < n - 1 ? Number.NaN : of(values.slice(row - n + 1, row + 1))));

type Series = Readonly<Record<string, readonly number[]>>;
interface Case {
  readonly recipe: (n: number) => Recipe;
  /** What the values are to agree in. @defaultValue per cent */
  readonly size?: 'price' | 'volume';
  readonly of: (bars: RandomBars, n: number) => Series;
}

const cases: Record<string, Case> = {
  smma: { recipe: indicators.smma, size: 'price', of: ({ close }, n) => ({ value: wilder([...close], n) }) },
  t3: {
    recipe: (n) => indicators.t3(n, 0.6),
    size: 'price',
    of: ({ close }, n) => {
      const chain: number[][] = [];
      for (let k = 0; k < 6; k++) chain.push(ema(chain[k - 1] ?? [...close], n));
      // ((1 + v) E - v E E) to the third power, E being the average.
      const value = chain[5]!.map((_, row) =>
        [1, 3, 3, 1].reduce((sum, c, k) => sum + c * 1.6 ** (3 - k) * (-0.6) ** k * chain[2 + k]![row]!, 0),
      );
      return { value };
    },
  },
  'macd started apart': {
    recipe: (n) => indicators.macd(n, n + 3, 4, 'apart'),
    size: 'price',
    of: ({ close }, n) => {
      const line = minus(ema([...close], n), ema([...close], n + 3));
      const signal = ema(line, 4);
      return { macd: line, signal, histogram: minus(line, signal) };
    },
  },
  'macd started together': {
    recipe: (n) => indicators.macd(n, n + 3, 4),
    size: 'price',
    of: ({ close }, n) => {
      const late = [...close].map((value, row) => (row < 3 ? Number.NaN : value));
      const line = minus(ema(late, n), ema([...close], n + 3));
      const signal = ema(line, 4);
      return { macd: line, signal, histogram: minus(line, signal) };
    },
  },
  keltner: {
    recipe: (n) => indicators.keltner(n, 1.5, 4),
    size: 'price',
    of: (bars, n) => {
      const middle = ema([...bars.close], n);
      const range = wilder(trueRanges(bars), 4);
      return { upper: minus(middle, range, -1.5), middle, lower: minus(middle, range, 1.5) };
    },
  },
  natr: {
    recipe: indicators.natr,
    of: (bars, n) => ({ value: wilder(trueRanges(bars), n).map((range, row) => (100 * range) / bars.close[row]!) }),
  },
  rsi: { recipe: indicators.rsi, of: (bars, n) => ({ value: rsi(bars, n) }) },
  cmo: {
    recipe: indicators.cmo,
    // Gains less losses over their sum: the relative strength index on a scale from -100 to 100.
    of: (bars, n) => ({ value: rsi(bars, n).map((value) => 2 * value - 100) }),
  },
  adxr: {
    recipe: indicators.adxr,
    of: (bars, n) => {
      const adx = steps(indicators.adx(n), bars, 0).value!;
      return { value: Array.from(adx, (value, row) => (value + (adx[row - n + 1] ?? Number.NaN)) / 2) };
    },
  },
  accumulationDistribution: {
    recipe: () => indicators.accumulationDistribution(),
    size: 'volume',
    of: (bars) => ({ value: distribution(bars) }),
  },
  chaikinOscillator: {
    recipe: (n) => indicators.chaikinOscillator(n, n + 4),
    size: 'volume',
    of: (bars, n) => ({ value: minus(setOut(distribution(bars), n), setOut(distribution(bars), n + 4)) }),
  },
};

describe('indicators over all history are their closed forms', () => {
  it.each(Object.entries(cases))('%s', (_, { recipe, size, of }) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, bars) => {
        const values = steps(recipe(n), bars, 0);
        const unit = size === 'price' ? Math.max(...bars.close) : size === 'volume' ? 5000 : 100;
        for (const [output, expected] of Object.entries(of(bars, n))) {
          for (let row = recipe(n).start().warmUp - 1; row < expected.length; row++) {
            const [got, want] = [values[output]![row]!, expected[row]!];
            if (!(Math.abs(got - want) <= 1e-9 * unit)) expect.fail(`${output} in row ${row}: ${got} is not ${want}`);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('stochasticRsi is the stochastic of the RSI', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, bars) => {
        const { k, d } = steps(indicators.stochasticRsi(n, 4, 3, 2), bars, 0);
        const index = [...steps(indicators.rsi(n), bars, 0).value!].slice(n);
        const raw = rolling(index, 4, (window) => {
          const [low, high] = [Math.min(...window), Math.max(...window)];
          return high - low < 1e-9 ? 50 : (100 * (window.at(-1)! - low)) / (high - low);
        });
        const expectedK = rolling(raw, 3, mean);
        const expectedD = rolling(expectedK, 2, mean);
        for (let row = n + 4 + 3 + 2 - 3; row < bars.close.length; row++) {
          expect(k![row]).toBeCloseTo(expectedK[row - n]!, 8);
          expect(d![row]).toBeCloseTo(expectedD[row - n]!, 8);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('directionalIndicator, adx: a movement counts once, and not at all where both are equal on paper', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), randomBars(60), (n, bars) => {
        // Free of the last digits, in which equal movements differ.
        const plain = (value: number): number => Number(value.toPrecision(9));
        const movements = Array.from(bars.high, (high, row) => {
          const [rise, fall] = [plain(high - bars.high[row - 1]!), plain(bars.low[row - 1]! - bars.low[row]!)];
          return { up: rise > fall && rise > 0 ? rise : 0, down: fall > rise && fall > 0 ? fall : 0 };
        });
        const sums = (values: readonly number[]): number[] => {
          const all: number[] = [];
          for (let row = 0; row < values.length; row++) {
            const before = row === 0 ? 0 : all[row - 1]!;
            all.push(row === 0 ? 0 : before - (row < n ? 0 : before / n) + values[row]!);
          }
          return all;
        };
        const range = sums(trueRanges(bars));
        const { plus, minus: less } = steps(indicators.directionalIndicator(n), bars, 0);
        const up = sums(movements.map((movement) => movement.up));
        const down = sums(movements.map((movement) => movement.down));
        const adx = steps(indicators.adx(n), bars, 0).value!;
        let [average, count] = [0, 0];
        for (let row = n; row < bars.close.length; row++) {
          const both = plus![row]! + less![row]!;
          const index = both === 0 ? undefined : (100 * Math.abs(plus![row]! - less![row]!)) / both;
          if (count < n) average += (index ?? 0) / n;
          else if (index !== undefined) average += (index - average) / n;
          if (++count >= n) expect(adx[row]).toBeCloseTo(average, 6);
          expect(plus![row]).toBeCloseTo(range[row] === 0 ? 0 : (100 * up[row]!) / range[row]!, 6);
          expect(less![row]).toBeCloseTo(range[row] === 0 ? 0 : (100 * down[row]!) / range[row]!, 6);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
