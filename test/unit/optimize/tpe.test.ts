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
import { float } from '../../../src/engine/parameters.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import type { Search } from '../../../src/optimize/samplers/registry.js';
import { tpe } from '../../../src/optimize/samplers/tpe.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { smallerBy } from '../../helpers/rank-test.js';

const SEEDS = 20;
const TRIALS = 70;

/** The best value of each seed. */
async function bestOf(problem: ReferenceProblem, search: Search | 'random', lag: number): Promise<number[]> {
  const found: number[] = [];
  for (let seed = 0; seed < SEEDS; seed++) {
    const { best } = await searchCourse(problem, search, { trials: TRIALS, seed, lag });
    found.push(best[TRIALS - 1]!);
  }
  return found;
}

describe('TPE', () => {
  it.each([branin, rosenbrock5, hartmann6, mixedConditional, ackley10])(
    'finds better values than random search with 70 trials, p < 0.05: $name',
    async (problem) => {
      const random = await bestOf(problem, 'random', 1);
      for (const search of [tpe(), tpe({ model: 'separate' })]) {
        expect(smallerBy(await bestOf(problem, search, 1), random)).toBeLessThan(0.05);
      }
      expect(smallerBy(await bestOf(problem, tpe(), 8), random)).toBeLessThan(0.05);
    },
    120_000,
  );

  it('spreads trials whose results are not known', async () => {
    const space = new ParameterSpace({ x: float(0, 1) });
    await using study = await openStudyOn({ space, search: tpe(), directions: ['minimize'], lag: 32, trials: 200 });
    const told: number[] = [];
    const batch = (): number[] => {
      const trials = Array.from({ length: 32 }, () => study.ask()!);
      for (const trial of trials) study.tell(trial, (trial.params.x - 0.3) ** 2);
      return trials.map(({ params }) => params.x);
    };
    for (let round = 0; round < 4; round++) told.push(...batch());
    const last = batch().sort((a, b) => a - b);
    // None of 32 pending ones stands on another, though all come from one model.
    for (let at = 1; at < last.length; at++) expect(last[at]! - last[at - 1]!).toBeGreaterThan(1e-6);
    expect(last.at(-1)! - last[0]!).toBeGreaterThan(0.02);
  });

  it('takes no longer after 4,000 trials than after 1,000', async () => {
    const { overhead } = await searchCourse(rosenbrock5, tpe(), { trials: 4000, seed: 1 });
    // The fastest tenth of each: a machine busy with other work slows the rest.
    const fast = (from: number, to: number): number => overhead.slice(from, to).sort()[(to - from) / 10]!;
    expect(fast(3500, 4000)).toBeLessThan(2 * fast(500, 1000));
  }, 60_000);

  it('refuses what it cannot follow', async () => {
    expect(() => tpe({ model: 'jiont' as never })).toThrow(/joint, separate, not 'jiont'\. Did you mean 'joint'/);
    expect(() => tpe({ candidates: 0 })).toThrow('tpe.candidates');
    expect(() => tpe({ trials: 10 } as never)).toThrow('trials');
    const space = new ParameterSpace({ x: float(0, 1) });
    await expect(openStudyOn({ space, search: 'tpe', directions: ['minimize', 'maximize'] })).rejects.toMatchObject({
      code: 'ONE_OBJECTIVE_ONLY',
    });
  });

  it('keeps its settings with the study', () => {
    expect(tpe().settings).toBeUndefined();
    expect(tpe({ model: 'separate', candidates: 48 }).settings).toEqual({ model: 'separate', candidates: 48 });
  });
});
