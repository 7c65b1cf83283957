import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../../src/core/random.js';
import { cscv } from '../../../src/validate/overfitting/cscv.js';
import {
  deflatedSharpe,
  expectedMaximum,
  expectedMaximumSharpe,
  varianceOf,
} from '../../../src/validate/overfitting/deflated-sharpe.js';
import { effectiveTrials } from '../../../src/validate/overfitting/effective-trials.js';
import { haircutSharpe } from '../../../src/validate/overfitting/haircut-sharpe.js';
import { cscvOnThreads } from '../../../src/validate/overfitting/parallel-cscv.js';
import { minimumTrackRecord, probabilisticSharpe } from '../../../src/validate/overfitting/probabilistic-sharpe.js';
import { realityCheck } from '../../../src/validate/overfitting/reality-check.js';
import { sharpeSample } from '../../../src/validate/overfitting/sharpe-sample.js';
import { stochasticDominance } from '../../../src/validate/overfitting/stochastic-dominance.js';
import { referenceJson } from '../../helpers/reference.js';
import { describeShared } from '../../helpers/shared.js';

const folder = 'reference/overfitting';
const columns = (rows: readonly (readonly number[])[]): Float64Array[] =>
  rows[0]!.map((_, k) => Float64Array.from(rows, (row) => row[k]!));
const noise = (seed: number, trials: number, length: number, drift: (trial: number) => number = () => 0) => {
  const random = SeededRandom.derive(seed, 'noise');
  return Array.from({ length: trials }, (_, trial) =>
    Float64Array.from({ length }, () => 0.01 * (random.normal() + drift(trial))),
  );
};

describeShared('Sharpe ratios are judged as in the published examples', `${folder}/sharpe_inference.json`, () => {
  interface Row {
    readonly sr: number;
    readonly T: number;
    readonly skew: number;
    readonly kurtosis_nonexcess: number;
  }
  const reference = referenceJson<{
    published: { inputs: Record<string, number>; value: number; sr0_daily?: number }[];
    psr_grid: (Row & { sr_benchmark: number; psr: number; min_trl_95: number })[];
    expected_max_normal: Record<string, number>;
    dsr_grid: (Row & { variance_of_trial_sr: number; n_trials: number; sr0: number; dsr: number })[];
  }>(`${folder}/sharpe_inference.json`);
  const sampleOf = ({ sr, T, skew, kurtosis_nonexcess }: Row) => ({
    sharpe: sr,
    observations: T,
    skewness: skew,
    kurtosis: kurtosis_nonexcess,
  });

  it('the published ones', () => {
    const [psr, dsr, maximum] = reference.published;
    const { sr_monthly, T, skew, kurtosis_nonexcess } = psr!.inputs as Record<string, number>;
    const monthly = { sharpe: sr_monthly!, observations: T!, skewness: skew!, kurtosis: kurtosis_nonexcess! };
    expect(probabilisticSharpe(monthly)).toBeCloseTo(psr!.value, 12);
    const {
      sr_daily,
      variance_of_trial_sr_daily: variance,
      n_trials,
      ...daily
    } = dsr!.inputs as Record<string, number>;
    const sample = {
      sharpe: sr_daily!,
      observations: daily.T!,
      skewness: daily.skew!,
      kurtosis: daily.kurtosis_nonexcess!,
    };
    expect(deflatedSharpe(sample, variance!, n_trials!)).toBeCloseTo(dsr!.value, 12);
    expect(expectedMaximumSharpe(variance!, n_trials!)).toBeCloseTo(dsr!.sr0_daily!, 12);
    expect(expectedMaximum(maximum!.inputs.n!)).toBeCloseTo(maximum!.value, 12);
  });

  it('tables', () => {
    for (const row of reference.psr_grid) {
      expect(probabilisticSharpe(sampleOf(row), row.sr_benchmark)).toBeCloseTo(row.psr, 12);
      expect(minimumTrackRecord(sampleOf(row), row.sr_benchmark)! / row.min_trl_95).toBeCloseTo(1, 12);
    }
    for (const [trials, value] of Object.entries(reference.expected_max_normal)) {
      expect(expectedMaximum(Number(trials))).toBeCloseTo(value, 12);
    }
    for (const row of reference.dsr_grid) {
      expect(expectedMaximumSharpe(row.variance_of_trial_sr, row.n_trials)).toBeCloseTo(row.sr0, 12);
      expect(deflatedSharpe(sampleOf(row), row.variance_of_trial_sr, row.n_trials)).toBeCloseTo(row.dsr, 12);
    }
  });
});

describe('the deflated Sharpe ratio', () => {
  it('of an annual 0.3 over ten years, the best of 1,000 trials, is about 0.01 and not 1.00', () => {
    const sample = { sharpe: 0.3 / Math.sqrt(252), observations: 2520, skewness: 0, kurtosis: 3 };
    // Trials without skill differ by chance alone: variance 1 / T.
    expect(deflatedSharpe(sample, 1 / 2520, 1000)).toBeCloseTo(0.0106, 3);
  });

  it('is lower for ten times the trials', () => {
    fc.assert(
      fc.property(
        fc.double({ min: -0.2, max: 0.3, noNaN: true }),
        fc.integer({ min: 2, max: 100_000 }),
        fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
        (sharpe, trials, variance) => {
          const sample = { sharpe, observations: 1000, skewness: -0.5, kurtosis: 5 };
          const [few, many] = [trials, 10 * trials].map((count) => deflatedSharpe(sample, variance, count));
          expect(many!).toBeLessThanOrEqual(few!);
          // Below this a probability has no digits left to differ in.
          if (few! > 1e-200 && few! < 1 - 1e-12) expect(many!).toBeLessThan(few!);
          expect(few!).toBeLessThanOrEqual(probabilisticSharpe(sample));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is the probabilistic one for a single trial', () => {
    const sample = sharpeSample(Float64Array.of(0.01, 0.02, -0.01, 0.03, 0))!;
    expect(deflatedSharpe(sample, 0.01, 1)).toBe(probabilisticSharpe(sample));
    expect([expectedMaximum(1), expectedMaximum(1.2), varianceOf([3])]).toEqual([0, 0, 0]);
  });
});

describe('a sample of returns', () => {
  it('has the moments of a hand case', () => {
    // Mean 2, deviations -2, 0, 0, 2: m2 = 2, m3 = 0, m4 = 8, sample variance 8 / 3.
    const sample = sharpeSample(Float64Array.of(0, 2, 2, 4))!;
    expect(sample).toEqual({ sharpe: 2 / Math.sqrt(8 / 3), observations: 4, skewness: 0, kurtosis: 2 });
    expect(sharpeSample(Float64Array.of(0, 0, 0, 4))!.skewness).toBeCloseTo(24 / 4 / 3 ** 1.5, 12);
  });

  it('is none without variation', () => {
    expect(sharpeSample(Float64Array.of(1))).toBeUndefined();
    expect(sharpeSample(Float64Array.of(0.1, 0.1, 0.1))).toBeUndefined();
    expect(minimumTrackRecord({ sharpe: 0.1, observations: 9, skewness: 0, kurtosis: 3 }, 0.1)).toBeUndefined();
  });
});

describe.each(['pbo_case_11', 'pbo_case_13'])('cross-validation gives the figures of %s', (name) => {
  describeShared('in every split', `${folder}/${name}.json`, () => {
    interface Figures {
      readonly n_combinations: number;
      readonly pbo_share_lambda_le_0: number;
      readonly mean_lambda: number;
      readonly prob_oos_loss: number;
      readonly degradation_slope: number;
      readonly degradation_intercept: number;
      readonly logits: number[];
      readonly is_best: number[];
      readonly oos_of_best: number[];
    }
    const {
      matrix_rows: rows,
      S,
      result,
    } = referenceJson<{ matrix_rows: number[][]; S: number; result: Figures }>(`${folder}/${name}.json`);
    it('and in sum', () => {
      const found = cscv(columns(rows), S);
      expect(found.splits).toBe(result.n_combinations);
      expect(found.pbo).toBe(result.pbo_share_lambda_le_0);
      expect(found.probabilityOfLoss).toBe(result.prob_oos_loss);
      expect(found.degradation.slope).toBeCloseTo(result.degradation_slope, 12);
      expect(found.degradation.intercept).toBeCloseTo(result.degradation_intercept, 12);
      found.logits.forEach((value, split) => {
        expect(value).toBeCloseTo(result.logits[split]!, 12);
      });
      found.inSample.forEach((value, split) => {
        expect(value).toBeCloseTo(result.is_best[split]!, 12);
      });
      found.outOfSample.forEach((value, split) => {
        expect(value).toBeCloseTo(result.oos_of_best[split]!, 12);
      });
    });
  });
});

describeShared("cross-validation agrees with R's pbo", `${folder}/pbo_r_test.json`, () => {
  const { matrix, expected } = referenceJson<{
    matrix: number[][];
    expected: { phi: number; below_threshold: number; lambda: number[]; Rn_Rbn: [number, number][] };
  }>(`${folder}/pbo_r_test.json`);
  it('in what both define alike, and in ranks', () => {
    const found = cscv(columns(matrix.map((row) => row.map((value) => value - 0.03 / 252))), 4);
    expect(found.pbo).toBe(expected.phi);
    expect(found.probabilityOfLoss).toBe(expected.below_threshold);
    expected.Rn_Rbn.forEach(([inSample, outOfSample], split) => {
      expect(found.inSample[split]!).toBeCloseTo(inSample, 6);
      expect(found.outOfSample[split]!).toBeCloseTo(outOfSample, 6);
      // R takes rank / N where we take rank / (N + 1).
      const rank = 41 / (1 + Math.exp(-found.logits[split]!));
      expect(Math.log(rank / (40 - rank))).toBeCloseTo(expected.lambda[split]!, 5);
    });
  });
});

describe('cross-validation', () => {
  it('finds what a plain loop over all splits finds', () => {
    const number = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(
        fc
          .integer({ min: 2, max: 5 })
          .chain((trials) =>
            fc.array(fc.array(number, { minLength: trials, maxLength: trials }), { minLength: 8, maxLength: 25 }),
          ),
        fc.constantFrom(2, 4, 6),
        (rows, blocks) => {
          const series = columns(rows);
          const found = cscv(series, blocks);
          const plain = plainCscv(series, blocks);
          expect(found.splits).toBe(plain.length);
          plain.forEach(({ inSample, outOfSample }, split) => {
            expect(found.inSample[split]!).toBeCloseTo(inSample, 9);
            // A tie that rounding breaks may choose another trial of the same value.
            if (outOfSample.length === 1) expect(found.outOfSample[split]!).toBeCloseTo(outOfSample[0]!, 9);
          });
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('finds the same bits on any number of threads', async () => {
    const series = noise(3, 260, 160);
    const alone = cscv(series, 16);
    for (const workers of [1, 2, 4]) expect(await cscvOnThreads(series, 16, workers)).toEqual(alone);
  });

  it('of noise gives about a half, and near 0 where one trial has an edge', () => {
    const pbos = Array.from({ length: 40 }, (_, seed) => cscv(noise(seed, 20, 240), 8).pbo);
    const mean = pbos.reduce((sum, pbo) => sum + pbo, 0) / pbos.length;
    expect(mean).toBeGreaterThan(0.4);
    expect(mean).toBeLessThan(0.6);
    const edge = cscv(
      noise(1, 20, 480, (trial) => (trial === 7 ? 0.25 : 0)),
      16,
    );
    expect(edge.splits).toBe(12_870);
    expect(edge.pbo).toBeLessThan(0.02);
    expect(edge.dominance.secondOrder).toBe(true);
  });

  it('leaves out the oldest returns, takes the first of equals, and calls a half without variation 0', () => {
    const series = [Float64Array.of(9, 0, 0, 0, 0), Float64Array.of(-9, 0, 0, 0, 0)];
    const found = cscv(series, 2);
    expect(found).toMatchObject({ observations: 4, splits: 2, pbo: 1, probabilityOfLoss: 0 });
    expect([...found.logits, ...found.inSample]).toEqual([0, 0, 0, 0]);
    expect(found.degradation).toEqual({ slope: 0, intercept: 0, rSquared: 0 });
  });

  it('refuses what it cannot split', () => {
    const one = new Float64Array(16);
    expect(() => cscv([one])).toThrow(/at least two trials/);
    expect(() => cscv([one, new Float64Array(15)])).toThrow(/same returns/);
    expect(() => cscv([one, one], 3)).toThrow(/even/);
    expect(() => cscv([one, one], 18)).toThrow(/18 blocks need at least 18 returns/);
  });
});

/** Every split by itself; the values out-of-sample of all trials that are best in-sample. */
function plainCscv(series: readonly Float64Array[], blocks: number) {
  const length = Math.floor(series[0]!.length / blocks);
  const from = series[0]!.length - length * blocks;
  const sharpe = (values: readonly number[]): number => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / (values.length - 1);
    return variance < 1e-12 ? 0 : mean / Math.sqrt(variance);
  };
  const halves = (chosen: readonly number[], next: number): number[][] => {
    if (chosen.length === blocks / 2) return [[...chosen]];
    return Array.from({ length: Math.max(0, blocks - next) }, (_, k) =>
      halves([...chosen, next + k], next + k + 1),
    ).flat();
  };
  return halves([], 0).map((half) => {
    const split = series.map((returns) => {
      const part = (isInside: boolean): number[] =>
        [...returns.slice(from)].filter((_, i) => half.includes(Math.floor(i / length)) === isInside);
      return { inside: sharpe(part(true)), outside: sharpe(part(false)) };
    });
    const inSample = Math.max(...split.map(({ inside }) => inside));
    const outOfSample = split.filter(({ inside }) => inside > inSample - 1e-9).map(({ outside }) => outside);
    return { inSample, outOfSample };
  });
}

describe('stochastic dominance', () => {
  it.each([
    { chosen: [1, 2, 3], all: [0, 1, 2], first: true, second: true },
    { chosen: [1, 1], all: [0, 2], first: false, second: true },
    { chosen: [0, 2], all: [1, 1], first: false, second: false },
    { chosen: [1, 2], all: [1, 2], first: true, second: true },
  ])('of $chosen over $all', ({ chosen, all, first, second }) => {
    expect(stochasticDominance(Float64Array.from(chosen), Float64Array.from(all))).toEqual({
      firstOrder: first,
      secondOrder: second,
    });
  });
});

describe.each(['reality_check_case_21', 'reality_check_case_23'])(
  'the reality check gives the figures of %s',
  (name) => {
    describeShared('on its resamples', `${folder}/${name}.json`, () => {
      const { d, bootstrap_indices, omega, result } = referenceJson<{
        d: number[][];
        bootstrap_indices: number[][];
        omega: number[];
        result: Record<string, number> & { reality_check: { statistic: number; p: number } };
      }>(`${folder}/${name}.json`);
      it('exactly', () => {
        const { whites, spa, deviations } = realityCheck(columns(d), { rows: bootstrap_indices });
        expect(whites.statistic).toBeCloseTo(result.reality_check.statistic, 12);
        expect(whites.p).toBe(result.reality_check.p);
        expect(spa.statistic).toBeCloseTo(result.spa_statistic!, 12);
        expect([spa.lower, spa.consistent, spa.upper]).toEqual([
          result.spa_p_lower,
          result.spa_p_consistent,
          result.spa_p_upper,
        ]);
        deviations.forEach((value, model) => {
          expect(value).toBeCloseTo(omega[model]!, 12);
        });
      });
    });
  },
);

describe('the reality check', () => {
  it('finds an edge, and seldom one in noise', () => {
    const source = { resamples: 200, blockLength: 1, seed: 1 };
    const found = Array.from({ length: 60 }, (_, seed) => realityCheck(noise(seed, 10, 400), source).spa.consistent);
    expect(found.filter((p) => p < 0.05).length).toBeLessThanOrEqual(8);
    const edge = realityCheck(
      noise(1, 10, 200, (trial) => (trial === 3 ? 0.4 : 0)),
      source,
    );
    expect(edge.spa.consistent).toBeLessThan(0.01);
    expect(edge.whites.p).toBeLessThan(0.01);
  });

  it('orders its three p-values, and repeats itself for a seed', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), (seed) => {
        const series = noise(seed, 4, 40, (trial) => (trial - 2) / 10);
        const source = { resamples: 20, blockLength: 2, seed };
        const { spa, whites } = realityCheck(series, source);
        expect(spa.lower).toBeLessThanOrEqual(spa.consistent);
        expect(spa.consistent).toBeLessThanOrEqual(spa.upper);
        expect(realityCheck(series, source).whites).toEqual(whites);
      }),
      { numRuns: 1000 },
    );
  });

  it('takes a model without variation for the benchmark, and refuses what it cannot test', () => {
    const flat = new Float64Array(10);
    const source = { resamples: 10, blockLength: 1, seed: 1 };
    expect(realityCheck([flat], source)).toMatchObject({ whites: { p: 1 }, spa: { consistent: 1 } });
    expect(() => realityCheck([], source)).toThrow(/at least one model/);
    expect(() => realityCheck([flat, new Float64Array(9)], source)).toThrow(/as many/);
  });
});

describe('haircuts', () => {
  it('of a hand case', () => {
    // Two trials over 101 returns, t of 3 and 2: p of 0.003408 and 0.048212.
    const cut = haircutSharpe([3 / Math.sqrt(101), 2 / Math.sqrt(101)], 0, 101);
    expect(cut.single).toBeCloseTo(0.003408, 5);
    expect(cut.bonferroni.p).toBeCloseTo(2 * cut.single, 12);
    expect(cut.holm.p).toBeCloseTo(2 * cut.single, 12);
    // c(2) = 1.5: 2 * 1.5 / 1.
    expect(cut.bhy.p).toBeCloseTo(3 * cut.single, 12);
    expect(cut.bonferroni.haircut).toBeGreaterThan(0);
    const second = haircutSharpe([3 / Math.sqrt(101), 2 / Math.sqrt(101)], 1, 101);
    expect(second.holm.p).toBeCloseTo(second.single, 12);
    expect(second.bhy.p).toBeCloseTo(1.5 * second.single, 12);
  });

  it('grow with the trials, keep p a probability, and Holm is never stricter than Bonferroni', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -0.3, max: 0.3, noNaN: true }), { minLength: 1, maxLength: 30 }),
        fc.nat(29),
        (sharpes, at) => {
          const chosen = at % sharpes.length;
          const { single, bonferroni, holm, bhy } = haircutSharpe(sharpes, chosen, 250);
          expect(holm.p).toBeLessThanOrEqual(bonferroni.p);
          for (const { p, haircut } of [bonferroni, holm, bhy]) {
            expect(p).toBeGreaterThanOrEqual(single);
            expect(p).toBeLessThanOrEqual(1);
            if (haircut !== undefined) expect(haircut).toBeGreaterThanOrEqual(0);
          }
          const more = haircutSharpe([...sharpes, 0], chosen, 250);
          expect(more.bonferroni.p).toBeGreaterThanOrEqual(bonferroni.p);
          expect(more.bhy.p).toBeGreaterThanOrEqual(bhy.p);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keep the digits of a p-value near 0, and count the trials that a pick stands for', () => {
    const strong = haircutSharpe([1, 0.02], 0, 250);
    expect(strong.single).toBeLessThan(1e-30);
    expect(strong.bonferroni.haircut).toBeGreaterThan(0.001);
    expect(strong.bonferroni.haircut).toBeLessThan(0.1);
    const picked = haircutSharpe([0.2, 0.1, 0], 0, 250, 30);
    expect(picked.bonferroni.p).toBeCloseTo(30 * picked.single, 12);
    expect(picked.holm.p).toBeCloseTo(30 * picked.single, 12);
    expect(picked.bhy.p).toBeGreaterThan(picked.holm.p);
  });

  it('leave nothing of a Sharpe ratio that many trials explain', () => {
    const { bonferroni } = haircutSharpe([0.05, ...new Array<number>(999).fill(0)], 0, 250);
    expect(bonferroni).toMatchObject({ p: 1, haircut: 1 });
    expect(bonferroni.sharpe).toBeCloseTo(0, 12);
    expect(haircutSharpe([-0.05], 0, 250).bonferroni.haircut).toBeUndefined();
  });
});

describe('the effective number of trials', () => {
  const independent = noise(3, 12, 300);
  const other = noise(4, 60, 300);

  it('counts families of like trials', () => {
    const families = other.map((own, k) => independent[k % 12]!.map((value, i) => value + 0.3 * own[i]!));
    expect(effectiveTrials(families)).toMatchObject({ count: 12, clusters: 12, looked: 60 });
  });

  it('is the number of trials where they have nothing in common', () => {
    expect(effectiveTrials(other)).toMatchObject({ count: 60, clusters: 60 });
    expect(effectiveTrials(other).silhouette).toBeLessThan(0.1);
  });

  it('scales up what it finds among many, and keeps trials that never vary together', () => {
    const own = noise(5, 1200, 60);
    const many = Array.from({ length: 1200 }, (_, k) =>
      independent[k % 3]!.slice(0, 60).map((value, i) => value + 0.3 * own[k]![i]!),
    );
    expect(effectiveTrials(many)).toMatchObject({ count: 6, clusters: 3, looked: 600 });
    const flat = [
      new Float64Array(50),
      new Float64Array(50),
      ...independent.slice(0, 2).map((each) => each.slice(0, 50)),
    ];
    expect(effectiveTrials(flat).looked).toBe(4);
  });
});
