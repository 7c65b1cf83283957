import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { crowdingOf, dominates, frontsOf, hypervolume } from '../../../src/optimize/dominance.js';

const vectors = (objectives: number): fc.Arbitrary<number[][]> =>
  fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: objectives, maxLength: objectives }), {
    maxLength: 14,
  });

describe('fronts', () => {
  it('hold what only the fronts before dominate, and every vector of them is dominated by one of the front before', () => {
    fc.assert(
      fc.property(vectors(3), (losses) => {
        const fronts = frontsOf(losses);
        for (const [a, front] of fronts.entries()) {
          const masters = losses.flatMap((other, b) => (dominates(other, losses[a]!) ? [fronts[b]!] : []));
          expect(front).toBe(masters.length === 0 ? 0 : Math.max(...masters) + 1);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('room', () => {
  it('is endless at the ends, and the scaled distance between neighbours elsewhere', () => {
    const losses = [
      [0, 10],
      [1, 4],
      [4, 1],
      [10, 0],
    ];
    expect(crowdingOf(losses)).toEqual([Number.POSITIVE_INFINITY, 0.4 + 0.9, 0.9 + 0.4, Number.POSITIVE_INFINITY]);
    expect(crowdingOf([])).toEqual([]);
    expect(
      crowdingOf([
        [1, 1],
        [1, 1],
        [1, 1],
      ])[1],
    ).toBe(0);
  });
});

describe('the hypervolume', () => {
  it('is the share of cells that some vector dominates', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.integer(), (objectives, seed) => {
        const random = SeededRandom.derive(seed, 'front');
        const losses = Array.from({ length: random.int(0, 8) }, () =>
          Array.from({ length: objectives }, () => random.int(0, 6)),
        );
        const reference = Array<number>(objectives).fill(5);
        let cells = 0;
        for (let cell = 0; cell < 5 ** objectives; cell++) {
          const corner = reference.map((_, axis) => Math.floor(cell / 5 ** axis) % 5);
          if (losses.some((each) => each.every((loss, axis) => loss <= corner[axis]!))) cells++;
        }
        expect(hypervolume(losses, reference)).toBe(cells);
      }),
      { numRuns: 1000 },
    );
  });
});
