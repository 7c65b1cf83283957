import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { quantile, sorted } from '../../../src/metrics/quantile.js';
import {
  differenceInterval,
  meanBcaInterval,
  ratioInterval,
} from '../../../src/metrics/samples/bootstrap-intervals.js';
import { holm } from '../../../src/metrics/samples/holm.js';
import { kolmogorovSmirnov, mannWhitney, wilcoxon } from '../../../src/metrics/samples/rank-tests.js';
import { cohensD, meanInterval, pairedTest, pooledTest, welchTest } from '../../../src/metrics/samples/t-tests.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

interface Case {
  readonly a: number[];
  readonly b: number[];
  readonly quantiles_linear_a: Record<string, number>;
  readonly student_t_ci95_a: [number, number];
  readonly student_t_ci95_b: [number, number];
  readonly welch: {
    t: number;
    df: number;
    p_two_sided: number;
    p_a_greater: number;
    ci95_of_mean_difference: [number, number];
  };
  readonly student_pooled: { t: number; p_two_sided: number };
  readonly mann_whitney: {
    U_a: number;
    p_exact_two_sided: number;
    p_asymptotic_continuity: number;
    p_asymptotic_no_continuity: number;
  };
  readonly cohen_d_pooled: number;
  readonly ks_2samp: { D: number; p: number };
  readonly paired_t?: { t: number; p: number };
  readonly wilcoxon_exact?: { W: number; p: number };
  readonly bootstrap_percentile_ci95_mean_diff_20000: [number, number];
  readonly bootstrap_BCa_ci95_mean_a_9999: [number, number];
}

const file = 'reference/statistics/benchmark_statistics.json';
const near = (found: number, expected: number, relative = 1e-9): void =>
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(relative * Math.max(Math.abs(expected), 1e-300));

describeShared('tests of samples give the figures of scipy', file, () => {
  const { cases } = referenceJson<{ cases: Record<string, Case> }>(file);
  it.each(Object.entries(cases))('%s', (_name, expected) => {
    const [a, b] = [Float64Array.from(expected.a), Float64Array.from(expected.b)];
    for (const [share, value] of Object.entries(expected.quantiles_linear_a)) {
      near(quantile(sorted(a), Number(share)), value, 1e-12);
    }
    for (const [sample, interval] of [
      [a, expected.student_t_ci95_a],
      [b, expected.student_t_ci95_b],
    ] as const) {
      for (const side of [0, 1]) near(meanInterval(sample)[side]!, interval[side]!);
    }
    const welch = welchTest(a, b);
    near(welch.t, expected.welch.t);
    near(welch.degrees, expected.welch.df);
    near(welch.p, expected.welch.p_two_sided);
    near(welch.pGreater, expected.welch.p_a_greater);
    for (const side of [0, 1]) near(welch.interval[side]!, expected.welch.ci95_of_mean_difference[side]!);
    const pooled = pooledTest(a, b);
    near(pooled.t, expected.student_pooled.t);
    near(pooled.p, expected.student_pooled.p_two_sided);
    near(cohensD(a, b), expected.cohen_d_pooled);
    const ranks = expected.mann_whitney;
    expect(mannWhitney(a, b, 'exact').statistic).toBe(ranks.U_a);
    near(mannWhitney(a, b, 'exact').p, ranks.p_exact_two_sided);
    near(mannWhitney(a, b, 'asymptotic').p, ranks.p_asymptotic_continuity);
    near(mannWhitney(a, b, 'asymptotic', false).p, ranks.p_asymptotic_no_continuity);
    near(kolmogorovSmirnov(a, b).statistic, expected.ks_2samp.D);
    near(kolmogorovSmirnov(a, b).p, expected.ks_2samp.p);
    if (expected.paired_t !== undefined) {
      near(pairedTest(a, b).t, expected.paired_t.t);
      near(pairedTest(a, b).p, expected.paired_t.p);
    }
    if (expected.wilcoxon_exact !== undefined) {
      expect(wilcoxon(a, b).statistic).toBe(expected.wilcoxon_exact.W);
      near(wilcoxon(a, b).p, expected.wilcoxon_exact.p);
    }
    // Another generator draws other resamples: within 2 % of the interval's width.
    const random = SeededRandom.derive(1, 'intervals');
    for (const [found, interval] of [
      [differenceInterval(a, b, { random, resamples: 200_000 }), expected.bootstrap_percentile_ci95_mean_diff_20000],
      [meanBcaInterval(a, { random, resamples: 200_000 }), expected.bootstrap_BCa_ci95_mean_a_9999],
    ] as const) {
      const width = interval[1] - interval[0];
      for (const side of [0, 1]) expect(Math.abs(found[side]! - interval[side]!)).toBeLessThan(0.02 * width);
    }
  });
});

describe('rank tests', () => {
  const distinct = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 9 });

  it('count every order: Mann and Whitney against all of them', () => {
    fc.assert(
      fc.property(distinct, fc.integer({ min: 1, max: 8 }), (values, size) => {
        const n = Math.min(size, values.length - 1);
        const { statistic, p } = mannWhitney(
          Float64Array.from(values.slice(0, n)),
          Float64Array.from(values.slice(n)),
          'exact',
        );
        const middle = (n * (values.length - n)) / 2;
        let [reached, all] = [0, 0];
        for (const chosen of subsets(values.length, n)) {
          const u = chosen.reduce((sum, rank) => sum + rank, 0) - (n * (n - 1)) / 2;
          all++;
          if (Math.abs(u - middle) >= Math.abs(statistic - middle)) reached++;
        }
        // Doubling one side equals counting both, but where the middle would count twice.
        expect(p).toBeCloseTo(Math.min(1, statistic === middle ? 1 : reached / all), 10);
      }),
      { numRuns: 1000 },
    );
  });

  it('do not care which sample comes first', () => {
    fc.assert(
      fc.property(distinct, distinct, (a, b) => {
        const [x, y] = [Float64Array.from(a), Float64Array.from(b)];
        expect(kolmogorovSmirnov(x, y).p).toBeCloseTo(kolmogorovSmirnov(y, x).p, 10);
        expect(mannWhitney(x, y, 'asymptotic').p).toBeCloseTo(mannWhitney(y, x, 'asymptotic').p, 10);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuse what they cannot judge', () => {
    const [one, none] = [Float64Array.of(1, 1), new Float64Array(0)];
    expect(() => mannWhitney(one, one, 'exact')).toThrow(/Use the asymptotic one/);
    expect(() => wilcoxon(Float64Array.of(1, 2), Float64Array.of(0, 1))).toThrow(/distinct/);
    expect(() => wilcoxon(one, none)).toThrow(/equal length/);
    expect(() => wilcoxon(one, one)).toThrow(/at least one/);
    expect(() => kolmogorovSmirnov(one, none)).toThrow(/at least one/);
    expect(() => pairedTest(one, none)).toThrow(/equal length/);
    expect(() => welchTest(one, Float64Array.of(1))).toThrow(/at least two/);
    expect(mannWhitney(one, one, 'asymptotic').p).toBe(1);
    expect(kolmogorovSmirnov(one, one)).toEqual({ statistic: 0, p: 1 });
    expect(meanBcaInterval(one, { random: SeededRandom.derive(1) })).toEqual([1, 1]);
  });
});

/** All choices of so many numbers below `count`. */
function subsets(count: number, size: number): number[][] {
  if (size === 0) return [[]];
  if (count < size) return [];
  return [...subsets(count - 1, size), ...subsets(count - 1, size - 1).map((rest) => [...rest, count - 1])];
}

describe('holm', () => {
  it.each([
    // By R 4: p.adjust(p, 'holm').
    { ps: [0.01, 0.02, 0.03, 0.04], adjusted: [0.04, 0.06, 0.06, 0.06] },
    { ps: [0.04, 0.01, 0.5], adjusted: [0.08, 0.03, 0.5] },
    { ps: [0.9, 0.6], adjusted: [1, 1] },
    { ps: [0.02], adjusted: [0.02] },
    { ps: [], adjusted: [] },
  ])('adjusts $ps', ({ ps, adjusted }) => {
    const found = holm(ps);
    expect(found).toHaveLength(ps.length);
    adjusted.forEach((p, at) => {
      expect(found[at]).toBeCloseTo(p, 12);
    });
  });

  it('keeps the order of the p-values and never makes one smaller', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (ps) => {
        const adjusted = holm(ps);
        ps.forEach((p, i) => {
          expect(adjusted[i]).toBeGreaterThanOrEqual(Math.min(1, p));
          expect(adjusted[i]).toBeLessThanOrEqual(Math.min(1, p * ps.length) + 1e-12);
          for (const [j, other] of ps.entries()) if (p <= other) expect(adjusted[i]).toBeLessThanOrEqual(adjusted[j]!);
        });
      }),
      { numRuns: 1000 },
    );
  });
});

describe('ratioInterval', () => {
  const rounds = Array.from({ length: 200 }, (_, round) => round);
  const random = (label: string) => SeededRandom.derive(3, label);

  it('cancels what made a round slow for both', () => {
    const slow = Float64Array.from(rounds, (round) => 1 + (round % 7));
    for (const statistic of ['median', 'mean'] as const) {
      const [low, high] = ratioInterval(
        slow.map((time) => time / 2),
        slow,
        statistic,
        { random: random(statistic), resamples: 99 },
      );
      expect(low).toBeCloseTo(0.5, 12);
      expect(high).toBeCloseTo(0.5, 12);
    }
  });

  it('holds the true ratio in some 95 % of samples', () => {
    const draw = random('coverage');
    let held = 0;
    for (let time = 0; time < 200; time++) {
      const [a, b] = [0.8, 1].map((mean) => Float64Array.from({ length: 20 }, () => mean + 0.05 * draw.normal()));
      const [low, high] = ratioInterval(a!, b!, 'mean', { random: draw, resamples: 199 });
      if (low <= 0.8 && high >= 0.8) held++;
    }
    expect(held).toBeGreaterThanOrEqual(175);
    expect(held).toBeLessThanOrEqual(199);
  });

  it('refuses samples that are not of the same rounds', () => {
    expect(() => ratioInterval(Float64Array.of(1), Float64Array.of(1, 2), 'mean', { random: random('x') })).toThrow(
      /not 1 and 2/,
    );
  });
});
