import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../src/indicators/index.js';
import { indicatorContract, lengthContract } from './indicator-contract.js';

type AnyIndicator = ReturnType<Parameters<typeof indicatorContract>[1]>;

/** Indicators over a number of bars, and the least that they take. */
const overLength: readonly (readonly [string, (length: number) => AnyIndicator])[] = [
  ['sma', indicators.sma],
  ['ema', indicators.ema],
  ['wma', indicators.wma],
  ['dema', indicators.dema],
  ['tema', indicators.tema],
  ['t3', (length) => indicators.t3(length)],
  ['trima', indicators.trima],
  ['smma', indicators.smma],
  ['hma', indicators.hma],
  ['kama', (length) => indicators.kama(length)],
  ['zeroLag', (length) => indicators.zeroLag(length)],
  ['vwap', indicators.vwap],
  ['momentum', indicators.momentum],
  ['roc', indicators.roc],
  ['trix', indicators.trix],
  ['cmo', indicators.cmo],
  ['rsi', indicators.rsi],
  ['atr', indicators.atr],
  ['natr', indicators.natr],
  ['adx', indicators.adx],
  ['adxr', indicators.adxr],
  ['directionalIndicator', indicators.directionalIndicator],
  ['aroon', indicators.aroon],
  ['cci', indicators.cci],
  ['mfi', indicators.mfi],
  ['chaikinMoneyFlow', indicators.chaikinMoneyFlow],
  ['williamsR', indicators.williamsR],
  ['highest', indicators.highest],
  ['lowest', indicators.lowest],
  ['donchian', indicators.donchian],
  ['bollinger', (length) => indicators.bollinger(length)],
  ['envelope', (length) => indicators.envelope(length)],
  ['keltner', (length) => indicators.keltner(length, 2, 5)],
  ['supertrend', (length) => indicators.supertrend(length, 1)],
  ['standardDeviation', (length) => indicators.standardDeviation(length)],
  ['zscore', (length) => indicators.zscore(length)],
  ['volatility', (length) => indicators.volatility(length)],
  ['linearRegression', indicators.linearRegression],
  ['percentRank', indicators.percentRank],
  ['dv2', (length) => indicators.dv2(length)],
  ['correlation', indicators.correlation],
  ['beta', indicators.beta],
];
for (const [name, create] of overLength) {
  indicatorContract(name, create);
  lengthContract(name, create);
}

/** Indicators of several lengths, and of none: one of them stands for all. */
const others: readonly (readonly [string, (length: number) => AnyIndicator])[] = [
  ['standardDeviation of a sample', (length) => indicators.standardDeviation(length, 1)],
  ['zscore of a sample', (length) => indicators.zscore(length, 1)],
  ['kama with its own speeds', (length) => indicators.kama(5, length, 2 * length)],
  ['zeroLag with a small gain', (length) => indicators.zeroLag(5, length)],
  ['macd', (length) => indicators.macd(length, length + 5, 3)],
  ['macd started apart', (length) => indicators.macd(length, length + 5, 3, 'apart')],
  ['ppo', (length) => indicators.ppo(length, length + 5, 3)],
  ['apo', (length) => indicators.apo(length, length + 5)],
  ['tsi', (length) => indicators.tsi(length, 3)],
  ['kst', (length) => indicators.kst(2, 3, 4, length, 3, 3, 2, 4, 3)],
  ['stochastic', (length) => indicators.stochastic(length)],
  ['stochastic, fast', (length) => indicators.stochastic(5, 1, length)],
  ['stochasticRsi', (length) => indicators.stochasticRsi(length, 4, 2, 2)],
  ['ultimateOscillator', (length) => indicators.ultimateOscillator(3, length, 8)],
  ['awesomeOscillator', (length) => indicators.awesomeOscillator(length, length + 9)],
  ['accelerationOscillator', (length) => indicators.accelerationOscillator(3, length, length + 9)],
  ['chaikinOscillator', (length) => indicators.chaikinOscillator(length, length + 4)],
  ['ichimoku', (length) => indicators.ichimoku(length, 5, 9)],
  ['keltner of a longer range', (length) => indicators.keltner(3, 1.5, length)],
  ['parabolicSar', (length) => indicators.parabolicSar(length / 100)],
  ['laguerreRsi', (length) => indicators.laguerreRsi(length / 21)],
  ['t3 of one EMA', (length) => indicators.t3(length, 0)],
  ['trueRange', () => indicators.trueRange()],
  ['typicalPrice', () => indicators.typicalPrice()],
  ['medianPrice', () => indicators.medianPrice()],
  ['obv', () => indicators.obv()],
  ['accumulationDistribution', () => indicators.accumulationDistribution()],
  ['williamsAccumulation', () => indicators.williamsAccumulation()],
];
for (const [name, create] of others) indicatorContract(name, create);
const ofSeveral: typeof others = [
  ['macd, fast', (length) => indicators.macd(length)],
  ['macd, slow', (length) => indicators.macd(1, length)],
  ['macd, signal', (length) => indicators.macd(12, 26, length)],
  ['ppo, signal', (length) => indicators.ppo(12, 26, length)],
  ['apo, fast', (length) => indicators.apo(length)],
  ['tsi, slow', (length) => indicators.tsi(length)],
  ['tsi, fast', (length) => indicators.tsi(25, length)],
  ['kst, rate of change', (length) => indicators.kst(length)],
  ['kst, mean', (length) => indicators.kst(1, 2, 3, 4, length)],
  ['kst, signal', (length) => indicators.kst(1, 2, 3, 4, 5, 6, 7, 8, length)],
  ['kama, slow', (length) => indicators.kama(10, 2, length)],
  ['zeroLag, gain limit', (length) => indicators.zeroLag(10, length)],
  ['stochastic, length', (length) => indicators.stochastic(length)],
  ['stochastic, smoothing', (length) => indicators.stochastic(14, length)],
  ['stochastic, signal', (length) => indicators.stochastic(14, 3, length)],
  ['stochasticRsi, strength', (length) => indicators.stochasticRsi(length)],
  ['stochasticRsi, length', (length) => indicators.stochasticRsi(14, length)],
  ['ultimateOscillator, short', (length) => indicators.ultimateOscillator(length)],
  ['ultimateOscillator, long', (length) => indicators.ultimateOscillator(7, 14, length)],
  ['awesomeOscillator, fast', (length) => indicators.awesomeOscillator(length)],
  ['accelerationOscillator, length', (length) => indicators.accelerationOscillator(length)],
  ['chaikinOscillator, slow', (length) => indicators.chaikinOscillator(3, length)],
  ['ichimoku, conversion', (length) => indicators.ichimoku(length)],
  ['ichimoku, base', (length) => indicators.ichimoku(9, length)],
  ['ichimoku, span', (length) => indicators.ichimoku(9, 26, length)],
  ['keltner, range', (length) => indicators.keltner(20, 2, length)],
];
for (const [name, create] of ofSeveral) lengthContract(name, create);

/** The example of docs/concepts/indicators.md. */
const change = indicators.defineIndicator({
  name: 'change',
  inputs: ['close'],
  create: (length: number) => {
    const ring = new Float64Array(length);
    let count = 0;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (close) => {
        const past = ring[count % length]!;
        ring[count % length] = close;
        return count++ < length ? Number.NaN : close - past;
      },
    };
  },
});
indicatorContract('change, an indicator of a user', change);

describe('the indicators of the project', () => {
  const helpers = new Set(['crossedAbove', 'crossedBelow', 'defineIndicator', 'mean']);
  const names = Object.keys(indicators).filter((name) => !helpers.has(name));

  it('all honour the contract', () => {
    const tested = new Set([...overLength, ...others].map(([name]) => name.split(/[ ,]/)[0]));
    expect(names.filter((name) => !tested.has(name))).toEqual([]);
  });

  it('all stand in their page', () => {
    const page = readFileSync(new URL('../../docs/concepts/indicators.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)\(/g)].map(([, name]) => name!));
    expect(listed.sort()).toEqual([...names].sort());
  });
});
