import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { choice, float, int, type Parameter, variant } from '../../../src/engine/parameters.js';
import { chooseSearch } from '../../../src/optimize/samplers/auto.js';
import { gridSampler } from '../../../src/optimize/samplers/grid.js';
import { drawPoint, randomSampler } from '../../../src/optimize/samplers/random.js';
import { availableSearches, resolveSearch } from '../../../src/optimize/samplers/registry.js';
import type { Sampler } from '../../../src/optimize/samplers/sampler.js';
import { sobolSampler } from '../../../src/optimize/samplers/sobol.js';
import { type FlatParams, ParameterSpace } from '../../../src/optimize/space.js';
import { expectSame } from '../../helpers/same.js';

const suggested = (sampler: Sampler, number: number): FlatParams | undefined =>
  sampler.suggest({ number, ordinal: number, history: [], pending: [] });
const drawn = (parameter: Parameter<number>, count: number): number[] => {
  const sampler = randomSampler(new ParameterSpace({ x: parameter }), 11);
  return Array.from(
    { length: count },
    (_, number) => sampler.suggest({ number, ordinal: number, history: [], pending: [] })!.x as number,
  );
};
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const shareBelow = (values: readonly number[], limit: number): number =>
  values.filter((value) => value < limit).length / values.length;

describe('random draws', () => {
  it('are even over an interval', () => {
    const values = drawn(float(-2, 6), 20_000);
    for (const tenth of [1, 2, 3, 5, 8, 9])
      expect(Math.abs(shareBelow(values, -2 + 0.8 * tenth) - tenth / 10)).toBeLessThan(0.015);
    expect(drawn(float(-1e308, 1e308), 100).every(Number.isFinite)).toBe(true);
    expect(drawn(float(2, 2), 3)).toEqual([2, 2, 2]);
  });

  it('are even over the logarithm', () => {
    const values = drawn(float(0.001, 1000, { prior: 'log' }), 20_000);
    for (const [index, limit] of [0.01, 0.1, 1, 10, 100].entries()) {
      expect(Math.abs(shareBelow(values, limit) - (index + 1) / 6)).toBeLessThan(0.015);
    }
    const space = new ParameterSpace({ x: int(1, 1000, { log: true }) });
    const whole = Array.from({ length: 20_000 }, (_, seed) => suggested(randomSampler(space, seed), 0)!.x as number);
    // Each integer owns half a unit on both sides: below 10.5 of [0.5, 1000.5].
    expect(Math.abs(shareBelow(whole, 10.5) - Math.log(21) / Math.log(2001))).toBeLessThan(0.015);
  });

  // Means of the normal law cut to an interval, by its density and distribution (Johnson, Kotz and Balakrishnan, 13.10.1).
  it.each([
    ['wide', -3, 3, 0, 1, 0],
    ['narrow around the mean', -0.5, 0.5, 0, 1, 0],
    ['upper half', 0, 6, 0, 1, 0.797_885],
    ['tail', 3, 9, 0, 1, 3.283_099],
    ['narrow tail', 3, 3.1, 0, 1, 3.047_427],
    ['lower tail', -9, -3, 0, 1, -3.283_099],
    ['shifted', 0, 1, 5, 1, 0.779_757],
  ])('follow a normal law cut to the bounds: %s', (_name, low, high, centre, deviation, expected) => {
    const values = drawn(float(low, high, { prior: { mean: centre, deviation } }), 20_000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
    expect(Math.abs(mean(values) - expected)).toBeLessThan(0.03);
  });

  it('take every kind of a variant as often', () => {
    const space = new ParameterSpace({ stop: variant({ none: {}, by: { size: float(1, 2) } }) });
    const sampler = randomSampler(space, 3);
    const kinds = Array.from(
      { length: 4000 },
      (_, number) => sampler.suggest({ number, ordinal: number, history: [], pending: [] })!.stop,
    );
    expect(Math.abs(kinds.filter((kind) => kind === 'none').length / 4000 - 0.5)).toBeLessThan(0.03);
  });

  it('differ between seeds, and between trials', () => {
    const space = new ParameterSpace({ x: int(0, 999) });
    const first = [1, 2].map((seed) =>
      [0, 1, 2].map(
        (ordinal) => randomSampler(space, seed).suggest({ number: ordinal, ordinal, history: [], pending: [] })!.x,
      ),
    );
    expect(new Set(first.flat()).size).toBe(6);
  });
});

it('reaches 10^12 points without remembering any', () => {
  const space = new ParameterSpace(Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, int(0, 999)])));
  const sampler = randomSampler(space, 1);
  expect([sampler.distinct, sampler.size]).toEqual([true, 1e12]);
  const keys = Array.from({ length: 5000 }, (_, number) =>
    space.keyOf(sampler.suggest({ number, ordinal: number * 1e8, history: [], pending: [] })!),
  );
  expect(new Set(keys).size).toBe(5000);
  expect(gridSampler(space).suggest({ number: 0, ordinal: 999_999_999_999, history: [], pending: [] })).toEqual({
    a: 999,
    b: 999,
    c: 999,
    d: 999,
  });
});

it('gives up under a constraint that allows nothing continuous', () => {
  const space = new ParameterSpace({ x: float(0, 1) }, () => false);
  expect(() => randomSampler(space, 1).suggest({ number: 0, ordinal: 0, history: [], pending: [] })).toThrowError(
    'The constraint refused 100,000 random draws in a row.',
  );
});

describe('random draws of logarithmic integers', () => {
  const lots = (high: number) => new ParameterSpace({ lots: int(1, high, { log: true }) });

  it.each([1, 2, 20, 1000])('have each of %i values once', (high) => {
    const sampler = randomSampler(lots(high), 1);
    expect(sampler).toMatchObject({ distinct: true, size: high });
    const values = Array.from({ length: high }, (_, trial) => suggested(sampler, trial)!.lots);
    expect(new Set(values).size).toBe(high);
    expect(suggested(sampler, high)).toBeUndefined();
  });

  it('are the independent draws without what was drawn before', () => {
    const independent = Array.from({ length: 60 }, (_, trial) =>
      JSON.stringify(drawPoint(lots(50), SeededRandom.derive(4, 'trial', trial))),
    );
    const distinct = [...new Set(independent)];
    expect(distinct.length).toBeLessThan(40);
    const sampler = randomSampler(lots(50), 4);
    expect(distinct.map((_, trial) => JSON.stringify(suggested(sampler, trial)))).toEqual(distinct);
  });

  it('are as likely as their share of what is left', () => {
    // Of [0.5, 3.5] the values own the logarithms of 3, 5/3 and 7/5.
    const shares = [Math.log(3), Math.log(5 / 3), Math.log(7 / 5)].map((share) => share / Math.log(7));
    const studies = 6000;
    const orders = new Map<string, number>();
    for (let seed = 0; seed < studies; seed++) {
      const sampler = randomSampler(lots(3), seed);
      const order = [0, 1, 2].map((trial) => suggested(sampler, trial)!.lots).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    for (const order of ['123', '132', '213', '231', '312', '321']) {
      const [first, second] = [shares[Number(order[0]) - 1]!, shares[Number(order[1]) - 1]!];
      expect(Math.abs((orders.get(order) ?? 0) / studies - (first * second) / (1 - first))).toBeLessThan(0.02);
    }
  });

  it('have every allowed point of a grid once, the same for whoever asks for one alone (property)', () => {
    const terms = fc.record({
      high: fc.integer({ min: 1, max: 30 }),
      other: fc.integer({ min: 1, max: 4 }),
      bound: fc.constantFrom(true, false, false, false),
      seed: fc.integer({ min: 0, max: 1000 }),
      alone: fc.nat(),
    });
    fc.assert(
      fc.property(terms, ({ high, other, bound, seed, alone }) => {
        const parameters = { n: int(1, high, { log: true }), m: int(1, other) };
        const isEven = ({ n, m }: { n: number; m: number }): boolean => (n + m) % 2 === 0;
        const space = new ParameterSpace(parameters, bound ? isEven : undefined);
        const points = Number(space.count());
        const sampler = randomSampler(space, seed);
        const found = Array.from({ length: points }, (_, trial) => suggested(sampler, trial)!);
        expectSame(new Set(found.map((flat) => space.keyOf(flat))).size, points);
        expectSame(!bound || found.every((flat) => isEven(flat as never)), true);
        expectSame(suggested(sampler, points), undefined);
        const one = suggested(randomSampler(space, seed), alone % points);
        expectSame(JSON.stringify(one), JSON.stringify(found[alone % points]));
      }),
      { numRuns: 1000 },
    );
  });

  it('go on to what a constraint leaves of ten million points', () => {
    const space = new ParameterSpace({ n: int(1, 10_000_000, { log: true }) }, ({ n }) => n === 9_999_998);
    const sampler = randomSampler(space, 1);
    expect(suggested(sampler, 0)).toEqual({ n: 9_999_998 });
    expect(suggested(sampler, 1)).toBeUndefined();
  });
});

describe('sobol draws', () => {
  it('fill a grid evenly long before it is full', () => {
    const space = new ParameterSpace({ x: int(1, 16), y: int(1, 16), z: choice('a', 'b') });
    const sampler = sobolSampler(space, 3);
    const flats = Array.from(
      { length: 128 },
      (_, ordinal) => sampler.suggest({ number: ordinal, ordinal, history: [], pending: [] })!,
    );
    for (const value of Array.from({ length: 16 }, (_, index) => index + 1)) {
      expect(Math.abs(flats.filter(({ x }) => x === value).length - 8)).toBeLessThanOrEqual(2);
      expect(Math.abs(flats.filter(({ y }) => y === value).length - 8)).toBeLessThanOrEqual(2);
    }
    expect(Math.abs(flats.filter(({ z }) => z === 'a').length - 64)).toBeLessThanOrEqual(4);
  });

  it('go beyond the dimensions of the sequence, and to the last cell of an uneven grid', () => {
    const wide = new ParameterSpace(Object.fromEntries(Array.from({ length: 120 }, (_, n) => [`x${n}`, float(0, 1)])));
    const drawnWide = Array.from({ length: 400 }, (_, ordinal) =>
      sobolSampler(wide, 3).suggest({ number: ordinal, ordinal, history: [], pending: [] }),
    );
    for (const axis of ['x0', 'x100', 'x101', 'x119']) {
      expect(Math.abs(mean(drawnWide.map((flat) => flat![axis] as number)) - 0.5)).toBeLessThan(0.06);
    }
    const uneven = new ParameterSpace({ lots: int(1, 3000, { log: true }) });
    const sampler = sobolSampler(uneven, 1);
    const lots = Array.from(
      { length: 3000 },
      (_, ordinal) => sampler.suggest({ number: ordinal, ordinal, history: [], pending: [] })!.lots,
    );
    expect(new Set(lots).size).toBe(3000);
    expect(sampler.suggest({ number: 3000, ordinal: 3000, history: [], pending: [] })).toBeUndefined();
  });

  it('give up under a constraint that allows nothing continuous', () => {
    const space = new ParameterSpace({ x: float(0, 1) }, () => false);
    expect(() => sobolSampler(space, 1).suggest({ number: 0, ordinal: 0, history: [], pending: [] })).toThrowError(
      'The constraint refused 100,000 points of the sequence in a row.',
    );
  });
});

describe('the registry', () => {
  const small = new ParameterSpace({ x: int(1, 10) });
  const endless = new ParameterSpace({ x: float(1, 10) });

  it('finds what this version has', () => {
    expect(availableSearches()).toEqual(expect.arrayContaining(['grid', 'random', 'sobol', 'gp']));
    expect(resolveSearch('grid', small).name).toBe('grid');
    const own = { name: 'random', create: randomSampler } as const;
    expect(resolveSearch(own, small)).toBe(own);
  });

  it('says why auto is what it is', () => {
    expect(resolveSearch('auto', small)).toMatchObject({ name: 'grid', reason: 'all 10 combinations can be tried' });
    expect(resolveSearch('auto', small, { trials: 10 }).reason).toBe(
      'all 10 combinations can be tried, no more than the 10 trials asked for',
    );
    expect(resolveSearch('auto', small, { trials: 9 })).toMatchObject({
      name: 'gp',
      reason: '9 trials of 10 combinations: few enough for a model',
    });
    expect(resolveSearch('auto', endless)).toMatchObject({
      name: 'random',
      reason: 'no number of trials is given, over part of a continuous space',
    });
  });

  it('chooses by space, budget and declared cost', () => {
    const all = ['grid', 'random', 'gp', 'tpe', 'nsga2'] as const;
    const old = ['grid', 'random'] as const;
    const large = new ParameterSpace({ x: int(1, 1000), y: int(1, 1000) });
    const wide = new ParameterSpace(Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`x${n}`, int(1, 9)])));
    const kinds = new ParameterSpace({ rule: variant({ a: { n: int(1, 9) }, b: wide.parameters }), x: float(0, 1) });
    const cheap = { trialBars: 2148 };
    const dear = { trialBars: 119 * 100_000 };
    for (const [space, terms, expected] of [
      [large, { trials: 500, ...cheap }, 'gp'],
      [large, { trials: 501, ...cheap }, 'tpe'],
      [large, { trials: 2000, ...dear }, 'gp'],
      [large, { trials: 2001, ...dear }, 'tpe'],
      [large, {}, 'random'],
      [large, { trials: 100, objectives: 2 }, 'nsga2'],
      [small, { trials: 100, objectives: 2 }, 'grid'],
      [wide, { trials: 100 }, 'tpe'],
      [kinds, { trials: 100 }, 'tpe'],
    ] as const) {
      expect(chooseSearch(space as ParameterSpace, terms, all).name).toBe(expected);
    }
    expect(chooseSearch(large, { trials: 501 }, all).reason).toBe(
      '501 trials of 1,000,000 combinations: too many for gp',
    );
    expect(chooseSearch(wide, { trials: 100 }, all).reason).toBe('41 parameters: too many for gp');
    expect(chooseSearch(large, { trials: 100 }, old).name).toBe('random');
    expect(chooseSearch(large, { trials: 100, objectives: 3 }, old)).toEqual({
      name: 'random',
      reason: '3 objectives, over part of 1,000,000 combinations',
    });
  });

  it('says what it does not have', () => {
    expect(() => resolveSearch('gird' as 'grid', small)).toThrowError(
      "There is no search 'gird'. Did you mean 'grid'?",
    );
    expect(() => resolveSearch('grid', endless).create(endless, 1, ['maximize'])).toThrowError(
      "There is no grid: 'x' is continuous.",
    );
  });
});
