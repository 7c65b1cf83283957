import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { SeededRandom } from '../../../src/core/random.js';
import {
  blockLengths,
  bootstrapReturns,
  cscv,
  deflatedSharpe,
  effectiveTrials,
  expectedMaximum,
  expectedMaximumSharpe,
  findPlateau,
  haircutSharpe,
  minimumTrackRecord,
  permuteTrades,
  probabilisticSharpe,
  type Resampling,
  randomEntry,
  realityCheck,
  resample,
  type SharpeSample,
  sharpeSample,
  studyOverfitting,
} from '../../../src/validate/index.js';

const waves = (length: number, seed = 1): Float64Array => {
  const random = SeededRandom.derive(seed, 'wrong arguments');
  return Float64Array.from({ length }, () => random.normal() * 0.01);
};
const returns = waves(40);
const holed = returns.with(7, Number.NaN);
const boot = { sessionsPerYear: 252, seed: 1, runs: 10 };
const check = { resamples: 10, blockLength: 2, seed: 1 };
const sample: SharpeSample = { sharpe: 0.1, observations: 100, skewness: 0, kurtosis: 3 };
const held = Int8Array.from({ length: 40 }, (_, bar) => Number(bar % 8 < 4));

describe('an argument that makes no sense is refused:', () => {
  it.each<[says: string, call: () => unknown]>([
    ...[Number.NaN, 0, -3, Number.POSITIVE_INFINITY].flatMap((blockLength): [string, () => unknown][] => [
      ['blockLength must be', () => bootstrapReturns(returns, { ...boot, blockLength })],
      ['blockLength must be', () => bootstrapReturns(returns, { ...boot, blockLength, method: 'block' })],
      ['blockLength must be', () => realityCheck([returns], { ...check, blockLength })],
      ['blockLength must be', () => resample(SeededRandom.derive(1), 'stationary', blockLength, new Int32Array(4))],
    ]),
    ['blockLength must be', () => resample(SeededRandom.derive(1), 'block', 1.5, new Int32Array(4))],
    [
      "method is one of stationary, block, independent, not 'foo'",
      () => bootstrapReturns(returns, { ...boot, method: 'foo' as Resampling }),
    ],
    ["Did you mean 'block'?", () => resample(SeededRandom.derive(1), 'blocks' as Resampling, 2, new Int32Array(4))],
    ['sessionsPerYear', () => bootstrapReturns(returns, { ...boot, sessionsPerYear: 0 })],
    ['runs', () => bootstrapReturns(returns, { ...boot, runs: 1.5 })],
    ['returns must hold finite numbers, but row 7', () => bootstrapReturns(holed, boot)],
    ['series must hold', () => blockLengths(holed)],
    ['startingCash', () => permuteTrades(returns, { startingCash: 0, seed: 1 })],
    ['startingCash', () => permuteTrades(returns, { startingCash: Number.NaN, seed: 1 })],
    ['profits must hold', () => permuteTrades(holed, { startingCash: 100, seed: 1 })],
    ['runs', () => permuteTrades(returns, { startingCash: 100, seed: 1, runs: 0 })],
    ['asset 0 has 40 returns and 39', () => randomEntry([returns], [held.slice(1)], { seed: 1 })],
    ['asset 1 has 30 returns', () => randomEntry([returns, waves(30)], [held, held], { seed: 1 })],
    ['the same assets', () => randomEntry([returns], [held, held], { seed: 1 })],
    ['-1, 0 or 1, but 2', () => randomEntry([returns], [held.with(3, 2)], { seed: 1 })],
    ['differences[1] must hold', () => realityCheck([returns, holed], check)],
    ['resamples', () => realityCheck([returns], { ...check, resamples: 0 })],
    ['rows[0] has 3', () => realityCheck([returns], { rows: [[0, 1, 2]] })],
    ['rows[0][39] must be', () => realityCheck([returns], { rows: [[...Array(39).keys(), 40]] })],
    ['series[1] must hold', () => cscv([returns, holed])],
    ['series[0] must hold', () => effectiveTrials([holed, returns])],
    ...[Number.NaN, 0, -3, 0.5].flatMap((trials): [string, () => unknown][] => [
      ['trials must be', () => expectedMaximum(trials)],
      ['trials must be', () => expectedMaximumSharpe(0.1, trials)],
      ['trials must be', () => deflatedSharpe(sample, 0.1, trials)],
      ['trials must be', () => haircutSharpe([0.1], 0, 100, trials)],
      [
        'trials must be',
        () => studyOverfitting({ trials, best: 0, bestReturns: returns, series: [returns], sessionsPerYear: 252 }),
      ],
    ]),
    ['variance must be', () => deflatedSharpe(sample, -1, 10)],
    ['variance must be', () => expectedMaximumSharpe(Number.NaN, 10)],
    ['trials must be at least 2', () => haircutSharpe([0.1, 0.2], 0, 100, 1)],
    ['sharpes must hold', () => haircutSharpe([0.1, Number.NaN], 0, 100)],
    ['observations', () => probabilisticSharpe({ ...sample, observations: 1 })],
    ['observations', () => probabilisticSharpe({ ...sample, observations: 10.5 })],
    ['sharpe must be', () => probabilisticSharpe({ ...sample, sharpe: Number.NaN })],
    ['kurtosis must be', () => probabilisticSharpe({ ...sample, skewness: -2, kurtosis: 3 })],
    ['benchmark', () => probabilisticSharpe(sample, Number.NaN)],
    ['reach must be', () => findPlateau([{ places: [0], value: 1 }], [true], 1, Number.NaN)],
    ['sign is 1', () => findPlateau([{ places: [0], value: 1 }], [true], 0 as 1)],
    ['value must hold', () => findPlateau([{ places: [0], value: Number.NaN }], [true], 1)],
    ['places and ordered', () => findPlateau([{ places: [0], value: 1 }], [true, true], 1)],
    ['benchmark', () => minimumTrackRecord(sample, Number.NaN)],
    ['confidence', () => minimumTrackRecord(sample, 0, 0.3)],
    ['confidence', () => minimumTrackRecord(sample, 0, 95)],
  ])('%s (case %#)', (says, call) => {
    expect(call).toThrow(UsageError);
    expect(call).toThrow(says);
  });

  it('a Sharpe ratio of returns of which one is NaN is undefined', () => {
    expect(sharpeSample(holed)).toBeUndefined();
  });
});

it('takes the sample of any returns there are', () => {
  const value = fc.double({ min: -0.9, max: 0.9, noNaN: true });
  fc.assert(
    fc.property(fc.array(value, { minLength: 2, maxLength: 30 }), (list) => {
      const found = sharpeSample(Float64Array.from(list));
      if (found !== undefined) expect(probabilisticSharpe(found)).not.toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
