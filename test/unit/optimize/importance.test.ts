import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { choice, float, int, type ParameterMap, variant } from '../../../src/engine/parameters.js';
import { type Importance, type ImportanceOptions, importanceOf } from '../../../src/optimize/importance.js';
import { functionalAnova, type VarianceParts } from '../../../src/optimize/models/functional-anova.js';
import { RegressionForest, RegressionTree, type Sample } from '../../../src/optimize/models/regression-forest.js';
import { openStudy, openStudyOn } from '../../../src/optimize/open-study.js';
import { ParameterSpace } from '../../../src/optimize/space.js';

/** Every point of a grid with so many cells an axis, at their middles, with a value. */
function gridSample(counts: readonly number[], valueAt: (cells: readonly number[]) => number): Sample {
  const cells = counts.reduce<number[][]>(
    (before, count) => before.flatMap((point) => Array.from({ length: count }, (_, cell) => [...point, cell])),
    [[]],
  );
  return {
    width: counts.length,
    coordinates: Float64Array.from(cells.flatMap((point) => point.map((cell, axis) => (cell + 0.5) / counts[axis]!))),
    values: Float64Array.from(cells, valueAt),
  };
}

const whole = ({ values }: Sample): Uint8Array => new Uint8Array(values.length).fill(1);

/** The analysis of variance by its definition: means over all points that share one or two coordinates. */
function anovaByTable({ coordinates, width, values }: Sample): VarianceParts {
  const mean = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0) / of.length;
  const all = Array.from(values);
  const center = mean(all);
  const variance = mean(all.map((value) => (value - center) ** 2));
  const known = (axes: readonly number[]): number => {
    const groups = new Map<string, number[]>();
    for (const row of values.keys()) {
      const key = axes.map((axis) => coordinates[row * width + axis]).join();
      groups.set(key, [...(groups.get(key) ?? []), row]);
    }
    const means = new Map([...groups].map(([key, rows]) => [key, mean(rows.map((row) => values[row]!))]));
    return mean([...groups].flatMap(([key, rows]) => rows.map(() => (means.get(key)! - center) ** 2)));
  };
  const main = Float64Array.from({ length: width }, (_, axis) => known([axis]));
  const pairs = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = a + 1; b < width; b++) pairs[a * width + b] = known([a, b]) - main[a]! - main[b]!;
  }
  return { variance, main, pairs };
}

/** Ishigami and Homma (1990), whose variance is known in closed form (Sobol and Levitan 1999). */
const ishigami = ([x = 0, y = 0, z = 0]: readonly number[]): number =>
  Math.sin(x) + 7 * Math.sin(y) ** 2 + 0.1 * z ** 4 * Math.sin(x);
const parts = {
  x: 0.5 * (1 + (0.1 * Math.PI ** 4) / 5) ** 2,
  y: 49 / 8,
  xz: 0.01 * Math.PI ** 8 * (1 / 18 - 1 / 50),
};
const ishigamiVariance = parts.x + parts.y + parts.xz;

/** A study at random over a function. */
async function searched<P extends ParameterMap>(
  parameters: P,
  evaluate: (params: Record<string, number & { kind: string }>) => number,
  trials: number,
  options: ImportanceOptions = {},
): Promise<Importance> {
  await using study = await openStudy({ parameters, search: 'random', seed: 3, trials });
  for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
    study.tell(trial, evaluate(trial.params as never));
  }
  return study.importance(options);
}

const shareOf = ({ parameters }: Importance, name: string): number =>
  parameters.find((parameter) => parameter.name === name)!.share;

describe('RegressionTree', () => {
  it('says at every point of its sample what was measured there, and its leaves fill the cube', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 31 }), fc.integer({ min: 1, max: 40 }), (seed, rows) => {
        const random = SeededRandom.derive(seed, 'tree');
        const width = 3;
        const coordinates = Float64Array.from({ length: rows * width }, () => random.int(0, 1000) / 1000);
        const values = Float64Array.from({ length: rows }, (_, row) =>
          // The same point has the same value.
          Math.round(1e6 * ishigami(Array.from(coordinates.subarray(row * width, (row + 1) * width)))),
        );
        const sample = { coordinates, width, values };
        const tree = new RegressionTree(sample, whole(sample));
        for (let row = 0; row < rows; row++) expect(tree.predict(coordinates, row * width)).toBe(values[row]);
        const volume = tree
          .leaves()
          .reduce(
            (sum, { low, high }) => sum + low.reduce((product, from, axis) => product * (high[axis]! - from), 1),
            0,
          );
        expect(volume).toBeCloseTo(1, 9);
      }),
      { numRuns: 1000 },
    );
  });

  it('says the mean, by weight, of values at one point, and leaves out rows of no weight', () => {
    const sample = { coordinates: Float64Array.of(0.5, 0.5, 0.9), width: 1, values: Float64Array.of(1, 4, 100) };
    expect(new RegressionTree(sample, [2, 1, 0]).predict(Float64Array.of(0.9))).toBeCloseTo(2, 12);
  });
});

describe('functionalAnova', () => {
  it('equals the analysis of variance of the table that a tree was grown on', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 2 ** 31 }), (sizes, seed) => {
        const random = SeededRandom.derive(seed, 'table');
        const sample = gridSample(sizes, () => random.int(-3, 3));
        const found = functionalAnova(new RegressionTree(sample, whole(sample)).leaves(), sizes.length);
        const expected = anovaByTable(sample);
        expect(found.variance).toBeCloseTo(expected.variance, 9);
        for (const [at, part] of expected.main.entries()) expect(found.main[at]).toBeCloseTo(part, 9);
        for (const [at, part] of expected.pairs.entries()) expect(found.pairs[at]).toBeCloseTo(part, 9);
      }),
      { numRuns: 1000 },
    );
  });

  it("splits Ishigami's function as its closed form does", () => {
    const angle = (cell: number): number => -Math.PI + (2 * Math.PI * (cell + 0.5)) / 24;
    const sample = gridSample([24, 24, 24], (cells) => ishigami(cells.map(angle)));
    const { variance, main, pairs } = functionalAnova(new RegressionTree(sample, whole(sample)).leaves(), 3);
    expect(variance / ishigamiVariance).toBeCloseTo(1, 1);
    expect(main[0]! / variance).toBeCloseTo(parts.x / ishigamiVariance, 2);
    expect(main[1]! / variance).toBeCloseTo(parts.y / ishigamiVariance, 2);
    expect(main[2]! / variance).toBeCloseTo(0, 9);
    expect(pairs[0 * 3 + 2]! / variance).toBeCloseTo(parts.xz / ishigamiVariance, 2);
    expect(pairs[0 * 3 + 1]! / variance).toBeCloseTo(0, 9);
    expect(pairs[1 * 3 + 2]! / variance).toBeCloseTo(0, 9);
  });

  it('finds what two axes do only together', () => {
    const sample = gridSample([6, 6, 6], ([a = 0, b = 0]) => (a - 2.5) * (b - 2.5));
    const { variance, main, pairs } = functionalAnova(new RegressionTree(sample, whole(sample)).leaves(), 3);
    expect(Math.max(...main) / variance).toBeLessThan(1e-12);
    expect(pairs[1]! / variance).toBeCloseTo(1, 12);
  });
});

describe('RegressionForest', () => {
  it('is judged on rows that a tree did not draw: noise is not predicted', () => {
    const random = SeededRandom.derive(1, 'noise');
    const sample = {
      coordinates: Float64Array.from({ length: 400 }, () => random.next()),
      width: 2,
      values: Float64Array.from({ length: 200 }, () => random.normal()),
    };
    const forest = new RegressionForest(sample, 64, SeededRandom.derive(1, 'forest'));
    expect(forest.error()).toBeGreaterThan(0.8);
  });
});

describe('importance', () => {
  const cube = { x: float(-Math.PI, Math.PI), y: float(-Math.PI, Math.PI), z: float(-Math.PI, Math.PI) };

  it("comes near the closed form of Ishigami's function from 1,000 trials", async () => {
    const found = await searched(cube, ({ x, y, z }) => ishigami([x!, y!, z!]), 1000);
    expect(found.trials).toBe(1000);
    expect(found.predicted).toBeGreaterThan(0.85);
    expect(Math.abs(shareOf(found, 'x') - parts.x / ishigamiVariance)).toBeLessThan(0.06);
    // Trees that part y late lend some of its share to interactions.
    expect(Math.abs(shareOf(found, 'y') - parts.y / ishigamiVariance)).toBeLessThan(0.12);
    expect(shareOf(found, 'z')).toBeLessThan(0.03);
    expect(found.interactions[0]!.names).toEqual(['x', 'z']);
    expect(Math.abs(found.interactions[0]!.share - parts.xz / ishigamiVariance)).toBeLessThan(0.08);
    const total = [...found.parameters, ...found.interactions].reduce((sum, { share }) => sum + share, found.higher);
    expect(total).toBeCloseTo(1, 9);
  });

  it('of a linear function goes with the squares of its slopes, and with nothing together', async () => {
    const parameters = { a: int(0, 20), b: int(0, 20), c: int(0, 20), d: int(0, 20) };
    const found = await searched(parameters, ({ a, b, c }) => 4 * a! + 2 * b! + c!, 1500);
    expect(found.parameters.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd']);
    for (const [name, slope] of [
      ['a', 4],
      ['b', 2],
      ['c', 1],
    ] as const) {
      expect(Math.abs(shareOf(found, name) - slope ** 2 / 21)).toBeLessThan(0.03);
    }
    expect(found.interactions.every(({ share }) => share < 0.02)).toBe(true);
    // Shuffled values of the parameter that says nothing change nothing; of one that says share s, they add about 2 s.
    const [first, , , last] = found.parameters;
    expect(Math.abs(last!.permutation)).toBeLessThan(0.01);
    expect(Math.abs(first!.permutation - (2 * 16) / 21)).toBeLessThan(0.2);
  });

  it('of a parameter of one kind is half alone and half with the kind', async () => {
    // By the closed form: with u even on [0, 1], the variance of a kind that is u or always 1/2.
    const parameters = { rule: variant({ moving: { u: float(0, 1) }, fixed: {} }) };
    const found = await searched(
      parameters,
      ({ rule }) => (rule!.kind === 'moving' ? (rule as unknown as { u: number }).u : 0.5),
      1000,
    );
    expect(Math.abs(shareOf(found, 'rule.u') - 0.5)).toBeLessThan(0.05);
    expect(shareOf(found, 'rule')).toBeLessThan(0.02);
    expect(found.interactions).toHaveLength(1);
    expect(Math.abs(found.interactions[0]!.share - 0.5)).toBeLessThan(0.05);
  });

  it('tells parameters of one name in two kinds apart, unless they mean the same', async () => {
    const parameters = {
      rule: variant({
        a: { length: int(1, 9), same: int(1, 5) },
        b: { length: int(10, 99), same: int(1, 5) },
      }),
    };
    const found = await searched(parameters, ({ rule }) => (rule as unknown as { length: number }).length, 60);
    expect(found.parameters.map(({ name }) => name).sort()).toEqual([
      'rule',
      'rule.length (a)',
      'rule.length (b)',
      'rule.same',
    ]);
  });

  it('of a choice does not depend on the order of its values', async () => {
    const odd = new Set(['b', 'd', 'f']);
    const parameters = { side: choice('a', 'b', 'c', 'd', 'e', 'f'), other: int(0, 9) };
    const found = await searched(parameters, ({ side }) => (odd.has(side as unknown as string) ? 1 : 0), 50);
    expect(shareOf(found, 'side')).toBeCloseTo(1, 6);
  });

  it('is the same every time, and follows its seed', async () => {
    const measured = async (options: ImportanceOptions): Promise<Importance> =>
      searched(cube, ({ x, y, z }) => ishigami([x!, y!, z!]), 80, options);
    const first = await measured({});
    expect(await measured({})).toEqual(first);
    expect(await measured({ seed: 3 })).toEqual(first);
    expect(await measured({ seed: 4 })).not.toEqual(first);
    expect((await measured({ most: 40 })).trials).toBe(40);
  });

  it('looks at the objective that is asked for', async () => {
    const space = new ParameterSpace({ a: int(0, 9), b: int(0, 9) });
    await using study = await openStudyOn({ space, search: 'grid', directions: ['maximize', 'minimize'] });
    for (let trial = study.ask(); trial !== undefined; trial = study.ask()) {
      study.tell(trial, [trial.params.a, trial.params.b]);
    }
    expect(shareOf(await study.importance(), 'a')).toBeCloseTo(1, 3);
    expect(shareOf(await study.importance({ objective: 1 }), 'b')).toBeCloseTo(1, 3);
  });

  it('leaves out trials without a value, copies, and points of another space', async () => {
    const space = new ParameterSpace({ a: int(0, 9), b: int(0, 9), one: int(3, 3) });
    const at = (row: number) => ({ a: row % 10, b: Math.floor(row / 10), one: 3 });
    const good = Array.from({ length: 30 }, (_, row) => ({ params: at(row), values: [row % 10] }));
    const others = [
      { params: at(31), values: [Number.POSITIVE_INFINITY] },
      { params: { ...at(32), a: 77 }, values: [5] },
    ];
    const found = importanceOf(space, [...good, ...others]);
    expect(found.trials).toBe(30);
    expect(found.parameters.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it.each([
    { name: 'TOO_FEW_TRIALS', values: [1, 2, 3], options: {} },
    { name: 'NO_VARIANCE', values: Array(12).fill(7), options: {} },
    { name: 'OUT_OF_RANGE', values: [1], options: { trees: 0 } },
    { name: 'NOT_AN_INTEGER', values: [1], options: { seed: 0.5 } },
    { name: 'UNKNOWN_OPTION', values: [1], options: { tree: 1 } as ImportanceOptions },
  ])('refuses with $name', ({ name, values, options }) => {
    const space = new ParameterSpace({ a: int(0, 99) });
    const trials = values.map((value, a) => ({ params: { a }, values: [value] }));
    expect(() => importanceOf(space, trials, options)).toThrow(expect.objectContaining({ code: name }));
  });

  it('bears values of any size', () => {
    const space = new ParameterSpace({ a: int(0, 99) });
    for (const size of [1e-300, 1e300]) {
      const trials = Array.from({ length: 50 }, (_, a) => ({ params: { a }, values: [(a - 25) * size] }));
      expect(importanceOf(space, trials).parameters[0]!.share).toBeCloseTo(1, 9);
    }
  });
});
