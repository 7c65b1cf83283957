import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { log } from '../../../src/core/elementary.js';
import { SeededRandom } from '../../../src/core/random.js';
import {
  factor,
  inverse,
  logDeterminant,
  rowStart,
  solveLower,
  solveUpper,
} from '../../../src/optimize/models/cholesky.js';
import { logImprovement, logImprovementSlope } from '../../../src/optimize/models/expected-improvement.js';
import {
  GaussianProcess,
  HyperparameterFit,
  type Observations,
} from '../../../src/optimize/models/gaussian-process.js';
import { minimize } from '../../../src/optimize/models/lbfgs.js';
import { decay, matern52, matern52Slope } from '../../../src/optimize/models/matern.js';

const seeds = fc.integer({ min: 0, max: 2 ** 31 });
const THOUSAND = { numRuns: 1000 };

/** A dense symmetric matrix that is positive definite. */
const randomMatrix = (size: number, random: SeededRandom): number[][] => {
  const root = Array.from({ length: size }, () => Array.from({ length: size }, () => random.normal()));
  return root.map((a, i) =>
    root.map((b, j) => a.reduce((sum, value, k) => sum + value * b[k]!, 0) + (i === j ? 0.1 : 0)),
  );
};
const packed = (matrix: readonly (readonly number[])[]): Float64Array =>
  Float64Array.from(matrix.flatMap((row, i) => row.slice(0, i + 1)));
const times = (matrix: readonly (readonly number[])[], x: ArrayLike<number>): number[] =>
  matrix.map((row) => row.reduce((sum, value, k) => sum + value * x[k]!, 0));
const determinant = (matrix: readonly (readonly number[])[]): number => {
  if (matrix.length === 1) return matrix[0]![0]!;
  return matrix[0]!.reduce(
    (sum, value, column) =>
      sum + (-1) ** column * value * determinant(matrix.slice(1).map((row) => row.filter((_, at) => at !== column))),
    0,
  );
};

describe('Cholesky factors', () => {
  it('solve, invert and give determinants (property)', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 6 }), (seed, size) => {
        const random = SeededRandom.derive(seed);
        const matrix = randomMatrix(size, random);
        const factored = packed(matrix);
        expect(factor(factored, size)).toBe(true);
        const b = Float64Array.from({ length: size }, () => random.normal());
        const x = b.slice();
        solveLower(factored, size, x);
        solveUpper(factored, size, x);
        const scale = 1 + Math.max(...Array.from(x, Math.abs));
        for (const [at, value] of times(matrix, x).entries())
          expect(Math.abs(value - b[at]!)).toBeLessThan(1e-9 * scale);
        const inverted = new Float64Array(rowStart(size));
        inverse(factored, size, inverted, new Float64Array(rowStart(size)));
        const column = Float64Array.from({ length: size }, (_, row) => inverted[rowStart(row)]!);
        for (const [at, value] of times(matrix, column).entries()) {
          expect(Math.abs(value - (at === 0 ? 1 : 0))).toBeLessThan(
            1e-9 * (1 + Math.max(...Array.from(column, Math.abs))),
          );
        }
        expect(logDeterminant(factored, size, log)).toBeCloseTo(Math.log(determinant(matrix)), 6);
      }),
      THOUSAND,
    );
  });

  it('grow row by row, and refuse what is not positive definite', () => {
    const matrix = randomMatrix(7, SeededRandom.derive(1));
    const whole = packed(matrix);
    const grown = packed(matrix);
    factor(whole, 7);
    for (let size = 1; size <= 7; size++) expect(factor(grown, size, size - 1)).toBe(true);
    expect(grown).toEqual(whole);
    expect(factor(Float64Array.of(1, 2, 1), 2)).toBe(false);
    expect(factor(Float64Array.of(Number.NaN), 1)).toBe(false);
  });
});

describe('L-BFGS', () => {
  const free = (size: number) => ({ lower: Array(size).fill(-1e9), upper: Array(size).fill(1e9), iterations: 200 });

  it('finds the bottom of a curved valley', () => {
    const x = Float64Array.of(-1.2, 1);
    const value = minimize(
      (point, gradient) => {
        const [a = 0, b = 0] = point;
        gradient[0] = -400 * a * (b - a * a) - 2 * (1 - a);
        gradient[1] = 200 * (b - a * a);
        return 100 * (b - a * a) ** 2 + (1 - a) ** 2;
      },
      x,
      free(2),
    );
    expect(value).toBeLessThan(1e-8);
    expect(Math.abs(x[0]! - 1) + Math.abs(x[1]! - 1)).toBeLessThan(1e-3);
  });

  it('finds the least of a bowl within bounds (property)', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 5 }), (seed, size) => {
        const random = SeededRandom.derive(seed);
        const centre = Array.from({ length: size }, () => 2 * random.normal());
        const width = Array.from({ length: size }, () => 0.1 + 10 * random.next());
        const x = Float64Array.from({ length: size }, () => random.normal());
        const bowl = (point: Float64Array, gradient: Float64Array): number => {
          let sum = 0;
          for (let i = 0; i < size; i++) {
            const far = point[i]! - centre[i]!;
            gradient[i] = 2 * width[i]! * far;
            sum += width[i]! * far * far;
          }
          return sum;
        };
        const bounds = { lower: Array(size).fill(-1), upper: Array(size).fill(1), iterations: 200 };
        const value = minimize(bowl, x, bounds);
        const least = Float64Array.from(centre, (at) => Math.min(1, Math.max(-1, at)));
        // It ends by what a step gains: where the bowl is flat, that is some way from the least point, and no worse.
        expect(value - bowl(least, new Float64Array(size))).toBeLessThan(1e-6);
        for (let i = 0; i < size; i++) expect(x[i]).toBeCloseTo(least[i]!, 2);
      }),
      THOUSAND,
    );
  });

  it('stays where there is no value', () => {
    const x = Float64Array.of(0.5);
    expect(minimize(() => Number.POSITIVE_INFINITY, x, free(1))).toBe(Number.POSITIVE_INFINITY);
    expect(x[0]).toBe(0.5);
  });
});

describe('the Matérn kernel', () => {
  it('decays like the exponential (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 700, noNaN: true }), (x) => {
        expect(Math.abs(decay(x) / Math.exp(-x) - 1)).toBeLessThan(1e-12);
      }),
      THOUSAND,
    );
    expect([decay(0), decay(800), decay(Number.POSITIVE_INFINITY)]).toEqual([1, 0, 0]);
    expect(decay(Number.NaN)).toBeNaN();
  });

  it('has the slope of its differences (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 30, noNaN: true }), (square) => {
        const step = 1e-5 * square;
        const slope = (matern52(square + step) - matern52(square - step)) / (2 * step);
        expect(Math.abs(-2 * slope - matern52Slope(square))).toBeLessThan(1e-6);
      }),
      THOUSAND,
    );
    expect(matern52(0)).toBe(1);
    expect(matern52(1)).toBeCloseTo((1 + Math.sqrt(5) + 5 / 3) * Math.exp(-Math.sqrt(5)), 12);
  });
});

describe('expected improvement', () => {
  it('is the mean of what a normal value exceeds', () => {
    for (const z of [-6, -3, -2.6, -2.4, -1, 0, 0.7, 3]) {
      // Simpson's rule over the law above -z.
      const count = 4000;
      const span = 14;
      let sum = 0;
      for (let i = 0; i <= count; i++) {
        const x = -z + (span * i) / count;
        const weight = i === 0 || i === count ? 1 : i % 2 === 1 ? 4 : 2;
        sum += (weight * (z + x) * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
      }
      expect(Math.exp(logImprovement(z)) / ((sum * span) / count / 3)).toBeCloseTo(1, 5);
    }
  });

  it('rises, with the slope of its differences, as far out as you like (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e4, max: 50, noNaN: true }), (z) => {
        const step = 1e-4;
        const slope = (logImprovement(z + step) - logImprovement(z - step)) / (2 * step);
        expect(Math.abs(slope / logImprovementSlope(z) - 1)).toBeLessThan(1e-4);
      }),
      THOUSAND,
    );
    expect(logImprovement(-1e9)).toBeLessThan(logImprovement(-1e8));
    expect(Number.isFinite(logImprovementSlope(-1e9))).toBe(true);
  });
});

const randomObservations = (seed: number, count: number): Observations => {
  const random = SeededRandom.derive(seed);
  const categorical = [false, false, true];
  const features = new Float64Array(count * 3);
  const values = new Float64Array(count);
  for (let row = 0; row < count; row++) {
    features.set([random.next(), random.next(), random.int(0, 2)], row * 3);
    values[row] = Math.sin(5 * features[row * 3]!) + features[row * 3 + 2]! * 0.4 + 0.2 * random.normal();
  }
  return { features, categorical, values };
};
const beliefs = { scale: { mean: -0.5, deviation: 1 }, noise: { mean: -4, deviation: 2 } };

/** Mean and variance by the textbook, over dense matrices and without any factor. */
function textbook({ features, values }: Observations, scales: readonly number[], noise: number, at: ArrayLike<number>) {
  const size = values.length;
  const rows = Array.from({ length: size }, (_, row) => features.subarray(row * 3, row * 3 + 3));
  const kernel = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    const square =
      ((a[0]! - b[0]!) / scales[0]!) ** 2 +
      ((a[1]! - b[1]!) / scales[1]!) ** 2 +
      (a[2] === b[2] ? 0 : 1 / scales[2]! ** 2);
    const r = Math.sqrt(5 * square);
    return (1 + r + (r * r) / 3) * Math.exp(-r);
  };
  const matrix = rows.map((a, i) => rows.map((b, j) => kernel(a, b) + (i === j ? noise : 0)));
  const solve = (right: readonly number[]): number[] => {
    const work = matrix.map((row, i) => [...row, right[i]!]);
    for (let pivot = 0; pivot < size; pivot++) {
      for (let row = 0; row < size; row++) {
        if (row === pivot) continue;
        const share = work[row]![pivot]! / work[pivot]![pivot]!;
        for (let k = pivot; k <= size; k++) work[row]![k]! -= share * work[pivot]![k]!;
      }
    }
    return work.map((row, i) => row[size]! / row[i]!);
  };
  const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
  const ones = solve(Array(size).fill(1));
  const mean = sum(solve([...values])) / sum(ones);
  const rest = [...values].map((value) => value - mean);
  const alpha = solve(rest);
  const variance = sum(rest.map((value, i) => value * alpha[i]!)) / size;
  const k = rows.map((row) => kernel(row, at));
  return {
    mean: mean + sum(k.map((value, i) => value * alpha[i]!)),
    variance: variance * (1 - sum(solve(k).map((value, i) => value * k[i]!))),
  };
}

const processOf = ({ features, categorical, values }: Observations, hyperparameters: Float64Array) => {
  const process = new GaussianProcess(categorical, hyperparameters);
  for (let row = 0; row < values.length; row++) process.add(features, row * categorical.length);
  process.learn(values);
  return process;
};

describe('a Gaussian process', () => {
  it('learns by the gradient of its likelihood (property)', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 3, max: 9 }), (seed, count) => {
        const fit = new HyperparameterFit(randomObservations(seed, count), beliefs);
        const random = SeededRandom.derive(seed, 'point');
        const point = Float64Array.of(-0.5 + random.normal(), random.normal(), random.normal(), -2 + random.normal());
        const gradient = new Float64Array(4);
        const scratch = new Float64Array(4);
        fit.loss(point, gradient);
        for (let at = 0; at < 4; at++) {
          const up = point.slice();
          const down = point.slice();
          up[at]! += 1e-5;
          down[at]! -= 1e-5;
          const slope = (fit.loss(up, scratch) - fit.loss(down, scratch)) / 2e-5;
          expect(Math.abs(slope - gradient[at]!)).toBeLessThan(1e-5 * (1 + Math.abs(slope)));
        }
      }),
      THOUSAND,
    );
  });

  it('expects what the textbook does, and changes as its differences (property)', () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 2, max: 6 }), (seed, count) => {
        const observations = randomObservations(seed, count);
        const random = SeededRandom.derive(seed, 'at');
        const hyperparameters = Float64Array.of(-0.7, 0.2, 0.1, -2);
        const process = processOf(observations, hyperparameters);
        const at = Float64Array.of(random.next(), random.next(), random.int(0, 2));
        const correlations = new Float64Array(count + 1);
        const predict = (point: Float64Array) => ({
          mean: process.expect(point, correlations),
          variance: process.uncertainty(correlations),
        });
        const scales = [-0.7, 0.2, 0.1].map(Math.exp);
        const { mean, variance } = textbook(observations, scales, Math.exp(-2), at);
        expect(predict(at).mean).toBeCloseTo(mean, 8);
        expect(predict(at).variance).toBeCloseTo(variance, 8);
        const ofMean = new Float64Array(3);
        const ofVariance = new Float64Array(3);
        const there = process.slopes(at, ofMean, ofVariance);
        expect([there.mean, there.variance]).toEqual([predict(at).mean, predict(at).variance]);
        for (const feature of [0, 1]) {
          const [up, down] = [1e-5, -1e-5].map((step) => {
            const moved = at.slice();
            moved[feature]! += step;
            return predict(moved);
          });
          expect(Math.abs((up!.mean - down!.mean) / 2e-5 - ofMean[feature]!)).toBeLessThan(1e-5);
          expect(Math.abs((up!.variance - down!.variance) / 2e-5 - ofVariance[feature]!)).toBeLessThan(1e-5);
        }
        expect(Math.abs(ofMean[2]!) + Math.abs(ofVariance[2]!)).toBe(0);
        // To believe what was expected changes no expectation, only what is uncertain.
        const elsewhere = Float64Array.of(random.next(), random.next(), 1);
        const before = predict(elsewhere);
        process.add(at);
        expect(predict(elsewhere).mean).toBe(before.mean);
        expect(predict(elsewhere).variance).toBeLessThanOrEqual(before.variance * (1 + 1e-9));
        expect(predict(at).variance).toBeLessThan(variance + 1e-12);
      }),
      THOUSAND,
    );
  });

  it('finds which feature matters', () => {
    const random = SeededRandom.derive(3);
    const count = 60;
    const features = Float64Array.from({ length: count * 3 }, (_, at) =>
      at % 3 === 2 ? random.int(0, 2) : random.next(),
    );
    const values = Float64Array.from({ length: count }, (_, row) => Math.sin(9 * features[row * 3]!));
    const fit = new HyperparameterFit({ features, categorical: [false, false, true], values }, beliefs);
    const { hyperparameters, loss } = fit.from([Float64Array.of(-0.5, -0.5, -0.5, -4)], 60);
    const [first, second, category, noise] = hyperparameters;
    expect(loss).toBe(fit.loss(hyperparameters, new Float64Array(4)));
    expect(first!).toBeLessThan(0);
    expect(second! - first!).toBeGreaterThan(1.5);
    expect(category! - first!).toBeGreaterThan(1.5);
    expect(noise!).toBeLessThan(-4);
  });

  it('refuses points that are the same without noise between them', () => {
    const observations = { features: Float64Array.of(0.5, 0.5), categorical: [false], values: Float64Array.of(1, 2) };
    expect(() => processOf(observations, Float64Array.of(0, -80))).toThrowError('too close for their noise');
    const gradient = new Float64Array(2);
    expect(new HyperparameterFit(observations, beliefs).loss(Float64Array.of(0, -80), gradient)).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});
