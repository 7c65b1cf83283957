import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/core/errors.js';
import { SeededRandom } from '../../../src/core/random.js';
import { defineStrategy } from '../../../src/index.js';
import {
  blockLengths,
  bootstrapReturns,
  countLook,
  cscv,
  deflatedSharpe,
  effectiveTrials,
  expectedMaximum,
  expectedMaximumSharpe,
  findPlateau,
  haircutSharpe,
  lockHoldout,
  lookAtHoldout,
  minimumTrackRecord,
  permuteTrades,
  probabilisticSharpe,
  type Resampling,
  randomEntry,
  readHoldout,
  realityCheck,
  resample,
  robustness,
  type SharpeSample,
  sharpeSample,
  studyOverfitting,
} from '../../../src/validate/index.js';
import { emptyHome } from '../../helpers/command-line.js';
import { errorOf } from '../../helpers/error-of.js';
import { walkBundle } from '../../helpers/walk-market.js';

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

describe('an option of a test of robustness that makes no sense is refused by its name:', () => {
  const strategy = defineStrategy({
    parameters: {},
    handleData({ order, asset }) {
      order.target(asset, 1);
    },
    analyze: () => ({ mine: 1 }),
  }) as unknown as Parameters<typeof robustness>[0];
  const test = async (options: object) =>
    robustness(strategy, undefined, { bundle: await walkBundle(60), jobs: 1, tests: ['delay'], ...options });

  it.each<[options: object, code: string, says: string]>([
    [{ metric: 'sharp' }, 'UNKNOWN_METRIC', "No metric 'sharp' for the sensitivity. There are totalReturn,"],
    [{ metric: 'sharp' }, 'UNKNOWN_METRIC', "Did you mean 'sharpe'?"],
    [{ metric: 5 }, 'INVALID_OPTION', "'metric' takes a metric's name such as 'sharpe', not 5."],
    [{ seed: 1.5 }, 'NOT_AN_INTEGER', 'seed must be an integer, but is 1.5.'],
    [{ seed: 'a' }, 'NOT_AN_INTEGER', "seed must be an integer, but is 'a'."],
    [{ strategySeed: Number.NaN }, 'NOT_AN_INTEGER', 'strategySeed must be an integer, but is NaN.'],
    [{ trial: -1 }, 'OUT_OF_RANGE', 'trial must be at least 0, but is -1.'],
    [{ runs: 0 }, 'OUT_OF_RANGE', 'runs must be at least 1, but is 0.'],
    [{ resamples: 0 }, 'OUT_OF_RANGE', 'resamples must be at least 1, but is 0.'],
    [{ noise: 0 }, 'OUT_OF_RANGE', 'noise must be above 0 and at most 10, but is 0.'],
    [{ noise: 'x' }, 'NOT_A_NUMBER', "noise must be a finite number, but is 'x'."],
    [{ tests: 'costs' }, 'INVALID_OPTION', "'tests' takes a list of tests such as ['costs', 'delay'], not 'costs'."],
    [{ tests: ['cost'] }, 'UNKNOWN_TEST', "Did you mean 'costs'?"],
    [{ figures: 'x' }, 'INVALID_OPTION', "'figures' takes a list of figures such as ['maxDrawdown'], not 'x'."],
    [{ signal: 5 }, 'INVALID_OPTION', "'signal' takes the signal of an AbortController, not 5."],
    [{ test: ['costs'] }, 'UNKNOWN_OPTION', "Unknown option 'test' of robustness. Did you mean 'tests'?"],
  ])('%o', async (options, code, says) => {
    const error = await errorOf(() => test(options));
    expect([error.name, error.code]).toEqual(['UsageError', code]);
    expect(error.message).toContain(says);
  });

  it('no options', async () => {
    const error = await errorOf(() => robustness(strategy, undefined, undefined as never));
    expect(error).toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('The options of robustness'),
    });
  });

  it('takes a metric of analyze, and rows of the bundle in place of dates', async () => {
    const found = await test({ metric: 'mine', rows: [10, 40], tests: ['delay', 'start'] });
    const { base } = await test({ start: '1970-01-01' });
    expect(found.base).not.toEqual(base);
    expect(found.start).toBeUndefined();
    expect(found.remarks.join(' ')).toContain('the run is over rows of the bundle');
  });
});

describe('an argument of a holdout that makes no sense is refused by its name:', () => {
  const look = { forced: false, study: 's', trial: 0, strategySourceHash: 'a', params: {} };
  const fake = { name: 'us', groups: [] } as never;
  it.each<[says: string, call: () => unknown]>([
    [
      "'bundle' takes an open bundle, such as openBundle('us') gives, not 'us'.",
      () => lockHoldout('us' as never, '2020-01-01', 0),
    ],
    ["'bundle' takes an open bundle", () => lockHoldout(undefined as never, '2020-01-01', 0)],
    ['now must be an integer, but is NaN.', () => lockHoldout(fake, '2020-01-01', Number.NaN)],
    ['now must be from 0 to 8640000000000000', () => lockHoldout(fake, '2020-01-01', 8.7e15)],
    ["not '5'", () => lockHoldout(fake, 5 as never, 0)],
    ["'bundle' takes a bundle's name such as 'us', not 5.", () => readHoldout(5 as never)],
    ["'bundle' takes an open bundle", () => countLook(null as never, look, 0)],
    ['now must be an integer', () => countLook(fake, look, '0' as never)],
    ['The options of the look are an object', () => countLook(fake, undefined as never, 0)],
    ["'forced' takes true or false, not 1.", () => countLook(fake, { ...look, forced: 1 as never }, 0)],
    ["'study' takes a study's name, not undefined.", () => countLook(fake, { ...look, study: undefined as never }, 0)],
    ["'trial' takes a trial's number, not -1.", () => countLook(fake, { ...look, trial: -1 }, 0)],
    ["'strategySourceHash' takes", () => countLook(fake, { ...look, strategySourceHash: 5 as never }, 0)],
    ["'params' takes parameters by name, not null.", () => countLook(fake, { ...look, params: null as never }, 0)],
    ['The options of lookAtHoldout are an object', () => lookAtHoldout('s.log', undefined as never)],
    ["'path' takes the path of a study's file, not 5.", () => lookAtHoldout(5 as never, { forced: false, now: 0 })],
    ["'forced' takes true or false", () => lookAtHoldout('s.log', { forced: 'no' as never, now: 0 })],
    ['trial must be at least 0', () => lookAtHoldout('s.log', { trial: -1, forced: false, now: 0 })],
    ['now must be an integer', () => lookAtHoldout('s.log', { forced: false, now: undefined as never })],
    ["Did you mean 'forced'?", () => lookAtHoldout('s.log', { force: true, now: 0 } as never)],
  ])('%s (case %#)', async (says, call) => {
    emptyHome();
    const error = await errorOf(call);
    expect(error.name).toBe('UsageError');
    expect(error.message).toContain(says);
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
