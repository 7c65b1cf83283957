import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bool, choice, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import { type FlatParams, ParameterSpace } from '../../../src/optimize/space.js';
import type { TrialEnding } from '../../../src/optimize/trial.js';
import { efficiencyOf, parameterDrift } from '../../../src/validate/parameter-drift.js';
import { averageParams, type Candidate, parseSelection, rankTrials } from '../../../src/validate/selection.js';

const complete = (value: number): TrialEnding => ({ state: 'complete', values: [value] });
const candidates = (rows: readonly (readonly [FlatParams, TrialEnding])[]): Candidate[] =>
  rows.map(([params, ending], number) => ({ number, params, ending }));

describe('ranking', () => {
  const space = new ParameterSpace({ x: int(0, 10) });

  it('by value, ties by number, in either direction, without copies and failures', () => {
    const trials = candidates([
      [{ x: 1 }, complete(2)],
      [{ x: 2 }, complete(3)],
      [{ x: 2 }, { ...complete(3), duplicateOf: 1 }],
      [{ x: 3 }, complete(3)],
      [{ x: 4 }, { state: 'pruned' }],
      [{ x: 5 }, { state: 'failed', reason: 'it threw' }],
    ]);
    const best = parseSelection('best');
    expect(rankTrials(trials, space, 'maximize', best).map(({ number }) => number)).toEqual([1, 3, 0]);
    expect(rankTrials(trials, space, 'minimize', best).map(({ number }) => number)).toEqual([0, 1, 3]);
  });

  it('a plateau beats a peak; an edge without a value is none', () => {
    const values: Record<number, number> = { 0: 1, 1: 1, 2: 9, 3: 1, 4: 1, 5: 5, 6: 6, 7: 5, 8: 1 };
    const trials = candidates([
      ...Object.entries(values).map(([x, value]) => [{ x: Number(x) }, complete(value)] as const),
      [{ x: 9 }, { state: 'pruned' }],
    ]);
    const [first] = rankTrials(trials, space, 'maximize', parseSelection('plateau:2'));
    expect(first).toMatchObject({ params: { x: 6 }, value: 6, score: 16 / 3 });
    // At 8 the neighbours are 7 with 5, and 9, which counts as the worst there is.
    const at8 = rankTrials(trials, space, 'maximize', parseSelection('plateau:2')).find(({ params }) => params.x === 8);
    expect(at8!.score).toBeCloseTo((1 + 5 + 1) / 3, 12);
    expect(rankTrials(trials, space, 'maximize', parseSelection('best'))[0]!.params).toEqual({ x: 2 });
  });

  it('a peak at an edge is judged as it would be in the middle, by as many neighbours', () => {
    const scoresOf = (values: readonly number[], count: number): Map<number, number> => {
      const trials = candidates(values.map((value, x) => [{ x }, complete(value)] as const));
      const over = new ParameterSpace({ x: int(0, 40) });
      const ranked = rankTrials(trials, over, 'maximize', { rule: 'plateau', count });
      return new Map(ranked.map(({ params, score }) => [params.x as number, score]));
    };
    expect(scoresOf([9, 3, 0, 5, 5, 5, 0], 1).get(0)).toBe((9 + 3) / 2);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 12 }),
        fc.integer({ min: 1, max: 13 }),
        (values, count) => {
          const size = Math.min(count, values.length - 1);
          const scores = scoresOf(values, count);
          for (const [x, score] of scores) {
            // By hand: pairs at growing distances, until all places are taken.
            let [sum, left] = [values[x]!, size];
            for (let far = 1; left > 0; far++) {
              const pair = [values[x - far], values[x + far]].filter((value) => value !== undefined);
              const taken = Math.min(left, pair.length);
              for (const value of pair) sum += (value * taken) / pair.length;
              left -= taken;
            }
            expect(score).toBeCloseTo(sum / (size + 1), 9);
          }
          // Of one neighbour, the curve prolonged by its mirror image has the same scores.
          const long = scoresOf([values[1]!, ...values, values.at(-2)!], 1);
          for (const [x, score] of scoresOf(values, 1)) expect(long.get(x + 1)).toBeCloseTo(score, 9);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('does not change with the unit, the origin or the order of what was tried', () => {
    const grid = fc.uniqueArray(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 20 })), {
      minLength: 3,
      maxLength: 40,
      selector: ([x, y]) => x * 100 + y,
    });
    fc.assert(
      fc.property(
        grid,
        fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 10 }),
        fc.constantFrom(0.001, 0.5, 3, 1000),
        fc.integer({ min: -5, max: 5 }),
        (points, values, count, unit, shift) => {
          const rank = (parameters: ParameterMap, change: (x: number) => number) =>
            rankTrials(
              candidates(points.map(([x, y], index) => [{ x: change(x), y }, complete(values[index]!)])),
              new ParameterSpace(parameters),
              'maximize',
              { rule: 'plateau', count },
            ).map(({ number, score }) => [number, score]);
          const plain = rank({ x: int(0, 20), y: int(0, 20) }, (x) => x);
          const steps = new ParameterSpace({ x: float(shift * unit, (20 + shift) * unit, { step: unit }) });
          const changed = rank(
            { x: float(shift * unit, (20 + shift) * unit, { step: unit }), y: int(0, 20) },
            (x) => steps.flatAt(x).x as number,
          );
          expect(changed).toEqual(plain);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('averages', () => {
  it.each([
    [{ x: int(0, 10) }, [{ x: 2 }, { x: 3 }, { x: 8 }], { x: 4 }],
    [{ x: int(0, 20, { step: 5 }) }, [{ x: 5 }, { x: 15 }, { x: 15 }], { x: 10 }],
    [{ x: float(0, 1, { step: 0.001 }) }, [{ x: 0.001 }, { x: 0.002 }], { x: 0.001 }],
    [{ x: float(0, 1) }, [{ x: 0.25 }, { x: 0.75 }], { x: 0.5 }],
    [{ x: float(1, 10_000, { prior: 'log' }) }, [{ x: 10 }, { x: 1000 }], { x: 100 }],
    [{ x: int(1, 1000, { log: true }) }, [{ x: 1 }, { x: 100 }], { x: 10 }],
    [{ x: choice('a', 'b', 'c') }, [{ x: 'c' }, { x: 'a' }, { x: 'c' }], { x: 'c' }],
    [{ x: choice('a', 'b', 'c') }, [{ x: 'b' }, { x: 'a' }], { x: 'b' }],
    [{ x: bool() }, [{ x: true }, { x: false }, { x: false }], { x: false }],
    [
      { stop: variant({ none: {}, atr: { length: int(1, 20) } }) },
      [{ stop: 'atr', 'stop.length': 4 }, { stop: 'none' }, { stop: 'atr', 'stop.length': 8 }],
      { stop: 'atr', 'stop.length': 6 },
    ],
  ] as const)('%#', (parameters, sets, expected) => {
    const average = averageParams(sets as unknown as FlatParams[], new ParameterSpace(parameters as ParameterMap));
    for (const [name, value] of Object.entries(expected)) {
      if (typeof value === 'number') expect(average[name]).toBeCloseTo(value, 9);
      else expect(average[name]).toBe(value);
    }
    expect(Object.keys(average)).toEqual(Object.keys(expected));
  });

  it('where the constraint refuses the average, the set nearest to it', () => {
    const space = new ParameterSpace({ x: int(0, 10), y: int(0, 10) }, ({ x, y }) => x !== y);
    const sets = [
      { x: 0, y: 10 },
      { x: 10, y: 0 },
      { x: 4, y: 5 },
      { x: 6, y: 5 },
    ];
    expect(averageParams(sets, space as never)).toEqual({ x: 4, y: 5 });
  });
});

/** The formula table of docs/concepts/walk-forward.md. */
describe('stability', () => {
  const space = new ParameterSpace({
    length: int(10, 50, { step: 10 }),
    rule: choice('a', 'b'),
    level: float(1, 100, { prior: 'log' }),
  });

  it('by parameter', () => {
    const [length, rule, level] = parameterDrift(space, [
      { length: 20, rule: 'a', level: 1 },
      { length: 40, rule: 'b', level: 10 },
      undefined,
      { length: 30, rule: 'a', level: 100 },
    ]) as [never, never, never];
    expect(length).toMatchObject({
      name: 'length',
      values: [20, 40, undefined, 30],
      mean: 30,
      agreement: 1 / 3,
      changes: 2,
    });
    // Deviation 10, of positions 0.25, 0.75 and 0.5: 0.25.
    expect(length).toMatchObject({
      coefficientOfVariation: 10 / 30,
      spread: 0.25,
      positions: [0.25, 0.75, undefined, 0.5],
    });
    expect(rule).toMatchObject({ mean: undefined, coefficientOfVariation: undefined, spread: undefined });
    expect(rule).toMatchObject({ agreement: 2 / 3, changes: 2 });
    expect((level as { spread: number }).spread).toBeCloseTo(0.5, 12);
  });

  it.each([
    [
      'maximize',
      [
        [1, 0.5],
        [3, 1.5],
      ],
      0.5,
    ],
    [
      'maximize',
      [
        [1, -1],
        [1, 0.5],
      ],
      -0.25,
    ],
    ['maximize', [[-1, 2]], undefined],
    [
      'maximize',
      [
        [undefined, 2],
        [2, undefined],
        [4, 3],
      ],
      0.75,
    ],
    ['maximize', [[1, undefined]], undefined],
    [
      'minimize',
      [
        [0.1, 0.2],
        [0.3, 0.3],
      ],
      0.8,
    ],
    ['minimize', [[0.1, 0]], undefined],
  ] as const)('efficiency to %s of %j is %s', (direction, pairs, expected) => {
    const found = efficiencyOf(
      pairs.map(([train, test]) => ({ train, test })),
      direction,
    );
    if (expected === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(expected, 12);
  });
});
