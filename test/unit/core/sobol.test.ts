import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { primitivePolynomials, SOBOL_DIMENSIONS, SobolSequence } from '../../../src/core/sobol.js';

const pointsOf = (sequence: SobolSequence, from: number, count: number): Float64Array[] =>
  Array.from({ length: count }, (_, index) => {
    const point = new Float64Array(sequence.dimensions);
    sequence.point(from + index, point);
    return point;
  });

/** The centred L2 discrepancy of points in the unit cube (Hickernell 1998), over the given axes. */
function discrepancy(points: readonly Float64Array[], axes: readonly number[]): number {
  const centred = points.map((point) => axes.map((axis) => Math.abs(point[axis]! - 0.5)));
  let single = 0;
  for (const point of centred) single += point.reduce((product, far) => product * (1 + far / 2 - (far * far) / 2), 1);
  let double = 0;
  for (const [i, a] of centred.entries()) {
    for (const [j, b] of centred.entries()) {
      let product = 1;
      for (const [at, axis] of axes.entries()) {
        product *= 1 + a[at]! / 2 + b[at]! / 2 - Math.abs(points[i]![axis]! - points[j]![axis]!) / 2;
      }
      double += product;
    }
  }
  const count = points.length;
  return (13 / 12) ** axes.length - (2 / count) * single + double / (count * count);
}

const randomPoints = (seed: number, count: number, dimensions: number): Float64Array[] => {
  const random = SeededRandom.derive(seed);
  return Array.from({ length: count }, () => Float64Array.from({ length: dimensions }, () => random.next()));
};

describe('the Sobol sequence', () => {
  it("is, unscrambled, scipy's (1.17.1, qmc.Sobol, 101 dimensions, 2,048 points)", () => {
    const words = new Uint32Array(2048 * SOBOL_DIMENSIONS);
    for (const [index, point] of pointsOf(new SobolSequence(SOBOL_DIMENSIONS), 0, 2048).entries()) {
      words.set(
        Uint32Array.from(point, (coordinate) => Math.floor(coordinate * 2 ** 32)),
        index * SOBOL_DIMENSIONS,
      );
    }
    expect(createHash('sha256').update(words).digest('hex')).toBe(
      '4b484f35355df2beb84d35f5a14420524337e7e92af4bfce3c4cce84d2634e81',
    );
  });

  it('takes the primitive polynomials by degree', () => {
    expect(primitivePolynomials().slice(0, 12)).toEqual([3, 7, 11, 13, 19, 25, 37, 41, 47, 55, 59, 61]);
    // The numbers of primitive polynomials are phi(2 ** degree - 1) / degree.
    const counts = [1, 1, 2, 2, 6, 6, 18, 16, 48];
    const degrees = primitivePolynomials().map((polynomial) => 31 - Math.clz32(polynomial));
    expect(counts.map((_, index) => degrees.filter((degree) => degree === index + 1).length)).toEqual(counts);
  });

  it('puts one of 2^m points into each of 2^m intervals, in every dimension and however scrambled (property)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 7 }), fc.nat(1000), fc.nat(100), (seed, m, block, axis) => {
        const sequence = new SobolSequence(axis + 1, SeededRandom.derive(seed));
        const count = 2 ** m;
        const cells = pointsOf(sequence, block * count, count).map((point) => Math.floor(point[axis]! * count));
        expect(new Set(cells).size).toBe(count);
      }),
      { numRuns: 1000 },
    );
  });

  it('puts one of 2^m points into each box of area 2^-m of its first two dimensions (property)', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 8 }), fc.nat(100), (seed, m, block) => {
        const points = pointsOf(new SobolSequence(2, SeededRandom.derive(seed)), block * 2 ** m, 2 ** m);
        for (let wide = 0; wide <= m; wide++) {
          const boxes = points.map(
            ([x, y]) => Math.floor(x! * 2 ** wide) * 2 ** (m - wide) + Math.floor(y! * 2 ** (m - wide)),
          );
          expect(new Set(boxes).size).toBe(2 ** m);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is more even than random points, whole and in its pairs of dimensions', () => {
    const random = randomPoints(1, 512, 30);
    const sobol = pointsOf(new SobolSequence(30, SeededRandom.derive(1)), 0, 512);
    const first = Array.from({ length: 10 }, (_, axis) => axis);
    expect(discrepancy(sobol, first)).toBeLessThan(discrepancy(random, first) / 3);
    const ratios: number[] = [];
    for (let a = 0; a < 30; a += 3) {
      for (let b = a + 1; b < 30; b += 4) {
        ratios.push(discrepancy(sobol.slice(0, 256), [a, b]) / discrepancy(random.slice(0, 256), [a, b]));
      }
    }
    expect(Math.max(...ratios)).toBeLessThan(1);
    expect(ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length).toBeLessThan(0.15);
  });

  it('scrambles every coordinate evenly over seeds, differently for each', () => {
    const values = Array.from({ length: 2000 }, (_, seed) => {
      const [point] = pointsOf(new SobolSequence(5, SeededRandom.derive(seed)), 13, 1);
      return point!;
    });
    for (let axis = 0; axis < 5; axis++) {
      const sorted = values.map((point) => point[axis]!).sort((a, b) => a - b);
      // Kolmogorov and Smirnov: 1.95 / sqrt(2000) is passed by chance once in a thousand.
      expect(Math.max(...sorted.map((value, index) => Math.abs(value - index / 2000)))).toBeLessThan(
        1.95 / Math.sqrt(2000),
      );
    }
  });

  it('has 1 to 101 dimensions', () => {
    for (const dimensions of [0, 1.5, 102]) expect(() => new SobolSequence(dimensions)).toThrow(RangeError);
  });
});
