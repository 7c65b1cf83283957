import { expect, it } from 'vitest';
import * as indicators from '../../../src/indicators/index.js';
import { steps } from '../../contract/indicator-contract.js';
import type { RandomBars as Bars } from '../../helpers/random-bars.js';
import { referenceColumns, referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

type Values = (number | null)[];
type Recipe = Parameters<typeof steps>[0];

function bars(path: string, rows?: number): Bars {
  const { High, Low, Close, Volume } = referenceColumns(path, ['High', 'Low', 'Close', 'Volume']);
  return {
    high: High.subarray(0, rows),
    low: Low.subarray(0, rows),
    close: Close.subarray(0, rows),
    volume: Volume.subarray(0, rows),
  };
}

const goog = (): Bars => bars('reference/data/GOOG.csv.gz', 600);
const overCloses = (from: Bars): Bars => ({ ...from, high: from.close, low: from.close });
const run = (recipe: Recipe, from: Bars, output = 'value'): Float64Array => steps(recipe, from, 0)[output]!;

/** @param first row from which on to compare, where the reference has its first values earlier */
function expectSeries(actual: Float64Array, expected: Values, relative: number, first = 0): void {
  expect(actual.length).toBe(expected.length);
  expected.forEach((value, row) => {
    if (row < first) return;
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
  const apart = indicators.macd(12, 26, 9, 'apart');
  const cases: readonly (readonly [string, Recipe, string?, number?])[] = [
    ['sma_5', indicators.sma(5)],
    ['sma_20', indicators.sma(20)],
    ['sma_50', indicators.sma(50)],
    ['sma_200', indicators.sma(200)],
    ['ema_12_seed_sma', indicators.ema(12)],
    ['ema_26_seed_sma', indicators.ema(26)],
    ['ema_50_seed_sma', indicators.ema(50)],
    ['wma_20', indicators.wma(20)],
    ['rsi_wilder_2', indicators.rsi(2)],
    ['rsi_wilder_14', indicators.rsi(14)],
    ['true_range', indicators.trueRange()],
    ['atr_wilder_14', indicators.atr(14)],
    ['macd_12_26_9_line', indicators.apo(12, 26)],
    ['macd_12_26_9_line', apart, 'macd', 33],
    ['macd_12_26_9_signal', apart, 'signal'],
    ['macd_12_26_9_hist', apart, 'histogram'],
    ['bb_20_2_upper', indicators.bollinger(20, 2), 'upper'],
    ['bb_20_2_middle', indicators.bollinger(20, 2), 'middle'],
    ['bb_20_2_lower', indicators.bollinger(20, 2), 'lower'],
    ['rolling_std_ddof1_20', indicators.standardDeviation(20, 1)],
    ['zscore_20', indicators.zscore(20, 1)],
    ['roc_20', indicators.roc(20)],
    ['highest_20', indicators.highest(20)],
    ['lowest_20', indicators.lowest(20)],
    ['highest_20', indicators.donchian(20), 'upper'],
    ['lowest_20', indicators.donchian(20), 'lower'],
  ];
  const rows = cases.map(([name, recipe, output = 'value', first = 0]) => ({ name, recipe, output, first }));
  it.each(rows)('$name', ({ name, recipe, output, first }) => {
    const { series } = referenceJson<{ series: Record<string, Values> }>(pandasFile);
    // The file holds ten decimals.
    expectSeries(run(recipe, goog(), output), series[name]!, 6e-11, first);
  });
});

const talibFile = 'reference/indicators/talib_goog.json.gz';
describeShared('indicators on GOOG equal TA-Lib', talibFile, () => {
  const macd = indicators.macd(12, 26, 9);
  const cases: readonly (readonly [string, Recipe, string?, string?])[] = [
    ['sma', indicators.sma(20)],
    ['ema', indicators.ema(20)],
    ['wma', indicators.wma(20)],
    ['dema', indicators.dema(20)],
    ['tema', indicators.tema(20)],
    ['kama', indicators.kama(20)],
    ['rsi', indicators.rsi(14)],
    ['atr', indicators.atr(14)],
    ['trange', indicators.trueRange()],
    ['adx', indicators.adx(14)],
    ['plus_di', indicators.directionalIndicator(14), 'output', 'plus'],
    ['minus_di', indicators.directionalIndicator(14), 'output', 'minus'],
    ['cci', indicators.cci(20)],
    ['macd', macd, 'MACD', 'macd'],
    ['macd', macd, 'MACDSignal', 'signal'],
    ['macd', macd, 'MACDHist', 'histogram'],
    ['willr', indicators.williamsR(14)],
    ['mom', indicators.momentum(10)],
    ['roc', indicators.roc(10)],
    ['linreg_slope', indicators.linearRegression(14), 'output', 'slope'],
    ['obv', indicators.obv()],
    ['mfi', indicators.mfi(14)],
    ['sar', indicators.parabolicSar(0.02, 0.2)],
    ['aroon', indicators.aroon(14), 'aroonUp', 'up'],
    ['aroon', indicators.aroon(14), 'aroonDown', 'down'],
    ['trix', indicators.trix(20)],
    ['ultosc', indicators.ultimateOscillator(7, 14, 28)],
    ['max', indicators.highest(20)],
    ['min', indicators.lowest(20)],
  ];
  const file = () =>
    referenceJson<{ cases: Record<string, { inputs: string[]; outputs: Record<string, Values> }> }>(talibFile);

  const rows = cases.map(([name, recipe, theirs = 'output', ours = 'value']) => ({ name, recipe, theirs, ours }));
  it.each(rows)('$name $theirs', ({ name, recipe, theirs, ours }) => {
    const { inputs, outputs } = file().cases[name]!;
    const from = inputs[0] === 'c' ? overCloses(goog()) : goog();
    // TA-Lib keeps running sums in floating point; the file holds 15 digits.
    expectSeries(run(recipe, from, ours), outputs[theirs]!, 1e-10);
  });

  it('natr, but for its first value, where TA-Lib prints 0', () => {
    const { outputs } = file().cases.natr!;
    expect(outputs.output![14]).toBe(0);
    const values = run(indicators.natr(14), goog());
    expect(values[14]).toBe((100 * run(indicators.atr(14), goog())[14]!) / goog().close[14]!);
    expectSeries(values, outputs.output!, 1e-10, 15);
  });

  it('leaves out none of its functions', () =>
    expect([...new Set(cases.map(([name]) => name)), 'natr'].sort()).toEqual(Object.keys(file().cases).sort()));
});

describeShared("TA-Lib's own tests", 'reference/indicators/talib_python_tests.json', () => {
  type Printed = (number | 'NaN')[];
  const file = () =>
    referenceJson<{
      EMA_3_of_0_to_9: Printed;
      MIN_2: { in: Printed; out: Printed };
      MOM: { in: Printed; '1': Printed; '2': Printed };
      AROON_nan_input: { high: Printed; low: Printed; up: Printed; down: Printed };
    }>('reference/indicators/talib_python_tests.json');
  const numbers = (values: Printed): Float64Array => Float64Array.from(values, Number);
  const of = (close: Float64Array): Bars => ({ high: close, low: close, close, volume: close });

  it('EMA(3) of 0 to 9', () =>
    expect(run(indicators.ema(3), of(Float64Array.from({ length: 10 }, (_, i) => i)))).toEqual(
      numbers(file().EMA_3_of_0_to_9),
    ));

  it('MIN(2), the leading NaN being no bar', () => {
    const { in: input, out } = file().MIN_2;
    expect(run(indicators.lowest(2), of(numbers(input).subarray(1)))).toEqual(numbers(out).subarray(1));
  });

  it('MOM(1) and MOM(2)', () => {
    const { in: input, '1': one, '2': two } = file().MOM;
    expect(run(indicators.momentum(1), of(numbers(input)))).toEqual(numbers(one));
    expect(run(indicators.momentum(2), of(numbers(input)))).toEqual(numbers(two));
  });

  it('AROON(2), bars without a low being none', () => {
    const { high, low, up, down } = file().AROON_nan_input;
    const from = { ...of(numbers(high).subarray(2)), low: numbers(low).subarray(2) };
    expect(run(indicators.aroon(2), from, 'up')).toEqual(numbers(up).subarray(2));
    expect(run(indicators.aroon(2), from, 'down')).toEqual(numbers(down).subarray(2));
  });
});

describeShared("backtrader's three-point tests", 'reference/indicators/backtrader_indicator_tests.json', () => {
  type Line = (from: Bars) => Float64Array;
  type Test = { min_period: number; lines: (string | string[])[][] };
  const tests = () =>
    referenceJson<{ indicators: Record<string, Test> }>('reference/indicators/backtrader_indicator_tests.json')
      .indicators;
  const days = (): Bars => bars('reference/data/2006-day-001.txt.gz');
  const average =
    (create: (length: number) => Recipe): Line =>
    (from) =>
      run(create(30), overCloses(from));
  const distance =
    (create: (length: number) => Recipe): Line =>
    (from) =>
      run(create(30), overCloses(from)).map((value, row) => from.close[row]! - value);
  const ofCloses =
    (recipe: Recipe, output?: string, factor = 1): Line =>
    (from) =>
      run(recipe, overCloses(from), output).map((value) => value * factor);
  const of =
    (recipe: Recipe, output?: string): Line =>
    (from) =>
      run(recipe, from, output);
  const bands = ['middle', 'upper', 'lower'].map((output) => ofCloses(indicators.envelope(30), output));
  const kst = indicators.kst(10, 15, 20, 30, 10, 10, 10, 10, 9);

  // Lines in the order of the file. Of envelopes the bands are 2.5 % around the average; an oscillator is the close minus it.
  const cases: readonly (readonly [string, ...Line[]])[] = [
    ['accdecosc', of(indicators.accelerationOscillator())],
    ['aroonupdown', of(indicators.aroon(14), 'up'), of(indicators.aroon(14), 'down')],
    ['awesomeoscillator', of(indicators.awesomeOscillator())],
    ['demaenvelope', average(indicators.dema)],
    ['dv2', of(indicators.dv2())],
    ['emaenvelope', average(indicators.ema)],
    ['envelope', ...bands],
    ['smaenvelope', ...bands],
    ['kamaenvelope', ...bands],
    ['upmove', ofCloses(indicators.momentum(1))],
    ['downmove', ofCloses(indicators.momentum(1), 'value', -1)],
    ['highest', ofCloses(indicators.highest(14))],
    ['ichimoku', ...['conversion', 'base', 'spanA', 'spanB'].map((output) => of(indicators.ichimoku(), output))],
    ['kst', of(kst, 'kst'), of(kst, 'signal')],
    ['momentum', ofCloses(indicators.momentum(12))],
    ['oscillator', distance(indicators.sma)],
    ['pctrank', ofCloses(indicators.percentRank(50), 'value', 1 / 100)],
    ['ppo', ...['ppo', 'signal', 'histogram'].map((output) => of(indicators.ppo(), output))],
    ['priceosc', of(indicators.apo())],
    ['roc', ofCloses(indicators.roc(12), 'value', 1 / 100)],
    ['rsi_safe', of(indicators.rsi(14))],
    ['smma', average(indicators.smma)],
    ['smmaosc', distance(indicators.smma)],
    [
      'stochasticfull',
      of(indicators.stochastic(14, 1, 1), 'k'),
      of(indicators.stochastic(14, 3, 1), 'k'),
      of(indicators.stochastic(14, 3, 3), 'd'),
    ],
    ['tema', average(indicators.tema)],
    ['temaosc', distance(indicators.tema)],
    ['tsi', of(indicators.tsi())],
    ['williamsad', of(indicators.williamsAccumulation())],
    ['wma', average(indicators.wma)],
    ['wmaosc', distance(indicators.wma)],
    ['zlind', average((length) => indicators.zeroLag(length))],
  ];
  const printed = (name: string, index: number): string[] => tests()[name]!.lines[index]!.map(String);
  /** The last bar, the first with a value, and the one in the middle. */
  const rows = (name: string, l: number): number[] => {
    const { min_period: period } = tests()[name]!;
    return [l - 1, l - 1 + (period - l), l - 1 + Math.floor((period - l) / 2)];
  };
  const shown = (values: Float64Array, at: readonly number[]): string[] => at.map((row) => values[row]!.toFixed(6));

  it.each(cases.map(([name, ...lines]) => ({ name, lines })))('$name', ({ name, lines }) => {
    lines.forEach((line, index) => {
      const values = line(days());
      expect(shown(values, rows(name, values.length)), `line ${index}`).toEqual(printed(name, index));
    });
  });

  it('lrsi, once the stages have left the zeros from which it starts them', () => {
    const values = run(indicators.laguerreRsi(), days());
    const [last, , middle] = rows('lrsi', values.length);
    const [expectedLast, , expectedMiddle] = printed('lrsi', 0);
    expect(shown(values, [last!, middle!])).toEqual([expectedLast, expectedMiddle]);
  });

  it('dm, once its seeds, which take one change more than those of TA-Lib, have faded', () => {
    const { length } = days().close;
    const { plus, minus } = steps(indicators.directionalIndicator(14), days(), 0);
    const adx = run(indicators.adx(14), days());
    expect(Math.abs(adx[length - 1]! - Number(printed('dm', 0)[0]))).toBeLessThan(1e-4);
    expect(Math.abs((adx[length - 1]! + adx[length - 15]!) / 2 - Number(printed('dm', 1)[0]))).toBeLessThan(1e-4);
    expect(Math.abs(plus![length - 1]! - Number(printed('dm', 2)[0]))).toBeLessThan(1e-4);
    expect(Math.abs(minus![length - 1]! - Number(printed('dm', 3)[0]))).toBeLessThan(1e-4);
  });

  it('cci, taken over the mean of what each price was away from its own average', () => {
    // TA-Lib and the cci of this project measure all prices of a window from its last average.
    const price = run(indicators.typicalPrice(), days());
    const away = price.map((value, row) => value - run(indicators.sma(20), { ...days(), close: price })[row]!);
    const warm = { ...days(), close: away.subarray(19).map(Math.abs) };
    const values = run(indicators.sma(20), warm).map((mean, row) => away[row + 19]! / (0.015 * mean));
    const at = rows('cci', price.length).map((row) => row - 19);
    expect(shown(values, at)).toEqual(printed('cci', 0));
  });

  it('leaves out none', () => {
    const tested = new Set([...cases.map(([name]) => name), 'lrsi', 'dm', 'cci']);
    expect([...tested].sort()).toEqual(Object.keys(tests()).sort());
  });
});
