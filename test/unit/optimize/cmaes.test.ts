import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ackley10,
  branin,
  hartmann6,
  mixedConditional,
  type ReferenceProblem,
  rosenbrock5,
  searchCourse,
} from '../../../bench/support/reference-problems.js';
import { SeededRandom } from '../../../src/core/random.js';
import { float, int } from '../../../src/engine/parameters.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import { cmaes } from '../../../src/optimize/samplers/cmaes.js';
import { EvolutionStrategy } from '../../../src/optimize/samplers/evolution-strategy.js';
import type { Search } from '../../../src/optimize/samplers/registry.js';
import { symmetricEigen } from '../../../src/optimize/samplers/symmetric-eigen.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { smallerBy } from '../../helpers/rank-test.js';

describe('the eigenvectors of a symmetric matrix', () => {
  it('give it back, and are of length 1 and at right angles', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer(), (size, seed) => {
        const random = SeededRandom.derive(seed, 'matrix');
        const matrix = new Float64Array(size * size);
        for (let row = 0; row < size; row++) {
          for (let column = 0; column <= row; column++) {
            matrix[row * size + column] = random.normal();
            matrix[column * size + row] = matrix[row * size + column]!;
          }
        }
        const { values, vectors } = symmetricEigen(matrix, size);
        for (let row = 0; row < size; row++) {
          for (let column = 0; column < size; column++) {
            let product = 0;
            let dot = 0;
            for (let k = 0; k < size; k++) {
              product += vectors[row * size + k]! * values[k]! * vectors[column * size + k]!;
              dot += vectors[k * size + row]! * vectors[k * size + column]!;
            }
            expect(product).toBeCloseTo(matrix[row * size + column]!, 10);
            expect(dot).toBeCloseTo(row === column ? 1 : 0, 12);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('the evolution strategy', () => {
  /** Runs generations of a strategy on a function and returns it. */
  const evolve = (strategy: EvolutionStrategy, value: (point: Float64Array) => number, generations: number): void => {
    const random = SeededRandom.derive(3, 'evolve');
    for (let generation = 0; generation < generations; generation++) {
      const offspring = Array.from({ length: strategy.population }, () => {
        const point = new Float64Array(strategy.size);
        strategy.sample(random, point);
        return { point, own: true };
      });
      strategy.update(offspring.sort((a, b) => value(a.point) - value(b.point)));
    }
  };

  it('learns the shape of a tilted valley a thousand times as long as wide', () => {
    const strategy = new EvolutionStrategy(Float64Array.of(0.9, 0.1), 0.2, 6);
    const valley = ([x = 0, y = 0]: Float64Array): number => (x + y - 1) ** 2 * 1e6 + (x - y) ** 2;
    evolve(strategy, valley, 120);
    expect(valley(strategy.mean)).toBeLessThan(1e-8);
    const drawn = Float64Array.of(0, 0);
    const random = SeededRandom.derive(8);
    let along = 0;
    let across = 0;
    for (let draw = 0; draw < 2000; draw++) {
      strategy.sample(random, drawn);
      along += (drawn[0]! - drawn[1]! - strategy.mean[0]! + strategy.mean[1]!) ** 2;
      across += (drawn[0]! + drawn[1]! - strategy.mean[0]! - strategy.mean[1]!) ** 2;
    }
    expect(Math.sqrt(along / across)).toBeGreaterThan(100);
  });

  it('bounds how far one point from elsewhere moves it', () => {
    const strategy = new EvolutionStrategy(Float64Array.of(0.5, 0.5), 0.01, 6);
    const far = { point: Float64Array.of(1, 1), own: false };
    strategy.update(Array.from({ length: 6 }, () => far));
    expect(Math.hypot(strategy.mean[0]! - 0.5, strategy.mean[1]! - 0.5)).toBeLessThan(0.01 * 3);
  });
});

const SEEDS = 20;
const TRIALS = 100;

async function bestOf(problem: ReferenceProblem, search: Search | 'random', lag: number): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { best } = await searchCourse(problem, search, { trials: TRIALS, seed, lag });
    found.push(best[TRIALS - 1]!);
  }
  return found;
}

describe('CMA-ES', () => {
  it.each([branin, rosenbrock5, hartmann6, mixedConditional, ackley10])(
    'finds better values than random search with 100 trials, p < 0.05: $name',
    async (problem) => {
      const random = await bestOf(problem, 'random', 1);
      for (const lag of [1, 8]) expect(smallerBy(await bestOf(problem, cmaes(), lag), random)).toBeLessThan(0.05);
    },
    60_000,
  );

  it('comes to the optimum of a smooth function within 1e-9 in 500 trials', async () => {
    for (let seed = 0; seed < 5; seed++) {
      const { best } = await searchCourse(branin, cmaes(), { trials: 500, seed });
      expect(best[499]! - branin.optimum).toBeLessThan(1e-9);
    }
  });

  it('does not freeze on integers: the best of 41 ** 4 points is found though it starts elsewhere', async () => {
    const parameters = { a: int(-20, 20), b: int(-20, 20), c: int(-20, 20), d: int(-20, 20) };
    const problem: ReferenceProblem = {
      name: 'integers',
      parameters,
      direction: 'minimize',
      optimum: 0,
      evaluate: (params) =>
        Object.values(params).reduce<number>((sum, x, at) => sum + ((x as number) - 4 * at + 9) ** 2, 0),
    };
    for (let seed = 0; seed < 5; seed++) {
      const { best, evaluations } = await searchCourse(problem, cmaes(), { trials: 400, seed });
      expect(best[399]).toBe(0);
      expect(evaluations).toBe(400);
    }
  });

  it.each(['ipop', 'bipop'] as const)('starts anew when it has come to rest: %s', async (restarts) => {
    const space = new ParameterSpace({ x: float(0, 1), y: float(0, 1) });
    const bowl = ({ x, y }: { readonly x: number; readonly y: number }): number => (x - 0.4) ** 2 + (y - 0.6) ** 2;
    const far = async (search: Search): Promise<number> => {
      await using study = await openStudyOn({ space, search, directions: ['minimize'], lag: 1, trials: 1500 });
      let count = 0;
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
        study.record(trial.number, { state: 'complete', values: [bowl(trial.params)] });
        if (trial.number > 500 && bowl(trial.params) > 0.01) count++;
      }
      expect(study.best!.values[0]).toBeLessThan(1e-20);
      return count;
    };
    // Where all values are equal, a law without restarts drifts a little.
    expect(await far(cmaes({ restarts }))).toBeGreaterThan(5 * (await far(cmaes({ restarts: 'none' }))));
  });

  it('refuses what it cannot follow', () => {
    expect(() => cmaes({ population: 3 })).toThrow('cmaes.population');
    expect(() => cmaes({ step: 0 })).toThrow('cmaes.step is above 0 and at most 1, not 0');
    expect(() => cmaes({ restarts: 'no' as never })).toThrow('cmaes.restarts is one of bipop, ipop, none, not no');
    expect(() => cmaes({ sigma: 1 } as never)).toThrow('sigma');
    expect(cmaes({ step: 0.3 }).settings).toEqual({ step: 0.3 });
  });
});
