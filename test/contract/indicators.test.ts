import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import * as indicators from '../../src/indicators/index.js';
import { lengthIndicators, otherIndicators } from '../helpers/indicator-set.js';
import { indicatorContract, lengthContract } from './indicator-contract.js';

for (const [name, create] of lengthIndicators) {
  indicatorContract(name, create);
  lengthContract(name, create);
}

for (const [name, create] of otherIndicators) indicatorContract(name, create);
const ofSeveral: typeof otherIndicators = [
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
    const tested = new Set([...lengthIndicators, ...otherIndicators].map(([name]) => name.split(/[ ,]/)[0]));
    expect(names.filter((name) => !tested.has(name))).toEqual([]);
  });

  it('all stand in their page', () => {
    const page = readFileSync(new URL('../../docs/concepts/indicators.md', import.meta.url), 'utf8');
    const rows = page.split('\n').filter((line) => line.startsWith('| `'));
    const listed = rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`(\w+)\(/g)].map(([, name]) => name!));
    expect(listed.sort()).toEqual([...names].sort());
  });
});
