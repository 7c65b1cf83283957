import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { bool, choice, float, int, variant } from '../../../src/engine/parameters.js';
import { drawPoint } from '../../../src/optimize/samplers/random.js';
import { UnitCube } from '../../../src/optimize/samplers/unit-cube.js';
import { UsedPoints } from '../../../src/optimize/samplers/used-points.js';
import { type FlatParams, ParameterSpace } from '../../../src/optimize/space.js';

const space = new ParameterSpace({
  stop: variant({
    none: {},
    atr: { length: int(5, 9), deep: variant({ a: {}, b: { z: bool() } }) },
    bars: { length: int(1, 3) },
  }),
  n: int(2, 50),
  slow: int(20, 200, { step: 5 }),
  lots: int(1, 1000, { log: true }),
  size: float(0.1, 0.9, { step: 0.2 }),
  x: float(-3, 8),
  rate: float(1e-4, 1e-1, { prior: 'log' }),
  inner: float(-1, 2, { prior: { mean: 0, deviation: 1 } }),
  upper: float(4, 5, { prior: { mean: 0, deviation: 1 } }),
  mode: choice('a', 2, true),
});
const cube = new UnitCube(space);
const drawn = (seed: number): FlatParams => drawPoint(space, SeededRandom.derive(seed));

describe('the unit cube', () => {
  it('has an axis for each parameter of each kind', () => {
    expect(cube.axes.map(({ key, count, categorical, parent }) => [key, count, categorical, parent])).toEqual([
      ['stop', 3, true, undefined],
      ['stop.length', 5, false, { axis: 0, choice: 1 }],
      ['stop.deep', 2, true, { axis: 0, choice: 1 }],
      ['stop.deep.z', 2, true, { axis: 2, choice: 1 }],
      ['stop.length', 3, false, { axis: 0, choice: 2 }],
      ['n', 49, false, undefined],
      ['slow', 37, false, undefined],
      ['lots', 1000, false, undefined],
      ['size', 5, false, undefined],
      ['x', Number.POSITIVE_INFINITY, false, undefined],
      ['rate', Number.POSITIVE_INFINITY, false, undefined],
      ['inner', Number.POSITIVE_INFINITY, false, undefined],
      ['upper', Number.POSITIVE_INFINITY, false, undefined],
      ['mode', 3, true, undefined],
    ]);
  });

  it('encodes any point and decodes it again', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const flat = drawn(seed);
        const coordinates = new Float64Array(cube.size + 3);
        expect(cube.encode(flat, coordinates, 2)).toBe(true);
        const found = cube.decode(coordinates, 2);
        expect(Object.keys(found)).toEqual(Object.keys(flat));
        for (const [key, value] of Object.entries(flat)) {
          if (['x', 'rate', 'inner', 'upper'].includes(key)) {
            expect(Math.abs((found[key] as number) - (value as number))).toBeLessThan(
              1e-11 * Math.abs(value as number) + 1e-14,
            );
          } else expect(found[key]).toBe(value);
        }
        for (const [index, { parent }] of cube.axes.entries()) {
          const counts =
            parent === undefined ||
            coordinates[2 + parent.axis] === (parent.choice + 0.5) / cube.axes[parent.axis]!.count;
          expect(Number.isNaN(coordinates[2 + index])).toBe(!counts);
          if (counts) expect(Math.abs(coordinates[2 + index]! - 0.5)).toBeLessThanOrEqual(0.5);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('decodes any coordinates to a point of the space', () => {
    const coordinate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(fc.array(coordinate, { minLength: cube.size, maxLength: cube.size }), (coordinates) => {
        const flat = cube.decode(Float64Array.from(coordinates));
        expect(space.toFlat(space.checkFlat(flat))).toEqual(flat);
      }),
      { numRuns: 1000 },
    );
  });

  it('gives every step, choice and quantile its declared share', () => {
    const shares = new UnitCube(
      new ParameterSpace({
        n: int(1, 4),
        lots: int(1, 3, { log: true }),
        bell: float(-1, 1, { prior: { mean: 0, deviation: 1 } }),
      }),
    );
    const [n, lots, bell] = shares.axes;
    const at = [0, 0.24, 0.26, 0.51, 0.76, 1];
    expect(at.map((coordinate) => n!.valueAt(coordinate))).toEqual([1, 1, 2, 3, 4, 4]);
    expect(n!.coordinateOf(3)).toBe(0.625);
    // log(1.5 / 0.5) of log(3.5 / 0.5).
    const first = Math.log(3) / Math.log(7);
    expect([lots!.valueAt(first - 1e-9), lots!.valueAt(first + 1e-9)]).toEqual([1, 2]);
    expect(bell!.valueAt(0.5)).toBeCloseTo(0, 12);
    // Phi(0.5) - Phi(-1) of Phi(1) - Phi(-1).
    expect(bell!.coordinateOf(0.5)).toBeCloseTo((0.691462461274 - 0.158655253931) / 0.682689492137, 10);
  });

  it.each([
    [{ n: 1 }],
    [{ slow: 22 }],
    [{ size: 0.2 }],
    [{ lots: 1.5 }],
    [{ x: Number.NaN }],
    [{ rate: '0.01' }],
    [{ mode: 'b' }],
    [{ stop: 'other' }],
    [{ stop: 'atr', 'stop.length': 20 }],
    [{ x: undefined }],
  ])('refuses what is no point: %j', (wrong) => {
    const flat = { ...drawn(1), ...wrong } as FlatParams;
    expect(cube.encode(flat, new Float64Array(cube.size))).toBe(false);
  });

  it('keeps floats of one value, of huge ranges, and of a law without mass between the bounds', () => {
    const odd = new UnitCube(
      new ParameterSpace({
        one: float(2, 2),
        huge: float(-1e308, 1e308),
        far: float(60, 61, { prior: { mean: 0, deviation: 1 } }),
      }),
    );
    const coordinates = new Float64Array(3);
    expect(odd.encode({ one: 2, huge: 5e307, far: 60.25 }, coordinates)).toBe(true);
    expect([...coordinates]).toEqual([0.5, 0.75, 0.25]);
    expect(odd.decode(coordinates)).toEqual({ one: 2, huge: 5e307, far: 60.25 });
    expect(odd.axes[0]!.count).toBe(1);
  });
});

describe('used points', () => {
  const small = new ParameterSpace({ a: int(1, 3), b: bool() }, ({ a, b }) => a !== 2 || b);
  const trial = (params: FlatParams, number: number) => ({ number, params, ending: { state: 'pruned' } as const });

  it('are never drawn again, until none is left', () => {
    const used = new UsedPoints(small, 4);
    const had: FlatParams[] = [];
    for (let number = 0; number < 6; number++) {
      const history = had.slice(0, Math.max(0, number - 2)).map(trial);
      const pending = had.slice(history.length).map((params, at) => ({ number: history.length + at, params }));
      used.take({ number, ordinal: number, history, pending });
      const flat = used.drawUnused(number);
      if (number === 5) expect(flat).toBeUndefined();
      else {
        expect(used.has(flat!)).toBe(false);
        had.push(flat!);
      }
    }
    expect(new Set(had.map((flat) => small.keyOf(flat))).size).toBe(5);
    // Asked again about the beginning, it does not remember the rest.
    used.take({ number: 1, ordinal: 1, history: had.slice(0, 1).map(trial), pending: [] });
    expect(had.map((flat) => used.has(flat))).toEqual([true, false, false, false, false]);
    used.take({ number: 1, ordinal: 1, history: had.slice(1, 2).map(trial), pending: [] });
    expect(had.map((flat) => used.has(flat))).toEqual([false, true, false, false, false]);
  });

  it('find the last point of a large grid', () => {
    const grid = new ParameterSpace({ a: int(0, 99), b: int(0, 29) });
    const used = new UsedPoints(grid, 1);
    const history = [...grid.points()].map((params) => grid.toFlat(params)).filter(({ a, b }) => a !== 41 || b !== 7);
    used.take({ number: 2999, ordinal: 2999, history: history.map(trial), pending: [] });
    expect(used.drawUnused(2999)).toEqual({ a: 41, b: 7 });
  });

  it('repeat themselves only where a space of one value counts as endless', () => {
    const fixed = new UsedPoints(new ParameterSpace({ x: float(2, 2) }), 1);
    fixed.take({ number: 1, ordinal: 1, history: [trial({ x: 2 }, 0)], pending: [] });
    expect([fixed.finite, fixed.drawUnused(1)]).toEqual([false, { x: 2 }]);
  });
});
