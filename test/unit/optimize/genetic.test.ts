import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ackley10,
  branin,
  mixedConditional,
  type ReferenceProblem,
  rosenbrock5,
  searchCourse,
} from '../../../bench/support/reference-problems.js';
import { SeededRandom } from '../../../src/core/random.js';
import { bool, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import { hypervolume } from '../../../src/optimize/dominance.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import { genetic, nsga2 } from '../../../src/optimize/samplers/genetic.js';
import type { Search } from '../../../src/optimize/samplers/registry.js';
import { UnitCube } from '../../../src/optimize/samplers/unit-cube.js';
import { childOf } from '../../../src/optimize/samplers/variation.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { smallerBy } from '../../helpers/rank-test.js';

describe('a child', () => {
  const { axes } = new UnitCube(
    new ParameterSpace<ParameterMap>({
      x: float(0, 1),
      n: int(0, 9),
      exit: variant({ none: {}, bars: { length: int(1, 5) } }),
      short: bool(),
    }),
  );
  const parent = fc
    .array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: axes.length, maxLength: axes.length })
    .map((list) => Float64Array.from(list));

  it('lies in the cube, whatever its parents', () => {
    fc.assert(
      fc.property(parent, parent, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), (a, b, seed, mutation) => {
        b[3] = Number.NaN;
        const child = childOf([a, b], axes, { crossover: 0.9, mutation }, SeededRandom.derive(seed));
        for (const value of child) expect(value >= 0 && value <= 1).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('is a parent where nothing mixes or mutates, and another value where all mutates', () => {
    fc.assert(
      fc.property(parent, parent, fc.integer(), (a, b, seed) => {
        const random = SeededRandom.derive(seed);
        expect(childOf([a, b], axes, { crossover: 0, mutation: 0 }, random)).toEqual(a);
        const mutant = childOf([a, a], axes, { crossover: 0, mutation: 1 }, random);
        const cell = (value: number): number => Math.min(9, Math.floor(value * 10));
        // At the bounds half of the mutants of a step stay.
        if (cell(a[1]!) > 0 && cell(a[1]!) < 9) expect(cell(mutant[1]!)).not.toBe(cell(a[1]!));
      }),
      { numRuns: 1000 },
    );
  });
});

async function bestOf(problem: ReferenceProblem, search: Search | 'random', lag: number): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const { best } = await searchCourse(problem, search, { trials: 200, seed, lag });
    found.push(best[199]!);
  }
  return found;
}

describe('genetic search', () => {
  it.each([branin, rosenbrock5, mixedConditional, ackley10])(
    'finds better values than random search with 200 trials, p < 0.05: $name',
    async (problem) => {
      const random = await bestOf(problem, 'random', 1);
      for (const [search, lag] of [
        [genetic(), 1],
        [genetic(), 8],
        [genetic({ islands: 2 }), 1],
        [nsga2(), 1],
      ] as const) {
        expect(smallerBy(await bestOf(problem, search, lag), random)).toBeLessThan(0.05);
      }
    },
    60_000,
  );

  it('takes no longer after 4,000 trials than after 1,000', async () => {
    for (const search of [genetic({ islands: 3 }), nsga2()]) {
      const { overhead } = await searchCourse(rosenbrock5, search, { trials: 4000, seed: 1 });
      // The fastest tenth of each: a machine busy with other work slows the rest.
      const fast = (from: number, to: number): number => overhead.slice(from, to).sort()[(to - from) / 10]!;
      expect(fast(3500, 4000)).toBeLessThan(2 * fast(500, 1000));
    }
  }, 60_000);

  it('refuses what it cannot follow', async () => {
    expect(() => genetic({ population: 7, islands: 2 })).toThrow('genetic.population');
    expect(() => genetic({ elite: 20 })).toThrow('genetic.elite');
    expect(() => genetic({ mutation: 2 })).toThrow('genetic.mutation is a chance from 0 to 1, not 2');
    expect(() => nsga2({ crossover: -1 })).toThrow('nsga2.crossover is a chance from 0 to 1, not -1');
    expect(() => nsga2({ tournament: 3 } as never)).toThrow('tournament');
    expect(genetic({ islands: 2 }).settings).toEqual({ islands: 2 });
    const space = new ParameterSpace({ x: float(0, 1) });
    const directions = ['minimize', 'maximize'] as const;
    await expect(openStudyOn({ space, search: genetic(), directions })).rejects.toMatchObject({
      code: 'ONE_OBJECTIVE_ONLY',
    });
  });
});

/** Zitzler, Deb and Thiele (2000) in six variables; `shape` gives the front: f2 = g * shape(f1, g). */
const ZDT = [
  { name: 'ZDT1, convex', shape: (f: number, g: number) => 1 - Math.sqrt(f / g) },
  { name: 'ZDT2, concave', shape: (f: number, g: number) => 1 - (f / g) ** 2 },
  {
    name: 'ZDT3, in pieces',
    shape: (f: number, g: number) => 1 - Math.sqrt(f / g) - (f / g) * Math.sin(10 * Math.PI * f),
  },
] as const;
const REFERENCE = [1.1, 1.1];

describe('NSGA-II', () => {
  it.each(ZDT)(
    'covers the front of $name in 1,000 trials',
    async ({ shape }) => {
      const parameters = Object.fromEntries(Array.from({ length: 6 }, (_, axis) => [`x${axis}`, float(0, 1)]));
      const space = new ParameterSpace<ParameterMap>(parameters);
      const volumeOf = async (search: Search | 'random', seed: number): Promise<number> => {
        await using study = await openStudyOn({
          space,
          search,
          seed,
          directions: ['minimize', 'maximize'],
          lag: 1,
          trials: 1000,
        });
        for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
          const [f = 0, ...rest] = Object.values(trial.params) as number[];
          const g = 1 + (9 * rest.reduce((sum, x) => sum + x, 0)) / rest.length;
          // The second objective is maximised, so that directions count.
          study.record(trial.number, { state: 'complete', values: [f, -g * shape(f, g)] });
        }
        const front = study.front.map(({ values }) => [values[0], -values[1]!]);
        expect(front.length).toBeGreaterThan(3);
        return hypervolume(front, REFERENCE);
      };
      const ideal = Array.from({ length: 2000 }, (_, at) => [at / 1999, shape(at / 1999, 1)]);
      const full = hypervolume(ideal, REFERENCE);
      const found: number[] = [];
      for (let seed = 0; seed < 3; seed++) {
        found.push(await volumeOf(nsga2(), seed));
        expect(found.at(-1)!).toBeLessThanOrEqual(full * 1.001);
        expect(await volumeOf('random', seed)).toBeLessThan(0.5 * found.at(-1)!);
      }
      // The median: now and then a run of 1,000 trials misses a part of a front.
      expect(found.sort((a, b) => a - b)[1]!).toBeGreaterThan(0.7 * full);
    },
    60_000,
  );
});
