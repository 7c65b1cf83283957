import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stochasticDominance } from '../../../src/validate/overfitting/stochastic-dominance.js';

/** By the definition, in whole numbers: counts up to each value, and the sums of what they differ by. */
function byDefinition(chosen: readonly number[], all: readonly number[]): ReturnType<typeof stochasticDominance> {
  const values = [...new Set([...chosen, ...all])].sort((a, b) => a - b);
  const ahead = values.map(
    (value) =>
      chosen.filter((each) => each <= value).length * all.length -
      all.filter((each) => each <= value).length * chosen.length,
  );
  let behind = 0;
  let secondOrder = true;
  for (let k = 1; k < values.length; k++) {
    behind += ahead[k - 1]! * (values[k]! - values[k - 1]!);
    if (behind > 0) secondOrder = false;
  }
  return { firstOrder: ahead.every((each) => each <= 0), secondOrder };
}

const list = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 1, maxLength: 60 });

describe('stochastic dominance', () => {
  it('is what its definition says, whichever values decide it', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(list, list, fc.integer({ min: -5, max: 20 }), (chosen, others, better) => {
        const [a, b] = [chosen.map((value) => value + better), [...chosen, ...others]];
        const given = stochasticDominance(Float64Array.from(a), Float64Array.from(b));
        expect(given).toEqual(byDefinition(a, b));
        seen.add(JSON.stringify(given));
      }),
      { numRuns: 2000 },
    );
    expect(seen.size).toBe(3);
  });

  it('is that of everybody where the chosen are all', () => {
    const values = Float64Array.of(3, -1, 2, 2, 0);
    expect(stochasticDominance(values, values)).toEqual({ firstOrder: true, secondOrder: true });
    expect([...values]).toEqual([3, -1, 2, 2, 0]);
  });
});
