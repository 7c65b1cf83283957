import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RunError, UsageError } from '../../../src/core/errors.js';
import { bool, choice, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import { ParameterSpace } from '../../../src/optimize/space.js';

const crossover = {
  fast: int(5, 50, { step: 5 }),
  slow: int(50, 200, { step: 15 }),
  threshold: float(0.001, 0.01, { step: 0.001 }),
};
const conditional = {
  stop: variant({
    none: {},
    atr: { length: int(5, 7), multiple: float(1, 2, { step: 0.5 }) },
    trail: { by: choice('tick', 'percent') },
  }),
  short: bool(),
};

describe('the grid', () => {
  it('lists the crossover sweep with the last parameter fastest', () => {
    const space = new ParameterSpace(crossover);
    expect(space.size).toBe(1100);
    expect(space.at(0)).toEqual({ fast: 5, slow: 50, threshold: 0.001 });
    expect(space.at(1)).toEqual({ fast: 5, slow: 50, threshold: 0.002 });
    expect(space.at(500)).toEqual({ fast: 25, slow: 140, threshold: 0.001 });
    expect(space.at(1099)).toEqual({ fast: 50, slow: 200, threshold: 0.01 });
    expect([...space.points()]).toHaveLength(1100);
  });

  it('counts variants by the sum of their kinds', () => {
    const space = new ParameterSpace(conditional);
    expect(space.size).toBe((1 + 3 * 3 + 2) * 2);
    const points = [...space.points()];
    expect(points[0]).toEqual({ stop: { kind: 'none' }, short: false });
    expect(points[2]).toEqual({ stop: { kind: 'atr', length: 5, multiple: 1 }, short: false });
    expect(points.at(-1)).toEqual({ stop: { kind: 'trail', by: 'percent' }, short: true });
    expect(new Set(points.map((point) => JSON.stringify(point))).size).toBe(24);
  });

  it('reaches any of 10^12 points and beyond 2^53 without making the others', () => {
    const wide = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, int(0, 999)]));
    const space = new ParameterSpace(wide);
    expect(space.size).toBe(1e12);
    expect(space.at(123_456_789_012)).toEqual({ a: 123, b: 456, c: 789, d: 12 });
    const wider = new ParameterSpace({
      ...wide,
      e: int(0, 999),
      f: int(0, 999),
      g: variant({ x: {}, y: { z: int(1, 9) } }),
    });
    expect(wider.size).toBe(10n ** 19n);
    expect(wider.at(10n ** 19n - 1n)).toEqual({
      a: 999,
      b: 999,
      c: 999,
      d: 999,
      e: 999,
      f: 999,
      g: { kind: 'y', z: 9 },
    });
    expect(wider.indexOf({ a: 999, b: 999, c: 999, d: 999, e: 999, f: 999, g: { kind: 'x' } })).toBe(10n ** 19n - 10n);
    const first = wider.points().next().value;
    expect(first).toEqual({ a: 0, b: 0, c: 0, d: 0, e: 0, f: 0, g: { kind: 'x' } });
    const oneBig = new ParameterSpace({
      small: int(0, 1),
      big: variant({ all: { a: int(0, 2 ** 40), b: int(0, 2 ** 40) } }),
    });
    expect(oneBig.at(7)).toEqual({ small: 0, big: { kind: 'all', a: 0, b: 7 } });
    expect(oneBig.indexOf({ small: 0, big: { kind: 'all', a: 0, b: 7 } })).toBe(7);
  });

  it('finds every point again (property)', () => {
    const parameter = fc.oneof(
      fc
        .tuple(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 7 }))
        .map(([low, width, step]) => int(low, low + width, { step })),
      fc.integer({ min: 1, max: 20 }).map((count) => float(0, count / 10, { step: 0.1 })),
      fc.constant(bool()),
      fc.constant(choice('a', 'b', 3)),
      fc.constant(variant({ none: {}, some: { x: int(0, 4), y: bool() } })),
    );
    const maps = fc.dictionary(fc.stringMatching(/^[a-z]{1,4}$/), parameter, { minKeys: 1, maxKeys: 5 });
    fc.assert(
      fc.property(maps, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (map, share) => {
        const space = new ParameterSpace(map as ParameterMap);
        const index = Math.floor(share * Number(space.size));
        const params = space.at(index);
        expect(space.indexOf(params)).toBe(index);
        const flat = space.toFlat(params);
        expect(flat).toEqual(space.flatAt(index));
        expect(space.fromFlat(flat)).toEqual(params);
        expect(space.checkFlat(flat)).toEqual(params);
        const shuffled = Object.fromEntries(Object.entries(flat).reverse());
        expect(space.keyOf(shuffled)).toBe(space.keyOf(flat));
      }),
      { numRuns: 1000 },
    );
  });

  it.each([1100, -1, 0.5, Number.NaN])('has no point at %s', (index) => {
    expect(() => new ParameterSpace(crossover).at(index)).toThrowError('The grid has 1100 points, from 0');
  });

  it('does not exist with a continuous float', () => {
    const space = new ParameterSpace({
      fast: int(1, 5),
      weight: float(0, 1),
      stop: variant({ a: { by: float(1, 2) } }),
    });
    expect([space.finite, space.size, space.count()]).toEqual([
      false,
      Number.POSITIVE_INFINITY,
      Number.POSITIVE_INFINITY,
    ]);
    expect(() => space.at(0)).toThrowError("There is no grid: 'weight', 'stop.by' are continuous. Declare a step");
    expect(() => space.points().next()).toThrowError(UsageError);
    expect(() => space.indexOf({})).toThrowError(UsageError);
  });

  it('has one point without parameters', () => {
    expect([...new ParameterSpace({}).points()]).toEqual([{}]);
  });
});

describe('the constraint', () => {
  it('is skipped over lazily and counted', () => {
    const space = new ParameterSpace({ fast: int(1, 10), slow: int(1, 10) }, ({ fast, slow }) => fast < slow);
    expect(space.count()).toBe(45);
    expect(space.count()).toBe(45);
    expect([...space.points()].every(({ fast, slow }) => fast < slow)).toBe(true);
    expect(new ParameterSpace(crossover).count()).toBe(1100);
  });

  it('is not counted over a grid that nobody can walk', () => {
    const wide = new ParameterSpace({ a: int(0, 1e6), b: int(0, 1e6) }, ({ a, b }) => a > b);
    expect(wide.count()).toBeUndefined();
    expect(wide.points().next().value).toEqual({ a: 1, b: 0 });
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('no such thing');
      },
      'The constraint threw for {"fast":1}: no such thing',
    ],
    [
      'throws something else',
      () => {
        throw 'text';
      },
      'threw for {"fast":1}: text',
    ],
    ['returns no boolean', () => 1 as never, 'The constraint returned number for {"fast":1}: return true or false.'],
  ])('is a failed run when it %s', (_name, constraint, message) => {
    const space = new ParameterSpace({ fast: int(1, 5) }, constraint);
    expect(() => space.allows({ fast: 1 })).toThrowError(RunError);
    expect(() => space.allows({ fast: 1 })).toThrowError(message);
  });
});

it('says in words what it is', () => {
  const space = new ParameterSpace({
    ...conditional,
    days: int(1, 100, { log: true }),
    rate: float(0.1, 1, { prior: 'log' }),
    bias: float(0, 1, { prior: { mean: 0, deviation: 1 } }),
    even: float(0, 1),
  });
  expect(space.describe()).toEqual({
    stop: "one of 'none', 'atr', 'trail'",
    'stop.length': 'an integer from 5 to 7',
    'stop.multiple': 'a number from 1 to 2 in steps of 0.5',
    'stop.by': "one of 'tick', 'percent'",
    short: 'true or false',
    days: 'an integer from 1 to 100, logarithmic',
    rate: 'a number from 0.1 to 1, prior "log"',
    bias: 'a number from 0 to 1, prior {"mean":0,"deviation":1}',
    even: 'a number from 0 to 1',
  });
});
