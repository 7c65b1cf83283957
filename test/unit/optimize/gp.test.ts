import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { branin, mixedConditional, searchCourse } from '../../../bench/support/reference-problems.js';
import { SeededRandom } from '../../../src/core/random.js';
import { choice, float, int, variant } from '../../../src/engine/parameters.js';
import { GaussianProcess } from '../../../src/optimize/models/gaussian-process.js';
import { openStudyOn } from '../../../src/optimize/open-study.js';
import { gpSampler } from '../../../src/optimize/samplers/gp.js';
import { GpFeatures } from '../../../src/optimize/samplers/gp-features.js';
import { GpHyperparameters, type Observe, representative } from '../../../src/optimize/samplers/gp-hyperparameters.js';
import { GpModel, type Rows } from '../../../src/optimize/samplers/gp-model.js';
import { GpSurrogate, type Rating } from '../../../src/optimize/samplers/gp-surrogate.js';
import type { SeenTrial } from '../../../src/optimize/samplers/sampler.js';
import { UnitCube } from '../../../src/optimize/samplers/unit-cube.js';
import { ParameterSpace } from '../../../src/optimize/space.js';

describe('features of a Gaussian process', () => {
  it('are shared by the kinds of a variant where the parameter is the same', () => {
    const crosses = { fast: int(2, 50), slow: int(20, 200, { step: 5 }) };
    const cube = new UnitCube(
      new ParameterSpace({
        rule: variant({ sma: crosses, ema: crosses, rsi: { fast: int(3, 9), low: int(5, 5) } }),
        stop: float(0, 1),
      }),
    );
    const features = new GpFeatures(cube);
    // rule, fast and slow of both crosses, fast of the other, stop; the one of one value is none.
    expect(features.categorical).toEqual([true, false, false, false, false]);
    const coordinates = new Float64Array(cube.size);
    const written = (flat: Parameters<UnitCube['encode']>[0]): number[] => {
      expect(cube.encode(flat, coordinates)).toBe(true);
      const out = new Float64Array(7).fill(9);
      features.write(coordinates, 0, out, 1);
      return [...out];
    };
    const cross = { 'rule.fast': 2, 'rule.slow': 200, stop: 0.25 };
    expect(written({ rule: 'sma', ...cross })).toEqual([9, 0, 0, 1, 0.5, 0.25, 9]);
    expect(written({ rule: 'ema', ...cross })).toEqual([9, 1, 0, 1, 0.5, 0.25, 9]);
    expect(features.movable(coordinates, 0)).toEqual([false, true, true, false, true]);
    features.move(coordinates, 0, Float64Array.of(0, 1, 0.5, 0.9, 2));
    expect(cube.decode(coordinates)).toEqual({ rule: 'ema', 'rule.fast': 50, 'rule.slow': 110, stop: 1 });
    expect(written({ rule: 'rsi', 'rule.fast': 6, 'rule.low': 5, stop: 0 })).toEqual([9, 2, 0.5, 0.5, 0.5, 0, 9]);
  });

  it('of numbers above 0 in steps are nearer to each other the larger they are, in relative spacing (property)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 2, max: 12 }),
        (low, step, count) => {
          const high = low + step * (count - 1);
          const cube = new UnitCube(new ParameterSpace({ days: int(low, high, { step }), other: float(1, 100) }));
          const relative = new GpFeatures(cube, 'relative');
          const coordinates = new Float64Array(2);
          const at = (days: number): number => {
            cube.encode({ days, other: 10.9 }, coordinates);
            const out = new Float64Array(2);
            relative.write(coordinates, 0, out, 0);
            expect(out[1]).toBeCloseTo(0.1, 12);
            // The features lead back to where they came from.
            coordinates[0] = 0.5;
            relative.move(coordinates, 0, out);
            expect(cube.decode(coordinates)).toMatchObject({ days });
            return out[0]!;
          };
          const places = Array.from({ length: count }, (_, index) => at(low + step * index));
          const gaps = places.slice(1).map((place, index) => place - places[index]!);
          expect([places[0], places.at(-1)]).toEqual([expect.closeTo(0, 12), expect.closeTo(1, 12)]);
          expect(relative.isStretched).toBe(high / low >= 3);
          for (let index = 1; index < gaps.length; index++) {
            if (high / low >= 3) expect(gaps[index]!).toBeLessThan(gaps[index - 1]!);
            else expect(gaps[index]!).toBeCloseTo(gaps[index - 1]!, 12);
          }
        },
      ),
      { numRuns: 1_000 },
    );
    const cube = new UnitCube(new ParameterSpace({ a: int(0, 9), b: float(1, 100), c: int(1, 100, { log: true }) }));
    expect(new GpFeatures(cube, 'relative').isStretched).toBe(false);
    expect(new GpFeatures(cube).isStretched).toBe(false);
  });
});

const HYPERPARAMETERS = Float64Array.of(-0.8, 0.3, -3);

const endedTrial = (number: number): SeenTrial => ({ number, params: {}, ending: { state: 'failed', reason: '' } });

/** A process that has learned the values, with what is pending on top. */
const learnedProcess = (
  hyperparameters: Float64Array,
  features: Float64Array,
  values: Float64Array,
  pending?: Rows,
  categorical: readonly boolean[] = [false, true],
): GaussianProcess => {
  const process = new GaussianProcess(categorical, hyperparameters);
  for (let row = 0; row < values.length; row++) process.add(features, row * categorical.length);
  process.learn(values);
  for (let row = 0; row < (pending?.count ?? 0); row++) process.add(pending!.features, row * categorical.length);
  return process;
};

/** Makes rows of two features, a number and a choice of two. */
const rowsBy =
  (random: SeededRandom) =>
  (many: number): Rows => ({
    count: many,
    features: Float64Array.from({ length: many * 2 }, (_, at) => (at % 2 === 0 ? random.next() : random.int(0, 1))),
  });

const evidenceOf = (seed: number, count: number, without: number, waiting: number) => {
  const random = SeededRandom.derive(seed);
  const rows = rowsBy(random);
  const values = Float64Array.from({ length: count }, () => random.normal());
  const { features } = rows(count);
  const judged = rows(count + without).features;
  judged.set(features);
  const labels = Float64Array.from({ length: count + without }, (_, row) => (row < count ? 1 : 0));
  const process = learnedProcess(HYPERPARAMETERS, features, values, rows(waiting));
  const validity = without === 0 ? undefined : learnedProcess(Float64Array.of(-0.5, 0, -4), judged, labels);
  return { evidence: { process, best: Math.max(...values), validity }, rows };
};

const ratings = fc.constantFrom<Rating>('improvement', 'detail', 'bound');

describe('the surrogate', () => {
  it('finds what scoring every point finds (property)', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 3, max: 9 }),
        fc.nat(3),
        fc.nat(2),
        ratings,
        (seed, count, without, waiting, rating) => {
          const { evidence, rows } = evidenceOf(seed, count, without, waiting);
          const surrogate = new GpSurrogate(evidence, rating);
          const candidates = rows(25);
          const skip = Uint8Array.from({ length: 25 }, (_, row) => (row % 4 === 1 ? 1 : 0));
          const all = Array.from({ length: 25 }, (_, index) => ({
            index,
            score: surrogate.score(candidates.features, index * 2),
          }))
            .filter(({ index }) => skip[index] === 0)
            .sort((a, b) => b.score - a.score);
          const found = surrogate.best(candidates, 4, skip);
          expect(found.map(({ score }) => score)).toEqual(all.slice(0, 4).map(({ score }) => score));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds on a grid what scoring every point finds, whatever it followed before (property)', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 3, max: 9 }),
        fc.nat(3),
        fc.nat(2),
        ratings,
        (seed, count, without, waiting, rating) => {
          const random = SeededRandom.derive(seed, 'grid');
          const rows = rowsBy(random);
          const grid = rows(25);
          const judged = rows(count + without).features;
          const labels = Float64Array.from({ length: count + without }, (_, row) => (row % 3 < without ? 0 : 1));
          const values = labels.map(() => random.normal());
          const trials = Array.from(values.keys(), endedTrial);
          const learned = { view: 0, hyperparameters: HYPERPARAMETERS, length: 3 };
          const shown = (length: number, of: Float64Array) => ({
            ...{ trials: trials.slice(0, length), categorical: [false, true], count: length },
            ...{ features: judged.subarray(0, length * 2), values: of.subarray(0, length) },
          });
          const pending = rows(waiting);
          const [model, validity, fresh, freshValidity] = [1, 2, 3, 4].map(() => new GpModel(grid));
          for (const length of [2, count + without, 3]) {
            model!.follow(learned, shown(length, values), rows(1));
            validity!.follow(learned, shown(length, labels));
            expect(model!.columns!.count + validity!.columns!.count).toBe(50);
          }
          const all = shown(count + without, values);
          const found = [
            [model!, validity!],
            [fresh!, freshValidity!],
          ].map(([one, other]) => {
            const process = one!.follow(learned, all, pending);
            const valid = other!.follow(learned, shown(count + without, labels));
            const evidence = { process, best: Math.max(...values), validity: labels.includes(0) ? valid : undefined };
            const surrogate = new GpSurrogate(evidence, rating);
            const skip = Uint8Array.from({ length: 25 }, (_, row) => (row % 4 === 1 ? 1 : 0));
            const scores = Array.from({ length: 25 }, (_, row) =>
              skip[row] === 1 ? Number.NEGATIVE_INFINITY : surrogate.score(grid.features, row * 2),
            );
            const best = surrogate.bestOf(one!.columns!, other!.columns, skip)!;
            expect(best.score).toBeCloseTo(Math.max(...scores), 8);
            expect(scores[best.index]).toBeCloseTo(best.score, 8);
            return best;
          });
          // To the last bit what is known from the same trials alone.
          expect(found[0]).toEqual(found[1]);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('descends by its gradient (property)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 3, max: 9 }), fc.nat(2), ratings, (seed, count, waiting, rating) => {
        const { evidence } = evidenceOf(seed, count, 0, waiting);
        const surrogate = new GpSurrogate(evidence, rating);
        const at = Float64Array.of(SeededRandom.derive(seed, 'at').next(), 1);
        const gradient = new Float64Array(2);
        const scratch = new Float64Array(2);
        const value = surrogate.descent(at, gradient);
        expect(value).toBeCloseTo(-surrogate.score(at), 9);
        const up = surrogate.descent(Float64Array.of(at[0]! + 1e-6, 1), scratch);
        const down = surrogate.descent(Float64Array.of(at[0]! - 1e-6, 1), scratch);
        const slope = (up - down) / 2e-6;
        expect(Math.abs(slope - gradient[0]!)).toBeLessThan(1e-4 * (1 + Math.abs(slope)));
        expect(Math.abs(gradient[1]!)).toBe(0);
      }),
      { numRuns: 1000 },
    );
  });

  it.each(['improvement', 'bound'] as const)(
    'keeps away from what is pending, and from where there was no value: %s',
    (rating) => {
      const places = [0, 0.5, 1];
      const none: Rows = { count: 0, features: new Float64Array(0) };
      const one = (x: number): Rows => ({ count: 1, features: Float64Array.of(x) });
      const scoreAt = (pending: Rows, withoutValue: Rows): number => {
        const learn = (noise: number, features: readonly number[], values: Float64Array, waiting?: Rows) =>
          learnedProcess(Float64Array.of(-1.5, noise), Float64Array.from(features), values, waiting, [false]);
        const labels = Float64Array.of(1, 1, 1, ...Array(withoutValue.count).fill(0));
        const validity =
          withoutValue.count === 0 ? undefined : learn(-4, [...places, ...withoutValue.features], labels);
        const process = learn(-8, places, Float64Array.of(-1, 1, 0), pending);
        return new GpSurrogate({ process, best: 1, validity }, rating).score(Float64Array.of(0.62));
      };
      expect(scoreAt(one(0.62), none)).toBeLessThan(scoreAt(none, none) - 1);
      expect(scoreAt(none, one(0.62))).toBeLessThan(scoreAt(none, none) - 1);
      expect(scoreAt(none, one(0.2))).toBeGreaterThan(scoreAt(none, one(0.62)));
    },
  );
});

describe('hyperparameters', () => {
  const history = Array.from({ length: 40 }, (_, number): SeenTrial => {
    const x = ((number * 13) % 40) / 39;
    return { number, params: { x }, ending: { state: 'complete', values: [Math.sin(6 * x)] } };
  });
  const seenAs =
    (warp: (x: number) => number): Observe =>
    (seen) => ({
      features: Float64Array.from(seen, ({ params }) => warp(params.x as number)),
      categorical: [false],
      values: Float64Array.from(seen, ({ ending }) => (ending.state === 'complete' ? ending.values[0] : 0)),
    });
  const make = (): GpHyperparameters => new GpHyperparameters([seenAs((x) => x), seenAs(Math.sqrt)], 4);

  it('depend on the history alone', () => {
    const once = make();
    const forwards = Array.from({ length: 37 }, (_, at) => once.of(history.slice(0, at + 4)));
    for (const length of [40, 4, 23]) expect(make().of(history.slice(0, length))).toEqual(forwards[length - 4]);
    for (const length of [9, 40, 30]) expect(once.of(history.slice(0, length))).toEqual(forwards[length - 4]);
    // Another history of the same length is another question.
    const other = history.map((trial) => ({ ...trial, params: { x: (trial.params.x as number) ** 2 } }));
    expect(once.of(other)).toEqual(make().of(other));
    expect(once.of(other)).not.toEqual(forwards[36]);
  });

  it('are those of the view that makes the history likeliest, which stays once a fit is on a choice of it', () => {
    const wave = (x: number): number => Math.sin(40 * x);
    const trials = Array.from({ length: 130 }, (_, number): SeenTrial => {
      const x = ((number * 77) % 130) / 129;
      return { number, params: { x }, ending: { state: 'complete', values: [wave(x ** 4)] } };
    });
    const warped = seenAs((x) => x ** 4);
    const even = seenAs((x) => x);
    // The first view is believed less beforehand, and must be likelier all the same.
    const learned = new GpHyperparameters([warped, even], 110);
    expect([110, 119, 130].map((length) => learned.of(trials.slice(0, length)).view)).toEqual([0, 0, 0]);
    expect(new GpHyperparameters([even, warped], 60).of(trials.slice(0, 60)).view).toBe(1);
  });

  it('look at the best, and evenly at the rest, where there are too many', () => {
    const values = Float64Array.from({ length: 100 }, (_, at) => (at * 37) % 100);
    const rows = representative(values, 20, 5);
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows).toHaveLength(20);
    for (const value of [95, 96, 97, 98, 99]) expect(rows).toContain(values.indexOf(value));
  });
});

describe('a gp search', () => {
  it('finds the optimum of a smooth function in fifty trials, of a conditional one nearly', async () => {
    for (const seed of [1, 2, 3]) {
      const smooth = await searchCourse(branin, 'gp', { trials: 50, seed });
      expect(smooth.best[49]! - branin.optimum).toBeLessThan(0.02);
      expect(smooth.evaluations).toBe(50);
    }
    const mixed = await searchCourse(mixedConditional, 'gp', { trials: 60, seed: 1, lag: 4 });
    expect(mixed.best[59]).toBeLessThan(0.1);
  });

  it('learns where there is no value', async () => {
    // Beyond the line a strategy never trades: two thirds of the space, and uphill. On this side values have fine detail.
    const space = new ParameterSpace({ x: int(0, 29), y: int(0, 29) });
    const valueAt = (x: number, y: number): number => x + 0.6 * y + 0.7 * ((x * 7 + y * 13) % 5);
    await using study = await openStudyOn({ space, search: 'gp', seed: 4, lag: 1, trials: 60 });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      const { x, y } = trial.params;
      study.tell(trial, x + y > 24 ? { state: 'pruned' } : valueAt(x, y));
    }
    const all = [...space.points()].filter(({ x, y }) => x + y <= 24).map(({ x, y }) => valueAt(x, y));
    expect(study.best!.values[0]).toBeGreaterThan(0.93 * Math.max(...all));
    // Random search would find 39 trials without a value.
    expect(study.counts.pruned).toBeLessThan(39);
  });

  it('goes on over plateaus, ties and infinite values', async () => {
    const space = new ParameterSpace({ x: int(0, 9), y: int(0, 9), z: choice('a', 'b') });
    await using study = await openStudyOn({ space, search: 'gp', seed: 4, lag: 1, trials: 50 });
    const points = new Set<string>();
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      const { x, y, z } = trial.params;
      points.add(JSON.stringify(trial.params));
      const plateau = x > 6 && y > 6 && z === 'b' ? 1 : 0;
      study.tell(trial, x === 3 ? Number.NEGATIVE_INFINITY : y === 3 ? Number.POSITIVE_INFINITY : plateau);
    }
    expect(points.size).toBe(50);
  });

  it('leaves out what the model does not hold', () => {
    const space = new ParameterSpace({ x: float(0, 1), y: float(0, 1) });
    const random = SeededRandom.derive(1);
    const history = Array.from({ length: 410 }, (_, number): SeenTrial => {
      const params = { x: random.next(), y: random.next() };
      return {
        number,
        params,
        ending: { state: 'complete', values: [-((params.x - 0.7) ** 2) - (params.y - 0.2) ** 2] },
      };
    });
    const { x, y } = gpSampler(space, 1, ['maximize']).suggest({ number: 410, ordinal: 410, history, pending: [] })!;
    expect(Math.abs((x as number) - 0.7) + Math.abs((y as number) - 0.2)).toBeLessThan(0.02);
  });

  it('minimises what is to be minimised', async () => {
    const space = new ParameterSpace({ x: int(0, 99), y: int(0, 99) });
    for (const [direction, best] of [
      ['minimize', 0],
      ['maximize', 9801 * 2],
    ] as const) {
      await using study = await openStudyOn({ space, search: 'gp', directions: [direction], lag: 1, trials: 30 });
      for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
        study.tell(trial, trial.params.x ** 2 + trial.params.y ** 2);
      }
      expect(study.best!.values[0]).toBe(best);
    }
  });

  it('has one objective', () => {
    expect(() => gpSampler(new ParameterSpace({ x: int(0, 9) }), 1, ['maximize', 'minimize'])).toThrowError(
      'A gp search has one objective, but the study has 2.',
    );
  });
});
