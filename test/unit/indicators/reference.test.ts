import { expect, it } from 'vitest';
import { atr, ema, highest, lowest, rsi, sma, standardDeviation } from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';
import { referenceColumns, referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

type Values = (number | null)[];
type Recipe = Parameters<typeof steps>[0];
interface Bars {
  readonly high: Float64Array;
  readonly low: Float64Array;
  readonly close: Float64Array;
}

function bars(path: string, rows?: number): Bars {
  const { High, Low, Close } = referenceColumns(path, ['High', 'Low', 'Close']);
  return { high: High.subarray(0, rows), low: Low.subarray(0, rows), close: Close.subarray(0, rows) };
}

const overCloses = (from: Bars): Bars => ({ high: from.close, low: from.close, close: from.close });
const run = (recipe: Recipe, from: Bars): Float64Array => steps(recipe, from, 0).value!;

function expectSeries(actual: Float64Array, expected: Values, relative: number): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, row) => {
    const got = actual[row]!;
    if (value === null) expect(got, `row ${row}`).toBeNaN();
    else
      expect(Math.abs(got - value), `row ${row}: ${got} is not ${value}`).toBeLessThanOrEqual(
        relative * Math.max(1, Math.abs(value)),
      );
  });
}

const pandasFile = 'reference/indicators/goog_daily.json.gz';
describeShared('indicators on GOOG equal pandas and numpy to 10 decimals', pandasFile, () => {
  const cases: readonly (readonly [string, Recipe])[] = [
    ['sma_5', sma(5)],
    ['sma_20', sma(20)],
    ['sma_50', sma(50)],
    ['sma_200', sma(200)],
    ['ema_12_seed_sma', ema(12)],
    ['ema_26_seed_sma', ema(26)],
    ['ema_50_seed_sma', ema(50)],
    ['rsi_wilder_2', rsi(2)],
    ['rsi_wilder_14', rsi(14)],
    ['atr_wilder_14', atr(14)],
    ['rolling_std_ddof1_20', standardDeviation(20, 1)],
    ['highest_20', highest(20)],
    ['lowest_20', lowest(20)],
  ];
  it.each(cases)('%s', (name, recipe) => {
    const { series } = referenceJson<{ series: Record<string, Values> }>(pandasFile);
    // The file holds ten decimals.
    expectSeries(run(recipe, bars('reference/data/GOOG.csv.gz', 600)), series[name]!, 6e-11);
  });

  it('Bollinger bands over the population deviation', () => {
    const { series } = referenceJson<{ series: Record<string, Values> }>(pandasFile);
    const goog = bars('reference/data/GOOG.csv.gz', 600);
    const middle = run(sma(20), goog);
    const upper = run(standardDeviation(20), goog).map((deviation, row) => middle[row]! + 2 * deviation);
    expectSeries(upper, series.bb_20_2_upper!, 6e-11);
  });
});

const talibFile = 'reference/indicators/talib_goog.json.gz';
describeShared('indicators on GOOG equal TA-Lib', talibFile, () => {
  it.each([
    ['sma', sma(20)],
    ['ema', ema(20)],
    ['rsi', rsi(14)],
    ['atr', atr(14)],
    ['max', highest(20)],
    ['min', lowest(20)],
  ] as const)('%s', (name, recipe) => {
    const { cases } = referenceJson<{ cases: Record<string, { inputs: string[]; outputs: { output: Values } }> }>(
      talibFile,
    );
    const { inputs, outputs } = cases[name]!;
    const goog = bars('reference/data/GOOG.csv.gz', 600);
    expectSeries(run(recipe, inputs[0] === 'c' ? overCloses(goog) : goog), outputs.output, 1e-12);
  });
});

describeShared("TA-Lib's own tests", 'reference/indicators/talib_python_tests.json', () => {
  const file = () =>
    referenceJson<{ EMA_3_of_0_to_9: (number | 'NaN')[]; MIN_2: { in: (number | 'NaN')[]; out: (number | 'NaN')[] } }>(
      'reference/indicators/talib_python_tests.json',
    );
  const numbers = (values: (number | 'NaN')[]): Float64Array => Float64Array.from(values, Number);
  const of = (close: Float64Array): Bars => ({ high: close, low: close, close });

  it('EMA(3) of 0 to 9', () =>
    expect(run(ema(3), of(Float64Array.from({ length: 10 }, (_, i) => i)))).toEqual(numbers(file().EMA_3_of_0_to_9)));

  it('MIN(2), the leading NaN being no bar', () => {
    const { in: input, out } = file().MIN_2;
    expect(run(lowest(2), of(numbers(input).subarray(1)))).toEqual(numbers(out).subarray(1));
  });
});

describeShared("backtrader's three-point tests", 'reference/indicators/backtrader_indicator_tests.json', () => {
  const tests = () =>
    referenceJson<{ indicators: Record<string, { min_period: number; lines: string[][] }> }>(
      'reference/indicators/backtrader_indicator_tests.json',
    ).indicators;
  // Envelopes are a moving average and bands of 2.5 % around it: the first line is the average.
  it.each([
    ['highest', highest(14)],
    ['rsi_safe', rsi(14)],
    ['smaenvelope', sma(30)],
    ['emaenvelope', ema(30)],
  ] as const)('%s', (name, recipe) => {
    const { min_period: period, lines } = tests()[name]!;
    const values = run(recipe, overCloses(bars('reference/data/2006-day-001.txt.gz')));
    const l = values.length;
    const at = [l - 1, l - 1 + (period - l), l - 1 + Math.floor((period - l) / 2)];
    expect(recipe.start().warmUp).toBe(period);
    expect(at.map((row) => values[row]!.toFixed(6))).toEqual(lines[0]);
  });
});
