import { describe, expect, it } from 'vitest';
import {
  ackley10,
  branin,
  hartmann6,
  mixedConditional,
  mixedFlat,
  REFERENCE_PROBLEMS,
  rosenbrock5,
  searchCourse,
} from '../../../bench/support/reference-problems.js';
import { median } from '../../../bench/support/statistics.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

const all = (count: number, value: number): Record<string, number> =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, value]));

describe('the reference problems', () => {
  it.each([
    ['branin, left', branin, { x1: -Math.PI, x2: 12.275 }],
    ['branin, middle', branin, { x1: Math.PI, x2: 2.275 }],
    ['branin, right', branin, { x1: 9.42477796076938, x2: 2.475 }],
    [
      'hartmann',
      hartmann6,
      { x0: 0.20168952, x1: 0.15001069, x2: 0.47687398, x3: 0.27533243, x4: 0.31165162, x5: 0.65730054 },
    ],
    ['rosenbrock', rosenbrock5, all(5, 1)],
    ['ackley', ackley10, all(10, 0)],
    [
      'mixed, conditional',
      mixedConditional,
      { rule: { kind: 'ema', fast: 13, slow: 95 }, stop: 0.01, filter: { kind: 'on', filter_len: 40 } },
    ],
    ['mixed, flat', mixedFlat, { rule: 'ema', length: 22, step: 120, stop: 0.01, short: false }],
  ])('have the optimum where it is published: %s', (_name, { evaluate, optimum, parameters }, params) => {
    expect(evaluate(params)).toBeCloseTo(optimum, 9);
    expect(new ParameterSpace(parameters).describe()).toBeDefined();
  });

  it('count evaluations, and the best after each trial', async () => {
    for (const problem of REFERENCE_PROBLEMS) {
      const { best, evaluations, overhead } = await searchCourse(problem, 'random', { trials: 200, seed: 3, lag: 8 });
      expect([best.length, evaluations, overhead.length]).toEqual([200, 200, 200]);
      expect(best.every((value, index) => index === 0 || value <= best[index - 1]!)).toBe(true);
      expect(best[199]).toBeGreaterThanOrEqual(problem.optimum);
    }
  });
});

interface PublishedSamplers {
  readonly problems: Readonly<
    Record<
      string,
      {
        readonly results: Readonly<
          Record<string, { readonly best: Readonly<Record<string, { q25: number; q75: number }>> }>
        >;
      }
    >
  >;
}

describeShared('random search beside another one', 'reference/optimisers/samplers.json', () => {
  const { problems } = referenceJson<PublishedSamplers>('reference/optimisers/samplers.json');

  it.each([branin, rosenbrock5, mixedConditional, ackley10])('finds as much: $name', async (problem) => {
    const { best } = problems[problem.name]!.results.random!;
    const courses = await Promise.all(
      Array.from({ length: 30 }, (_, seed) => searchCourse(problem, 'random', { trials: 200, seed })),
    );
    for (const trials of [50, 100, 200]) {
      const found = median(courses.map((course) => course.best[trials - 1]!));
      expect(found).toBeGreaterThan(best[trials]!.q25 * 0.98);
      expect(found).toBeLessThan(best[trials]!.q75 * 1.02);
    }
  });
});
