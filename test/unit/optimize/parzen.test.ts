import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalCdf } from '../../../src/core/normal.js';
import { SeededRandom } from '../../../src/core/random.js';
import { DECAYED, decay, lowerTail, TAIL_END } from '../../../src/optimize/samplers/kernel-functions.js';
import { type Bandwidth, type KernelAxis, ParzenMixture } from '../../../src/optimize/samplers/parzen.js';

const NUMBER: KernelAxis = { count: Number.POSITIVE_INFINITY, categorical: false };
const STEPS: KernelAxis = { count: 7, categorical: false };
const KINDS: KernelAxis = { count: 3, categorical: true };

/** The middles of n equal shares of the interval. */
const middles = (count: number): number[] => Array.from({ length: count }, (_, at) => (at + 0.5) / count);

describe('the tables of kernel functions', () => {
  it('are within 1e-8 of e ** -x and of the normal law', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 45, noNaN: true }), (x) => {
        expect(Math.abs(decay(x) - (x < DECAYED ? Math.exp(-x) : 0))).toBeLessThan(1e-8);
        expect(Math.abs(lowerTail(x) - (x < TAIL_END ? normalCdf(-x) : 0))).toBeLessThan(1e-8);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a Parzen mixture', () => {
  const mixtureOf = (axes: readonly KernelAxis[], seed: number, count: number, bandwidth: Bandwidth): ParzenMixture => {
    const random = SeededRandom.derive(seed, 'points');
    const points = new Float64Array(count * axes.length);
    for (let at = 0; at < points.length; at++) {
      const axis = axes[at % axes.length]!;
      const value = random.next() ** 2;
      points[at] =
        axis.count === Number.POSITIVE_INFINITY ? value : middles(axis.count)[Math.floor(value * axis.count)]!;
    }
    return new ParzenMixture(axes, points, count, bandwidth);
  };

  it.each(['spread', 'neighbours'] as const)('has mass 1 along one axis: %s', (bandwidth) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 40 }), fc.integer(), (count, seed) => {
        const mixture = mixtureOf([NUMBER], seed, count, bandwidth);
        const mass = middles(400).reduce((sum, x) => sum + mixture.density(Float64Array.of(x)), 0) / 400;
        expect(mass).toBeCloseTo(1, 3);
      }),
      { numRuns: 1000 },
    );
  });

  it('has mass 1 over numbers and kinds together', () => {
    for (const seed of [1, 2, 3]) {
      const mixture = mixtureOf([NUMBER, KINDS], seed, 12, 'spread');
      let mass = 0;
      for (const x of middles(1000))
        for (const kind of middles(3)) mass += mixture.density(Float64Array.of(x, kind)) / 3000;
      expect(mass).toBeCloseTo(1, 4);
    }
  });

  it.each(['spread', 'neighbours'] as const)('draws what its density says, in cells of a tenth: %s', (bandwidth) => {
    const mixture = mixtureOf([NUMBER], 5, 9, bandwidth);
    const random = SeededRandom.derive(1, 'draws');
    const drawn = new Float64Array(1);
    const counts = new Array<number>(10).fill(0);
    const draws = 40_000;
    for (let draw = 0; draw < draws; draw++) {
      mixture.sample(random, drawn);
      counts[Math.floor(drawn[0]! * 10)]!++;
    }
    for (const [cell, count] of counts.entries()) {
      const expected =
        middles(200).reduce((sum, x) => sum + mixture.density(Float64Array.of((cell + x) / 10)), 0) / 2000;
      // Six deviations of a binomial count.
      expect(Math.abs(count / draws - expected)).toBeLessThan(6 * Math.sqrt(expected / draws));
    }
  });

  it('draws the middles of steps and the places of kinds', () => {
    const mixture = mixtureOf([STEPS, KINDS], 2, 10, 'spread');
    const random = SeededRandom.derive(3);
    const drawn = new Float64Array(2);
    for (let draw = 0; draw < 1000; draw++) {
      mixture.sample(random, drawn);
      expect(middles(7)).toContain(drawn[0]);
      expect(middles(3)).toContain(drawn[1]);
    }
  });

  it('keeps its kernels wide enough to lend weight to the next step', () => {
    const points = new Float64Array(60).fill(3.5 / 7);
    for (const bandwidth of ['spread', 'neighbours'] as const) {
      const mixture = new ParzenMixture([STEPS], points, 60, bandwidth);
      const [next, here] = [4.5 / 7, 3.5 / 7].map((x) => mixture.density(Float64Array.of(x)));
      expect(next! / here!).toBeGreaterThan(0.3);
      expect(next! / here!).toBeLessThan(0.9);
    }
  });
});
