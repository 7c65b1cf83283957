import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { choice, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import type { Study, Trial } from '../../../src/optimize/index.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import { rowsOf } from '../../../src/optimize/partial-data.js';
import { asha } from '../../../src/optimize/samplers/asha.js';
import { bohb } from '../../../src/optimize/samplers/bohb.js';
import { BracketPlan, type PlannedTrial } from '../../../src/optimize/samplers/bracket-plan.js';
import { budgetLadder, hyperbandRound } from '../../../src/optimize/samplers/budget-ladder.js';
import { halving, hyperband } from '../../../src/optimize/samplers/hyperband.js';
import { KernelDensity } from '../../../src/optimize/samplers/kernel-density.js';
import { configuredSearch, type Search } from '../../../src/optimize/samplers/registry.js';
import { UnitCube } from '../../../src/optimize/samplers/unit-cube.js';
import { runSearch } from '../../../src/optimize/search.js';
import { ParameterSpace } from '../../../src/optimize/space.js';
import { openExecutor } from '../../../src/parallel/open-executor.js';
import { makeFolder } from '../../helpers/folders.js';
import { canonicalJournal } from '../../helpers/optuna-journal.js';
import { referenceJson } from '../../helpers/reference.js';
import { expectSame, expectWithin } from '../../helpers/same.js';
import { describeShared } from '../../helpers/shared.js';

const MODULE = new URL('../../fixtures/math-trials.mjs', import.meta.url).href;

/** Trials of a plan of so many brackets. */
function planOf(brackets: ReturnType<typeof hyperbandRound>, iterations: number): PlannedTrial[] {
  let begun = 0;
  const plan = new BracketPlan(() => (begun === iterations ? undefined : brackets[begun++ % brackets.length]));
  const trials: PlannedTrial[] = [];
  for (let trial = plan.at(0); trial !== undefined; trial = plan.at(trials.length)) trials.push(trial);
  return trials;
}

describe('the ladder of budgets', () => {
  it('is HpBandSter’s: 0.05, 1 and 3 make 1/9, 1/3 and 1, and ten brackets 54 configurations at the cost of 27 runs', () => {
    const ladder = budgetLadder('bohb', { minBudget: 0.05, maxBudget: 1, eta: 3 });
    expect(ladder.budgets).toEqual([1 / 9, 1 / 3, 1]);
    expect(hyperbandRound(ladder).map(({ first, sizes }) => [first, ...sizes])).toEqual([
      [0, 9, 3, 1],
      [1, 3, 1],
      [2, 3],
    ]);
    const trials = planOf(hyperbandRound(ladder), 10);
    expect(trials).toHaveLength(73);
    expect(trials.filter(({ below }) => below.length === 0)).toHaveLength(54);
    expect(trials.filter(({ rung }) => rung === 2)).toHaveLength(16);
    expect(trials.reduce((cost, { rung }) => cost + ladder.budgets[rung]!, 0)).toBeCloseTo(27, 10);
    expect(hyperband({ iterations: 10 }).create(new ParameterSpace({ x: float(0, 1) }), 1, ['maximize']).size).toBe(73);
  });

  it.each([
    { options: { minBudget: 1 / 27 }, budgets: [1 / 27, 1 / 9, 1 / 3, 1] },
    { options: { minBudget: 0.25, eta: 2 }, budgets: [0.25, 0.5, 1] },
    { options: { minBudget: 0.25, maxBudget: 0.5, eta: 2 }, budgets: [0.25, 0.5] },
    { options: { minBudget: 1 }, budgets: [1] },
  ])('hangs from the top: $options', ({ options, budgets }) => {
    const found = budgetLadder('asha', options).budgets;
    expect(found).toHaveLength(budgets.length);
    for (const [rung, budget] of found.entries()) expect(budget).toBeCloseTo(budgets[rung]!, 12);
  });

  it.each([
    {
      options: { minBudget: 0 },
      says: 'bohb.minBudget is a share of the data above 0 and at most maxBudget, which is 1, not 0',
    },
    { options: { minBudget: 0.5, maxBudget: 0.25 }, says: 'at most maxBudget, which is 0.25, not 0.5' },
    { options: { maxBudget: 1.5 }, says: 'bohb.maxBudget is a share of the data above 0 and at most 1, not 1.5' },
    { options: { eta: 1 }, says: 'bohb.eta is a number from 2, not 1' },
    { options: { part: 'middle' }, says: "bohb.part is 'windows', 'start', 'symbols' or 'frequency', not \"middle\"" },
    { options: { windows: 0 }, says: 'bohb.windows' },
    { options: { part: 'start', windows: 3 }, says: "but its part is 'start'. Leave one of them out" },
    { options: { iterations: 0 }, says: 'bohb.iterations' },
    { options: { randomFraction: 2 }, says: 'bohb.randomFraction is a share from 0 to 1, not 2' },
    { options: { topPercent: 100 }, says: 'bohb.topPercent is above 0 and below 100 per cent, not 100' },
    { options: { candidates: 0 }, says: 'bohb.candidates' },
    { options: { etta: 3 }, says: "Did you mean 'eta'?" },
  ])('refuses $options', ({ options, says }) => {
    expect(() => bohb(options as never)).toThrow(says);
  });

  it('belongs to searches that have settings', () => {
    expect(configuredSearch('hyperband', { eta: 4 }).settings).toEqual({ eta: 4 });
    expect(() => configuredSearch('random', { eta: 4 })).toThrow(
      'A random search has no settings, so eta cannot be one',
    );
    expect(() => halving().create(new ParameterSpace({ x: float(0, 1) }), 1, ['minimize', 'minimize'])).toThrow(
      'one objective',
    );
  });
});

describe('the plan of brackets', () => {
  it('has each rung whole behind the one below, with other trials between where there are any', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 });
    const brackets = fc.array(fc.record({ first: fc.integer({ min: 0, max: 3 }), sizes }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(brackets, fc.integer({ min: 1, max: 12 }), (round, iterations) => {
        const trials = planOf(round, iterations);
        const expected = Array.from({ length: iterations }, (_, k) => round[k % round.length]!);
        expect(trials).toHaveLength(expected.reduce((sum, bracket) => sum + bracket.sizes.reduce((a, b) => a + b), 0));
        const rungs = (of: readonly { readonly first: number; readonly sizes: readonly number[] }[]) =>
          of.flatMap(({ first, sizes: each }) => each.flatMap((size, k) => Array<number>(size).fill(first + k))).sort();
        expect(trials.map(({ rung }) => rung).sort()).toEqual(rungs(expected));
        const above = new Map<string, Set<number>>();
        for (const [ordinal, { rung, rank, below }] of trials.entries()) {
          if (below.length === 0) continue;
          expectSame(
            below.every((each) => each < ordinal && trials[each]!.rung === rung - 1),
            true,
          );
          const ranks = above.get(below.join()) ?? new Set();
          expectSame(ranks.has(rank), false);
          above.set(below.join(), ranks.add(rank));
        }
        for (const ranks of above.values())
          expect([...ranks].sort((a, b) => a - b)).toEqual([...ranks].map((_, k) => k));
      }),
      { numRuns: 1000 },
    );
  });

  it('lets eight workers go on while a rung runs', () => {
    const trials = planOf(hyperbandRound(budgetLadder('bohb', {})), 30);
    const waits = trials
      .slice(0, -20)
      .filter(({ below }, at) => below.length > 0 && below.at(-1)! > trials.indexOf(trials[at]!) - 9);
    expect(waits).toEqual([]);
  });
});

describe('the part of the data that a budget is', () => {
  it('is as long as it should be, inside, and spread over all of it', () => {
    fc.assert(
      fc.property(
        fc.record({
          from: fc.integer({ min: 0, max: 1000 }),
          bars: fc.integer({ min: 1, max: 3000 }),
          budget: fc.double({ min: 0.001, max: 1, noNaN: true }),
          count: fc.integer({ min: 1, max: 12 }),
          part: fc.constantFrom('windows' as const, 'start' as const),
        }),
        ({ from, bars, budget, count, part }) => {
          const run = { from, to: from + bars };
          const parts = rowsOf(run, budget, part === 'start' ? { part } : { part, count });
          let last = from;
          for (const { from: first, to } of parts) {
            expectWithin(first, last, to - 1);
            last = to;
          }
          expect(last).toBeLessThanOrEqual(run.to);
          const length = parts.reduce((sum, { from: first, to }) => sum + to - first, 0);
          if (part === 'start') expect(parts).toEqual([{ from, to: from + length }]);
          if (parts.length > 1) {
            const own = parts[0]!.to - parts[0]!.from;
            for (const [window, { from: first, to }] of parts.entries()) {
              expectSame(to - first, own);
              // In its own part of the run.
              const end = from + Math.round(((window + 1) * bars) / parts.length);
              expectWithin(first, from + Math.round((window * bars) / parts.length), end);
              expectWithin(to, first, end);
            }
          }
          if (length < bars)
            expect(Math.abs(length - budget * bars)).toBeLessThanOrEqual(parts.length / 2 + 0.5 + parts.length);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is written here for 100 bars', () => {
    const run = { from: 10, to: 110 };
    expect(rowsOf(run, 0.2, { part: 'start' })).toEqual([{ from: 10, to: 30 }]);
    expect(rowsOf(run, 0.2, { part: 'windows', count: 2 })).toEqual([
      { from: 30, to: 40 },
      { from: 80, to: 90 },
    ]);
    expect(rowsOf(run, 1, { part: 'windows', count: 2 })).toEqual([run]);
  });
});

describe('kernel densities', () => {
  const { axes } = new UnitCube(new ParameterSpace<ParameterMap>({ x: float(0, 1), word: choice('a', 'b', 'c') }));
  const density = new KernelDensity(axes, [Float64Array.of(0.4, 0.5 / 3), Float64Array.of(0.6, 1.5 / 3)]);

  it('are products of normal kernels and of those for categories', () => {
    // Two points: 1.06 s n ** (-1 / 6), s = 0.1 along x and half a category along the words.
    const rate = 1.06 * 2 ** (-1 / 6);
    const width = rate * 0.1;
    const leak = Math.min(rate * 0.5, 2 / 3);
    const normal = (d: number): number => Math.exp(-((d / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI));
    const expected = (normal(0.1) * (1 - leak) + normal(-0.1) * (leak / 2)) / 2;
    expect(density.density(Float64Array.of(0.5, 0.5 / 3))).toBeCloseTo(expected, 9);
  });

  it('are the same sums where points share coordinates, whatever was asked before (property)', () => {
    const coordinate = fc.oneof(
      fc.integer({ min: 0, max: 4 }).map((step) => (step + 0.5) / 5),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
    );
    const pair = fc.tuple(
      coordinate,
      fc.integer({ min: 0, max: 2 }).map((kind) => (kind + 0.5) / 3),
    );
    fc.assert(
      fc.property(
        fc.array(pair, { minLength: 1, maxLength: 30 }),
        fc.array(pair, { minLength: 1, maxLength: 6 }),
        (points, asked) => {
          const n = points.length;
          const rate = 1.06 * n ** (-1 / 6);
          const spread = (axis: 0 | 1): number => {
            const mean = points.reduce((sum, point) => sum + point[axis], 0) / n;
            return Math.sqrt(points.reduce((sum, point) => sum + (point[axis] - mean) ** 2, 0) / n);
          };
          const width = Math.max(0.001, rate * spread(0));
          const leak = Math.min(Math.max(0.001, rate * 3 * spread(1)), 2 / 3);
          const found = new KernelDensity(
            axes,
            points.map((point) => Float64Array.from(point)),
          );
          for (const [x, mode] of [...asked, ...asked]) {
            const expected = points.reduce((sum, [at, word]) => {
              const normal = Math.exp(-(((x - at) / width) ** 2) / 2) / (width * Math.sqrt(2 * Math.PI));
              return sum + (normal * (word === mode ? 1 - leak : leak / 2)) / n;
            }, 0);
            const density = found.density(Float64Array.of(x, mode));
            expect(Math.abs(density - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1e-9, expected));
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are drawn from inside the cube', () => {
    const random = SeededRandom.derive(3);
    const out = new Float64Array(2);
    for (let draw = 0; draw < 2000; draw++) {
      density.sample(random, 3, out);
      for (const value of out) expect(value >= 0 && value < 1).toBe(true);
    }
  });

  it('say nothing on an axis that does not count', () => {
    const space = new ParameterSpace<ParameterMap>({ stop: variant({ none: {}, by: { size: float(1, 2) } }) });
    const cube = new UnitCube(space);
    const [none, by] = [new Float64Array(2), new Float64Array(2)];
    cube.encode({ stop: 'none' }, none);
    cube.encode({ stop: 'by', size: 1.5 }, by);
    const found = new KernelDensity(cube.axes, [none, by]);
    expect(found.density(none)).toBeGreaterThan(0);
    expect(Number.isFinite(found.density(by))).toBe(true);
    const out = new Float64Array(2);
    for (let draw = 0; draw < 100; draw++) found.sample(SeededRandom.derive(draw), 3, out);
    expect(out.every((value) => value >= 0 && value < 1)).toBe(true);
  });
});

const space = new ParameterSpace<ParameterMap>({ x: int(0, 999), y: float(0, 1) });

/** Runs a study by hand, of which a value is the budget's part of the truth; returns its trials. */
async function run(
  search: Search,
  { trials = 60, lag = 8, seed = 1 } = {},
): Promise<{ trials: Trial<ParameterMap>[]; study: Study }> {
  const study = await openStudyOn({ space, search, seed, lag, trials });
  const made: Trial<ParameterMap>[] = [];
  const open: Trial<ParameterMap>[] = [];
  for (;;) {
    const trial = study.next();
    if (trial === undefined) break;
    if (trial !== 'wait') {
      made.push(trial as never);
      open.push(trial as never);
      if (open.length < lag) continue;
    }
    const { number, params, budget } = open.shift()!;
    const { x, y } = params as { x: number; y: number };
    study.tell(number, x + y * budget);
  }
  for (const { number, params } of open) study.tell(number, (params as { x: number }).x);
  return { trials: made, study: study as never };
}

describe.each([
  ['halving', halving()],
  ['hyperband', hyperband()],
  ['bohb', bohb()],
  ['asha', asha()],
] as const)('%s', (_name, search) => {
  it('lets the best of a rung go on, the others never', async () => {
    const { trials } = await run(search, { trials: 73 });
    const budgets = [1 / 9, 1 / 3, 1];
    expect(new Set(trials.map(({ budget }) => budget))).toEqual(new Set(budgets));
    const keyOf = ({ params }: Trial<ParameterMap>): string => space.keyOf(space.toFlat(params));
    for (const trial of trials) {
      const rung = budgets.indexOf(trial.budget);
      const before = trials.filter(({ number }) => number < trial.number);
      const below = before.filter((each) => budgets.indexOf(each.budget) === rung - 1 && keyOf(each) === keyOf(trial));
      if (below.length === 0) continue;
      // Better than most of what had ended on the rung below.
      const rivals = before.filter((each) => budgets.indexOf(each.budget) === rung - 1);
      const x = (trial.params as { x: number }).x;
      const worse = rivals.filter((each) => (each.params as { x: number }).x <= x).length;
      expect(worse / rivals.length).toBeGreaterThan(0.3);
    }
    expect(trials.filter(({ budget }) => budget === 1).length).toBeGreaterThan(3);
  });

  it('has values of the study only over all of the data', async () => {
    const { study, trials } = await run(search);
    const whole = trials.filter(({ budget }) => budget === 1);
    expect(study.counts).toMatchObject({ complete: whole.length, pruned: trials.length - whole.length });
    expect(study.best!.budget).toBe(1);
    for await (const trial of study.trials()) {
      if (trial.budget === 1) expect(trial.state).toBe('complete');
      else
        expect(trial).toMatchObject({
          state: 'pruned',
          value: expect.any(Number),
          reason: expect.stringMatching(/a run over (11\.1|33\.3) % of the data/),
        });
    }
  });

  it('is the same in whatever order results arrive, and after a resume', async () => {
    const points = async (lag: number, seed: number) =>
      (await run(search, { lag, seed })).trials.map(({ params, budget }) => [
        space.keyOf(space.toFlat(params)),
        budget,
      ]);
    expect(await points(8, 4)).toEqual(await points(8, 4));
    expect(await points(8, 5)).not.toEqual(await points(8, 4));
  });

  it('ends where a finite space is used up, having run no point twice on a budget', async () => {
    const small = new ParameterSpace<ParameterMap>({ x: int(0, 11) });
    await using study = await openStudyOn({ space: small, search, lag: 1 });
    const seen = new Set<string>();
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      const key = `${(trial.params as { x: number }).x} ${trial.budget}`;
      expect(seen.has(key)).toBe(false);
      seen.add(key);
      study.tell(trial, (trial.params as { x: number }).x);
    }
    expect(new Set([...seen].map((key) => key.split(' ')[0])).size).toBe(12);
    expect(study.best!.values[0]).toBeGreaterThan(8);
  });

  it('runs enqueued points over all of the data, first', async () => {
    await using study = await openStudyOn({ space, search, lag: 1, trials: 20, enqueue: [{ x: 7, y: 0.5 }] as never });
    const budgets: number[] = [];
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      budgets.push(trial.budget);
      study.tell(trial, (trial.params as { x: number }).x);
    }
    expect(budgets[0]).toBe(1);
    expect(budgets[1]).toBe(1 / 9);
    expect(budgets).toContain(1 / 3);
  });
});

/** Runs a study over whole numbers from 1 to its end, so many trials at a time, told in a random order; returns what was run. */
async function finished(
  study: Study,
  { atOnce = 1, order = 1, stopAt = Number.POSITIVE_INFINITY, truth = (x: number, _budget: number) => x } = {},
): Promise<string[]> {
  const random = SeededRandom.derive(order);
  const ran: string[] = [];
  const open: Trial<ParameterMap>[] = [];
  while (ran.length < stopAt) {
    const trial = open.length < atOnce ? study.next() : 'wait';
    if (trial !== 'wait' && trial !== undefined) {
      open.push(trial as never);
      ran.push(`${trial.number}: ${JSON.stringify(trial.params)} on ${trial.budget}`);
      continue;
    }
    if (open.length === 0) break;
    const [{ number, params, budget }] = open.splice(random.int(0, open.length - 1), 1) as [Trial<ParameterMap>];
    study.tell(number, truth((params as { x: number }).x, budget));
  }
  return ran;
}

describe('a finite space', () => {
  const folder = makeFolder();
  afterAll(() => folder.remove());
  const searches = { asha, halving, hyperband, bohb };
  const upTo = (points: number) => new ParameterSpace<ParameterMap>({ x: int(1, points) });
  const directions = ['minimize'] as const;
  const terms = fc.record({
    points: fc.integer({ min: 1, max: 24 }),
    eta: fc.integer({ min: 2, max: 4 }),
    lag: fc.integer({ min: 1, max: 12 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  });

  it.each(['asha', 'halving', 'hyperband', 'bohb'] as const)(
    'has its best point carried to all of the data by %s, whatever the lag (property)',
    async (name) => {
      const carried = fc.asyncProperty(terms, async ({ points, eta, lag, seed }) => {
        const search = searches[name]({ eta });
        await using study = await openStudyOn({ space: upTo(points), search, seed, lag, directions });
        await finished(study as never);
        expectSame(study.best?.params.x as number | undefined, 1);
      });
      await fc.assert(carried, { numRuns: name === 'asha' ? 1000 : 100 });
    },
    120_000,
  );

  it('is searched by asha the same in whatever order results arrive (property)', async () => {
    const pace = fc.record({ atOnce: fc.integer({ min: 1, max: 24 }), order: fc.integer({ min: 1, max: 1000 }) });
    const same = fc.asyncProperty(terms, pace, async ({ points, eta, lag, seed }, { atOnce, order }) => {
      const truth = (x: number, budget: number): number => (x * 7919 + Math.round(budget * 1000) * 31) % 97;
      const open = () => openStudyOn({ space: upTo(points), search: asha({ eta }), seed, lag, directions });
      await using one = await open();
      await using other = await open();
      const alone = await finished(one as never, { truth });
      expectSame((await finished(other as never, { truth, atOnce, order })).join(), alone.join());
    });
    await fc.assert(same, { numRuns: 1000 });
  }, 120_000);

  it.each([
    { points: 1, rungs: [1, 1, 1] },
    { points: 4, rungs: [4, 2, 1] },
    { points: 9, rungs: [9, 3, 1] },
    { points: 20, rungs: [20, 7, 3] },
  ])('of $points has one of three go on from each rung, or of fewer that are left over', async ({ points, rungs }) => {
    await using study = await openStudyOn({ space: upTo(points), search: asha(), directions, lag: 50 });
    const ran = await finished(study as never);
    const counts = [1 / 9, 1 / 3, 1].map((budget) => ran.filter((text) => text.endsWith(` on ${budget}`)).length);
    expect(counts).toEqual(rungs);
    expect(study.counts).toMatchObject({ complete: rungs[2], failed: 0, duplicate: 0 });
  });

  it('has the same study for any number of workers', async () => {
    const space = new ParameterSpace<ParameterMap>({ x: int(0, 11), y: int(-2, 2) });
    const search = asha();
    const study = (path: string) =>
      openStudyOn({ space, search, path: join(folder.path, path), name: 'same', seed: 3 });
    const journal = (path: string): unknown => canonicalJournal(join(folder.path, path));
    for (const workers of [1, 2, 4, 8]) {
      await using executor = openExecutor({ workers });
      await using opened = await study(`${workers}.log`);
      const job = { key: `${workers}`, module: MODULE, setup: { uneven: workers === 1 ? 0 : 0.5 } };
      await runSearch({ study: opened, executor, job, timeoutMs: 60_000 });
      expect(opened.counts.total).toBeGreaterThan(80);
      expect(journal(`${workers}.log`)).toEqual(journal('1.log'));
    }
  });

  it('ends the same after a resume at any of its trials', async () => {
    const open = (path: string) =>
      openStudyOn({ space: upTo(20), search: asha(), directions, path: join(folder.path, path), name: 'same', lag: 8 });
    const journal = (path: string): unknown => canonicalJournal(join(folder.path, path));
    {
      await using whole = await open('whole.log');
      await finished(whole as never);
    }
    for (let stopAt = 1; stopAt < 32; stopAt++) {
      for (const atOnce of [5, 12]) {
        const path = `${stopAt}-${atOnce}.log`;
        {
          await using begun = await open(path);
          await finished(begun as never, { atOnce, order: stopAt, stopAt });
        }
        await using resumed = await open(path);
        await finished(resumed as never, { atOnce, order: -stopAt });
        await resumed.close();
        expect(journal(path)).toEqual(journal('whole.log'));
      }
    }
  });

  it('tells a caller by hand which results its last trials wait for', async () => {
    await using study = await openStudyOn({ space: upTo(9), search: asha(), directions, lag: 8 });
    for (let number = 0; number < 9; number++) {
      study.ask();
      if (number < 5) study.tell(number, number);
    }
    // Trials 0 to 2 have one go on; whether another does is not known before trial 5.
    expect(study.ask()).toMatchObject({ number: 9, budget: 1 / 3 });
    expect(() => study.ask()).toThrow(
      'Every point is under way or done, and what goes on from here depends on results: trial 5 has not been told. Tell it.',
    );
  });
});

describeShared('the published runs of HpBandSter', 'reference/optimisers', () => {
  const branin = (x: number, y: number): number =>
    (y - (5.1 * x * x) / (4 * Math.PI ** 2) + (5 * x) / Math.PI - 6) ** 2 +
    10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
    10;
  const published = () =>
    referenceJson<{ results: Record<string, { runs: Record<string, number>[] }> }>(
      'reference/optimisers/bohb_mf_branin.json',
    ).results;
  const SEEDS = 30;

  /** Best values at full budget when so many whole runs were spent. */
  async function courses(search: Search, spent: number): Promise<number[]> {
    const plane = new ParameterSpace<ParameterMap>({ x: float(-5, 10), y: float(0, 15) });
    const found: number[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      await using study = await openStudyOn({ space: plane, search, seed, directions: ['minimize'], lag: 1 });
      for (let cost = 0; cost < spent; ) {
        const { number, params, budget } = study.ask()!;
        const { x, y } = params as { x: number; y: number };
        const away = 1.5 * (1 - budget);
        study.record(number, { state: 'complete', values: [branin(x + away, y - away) + 10 * (1 - budget)] });
        cost += budget;
      }
      found.push(study.best!.values[0]);
    }
    return found.sort((a, b) => a - b);
  }

  it.each([
    ['hyperband', hyperband({ minBudget: 1 / 27 }), 'hyperband_random'],
    ['bohb', bohb({ minBudget: 1 / 27 }), 'bohb'],
  ] as const)('%s finds what theirs finds on Branin at several budgets', async (_name, search, theirs) => {
    for (const spent of [20, 50]) {
      const rival = published()
        [theirs]!.runs.map((each) => each[spent]!)
        .sort((a, b) => a - b);
      const own = await courses(search, spent);
      // The median within their quartiles, or better.
      expect(own[Math.floor(SEEDS / 2)]!).toBeLessThanOrEqual(rival[Math.floor(0.75 * rival.length)]!);
    }
  });
});
