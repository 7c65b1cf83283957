import { assertFinite, assertInteger, assertNumber, assertOneOf } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { normalCdf, normalQuantile } from '../../core/normal.js';
import type { SeededRandom } from '../../core/random.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { quantile } from '../quantile.js';

/** How an interval is made. */
export interface BootstrapOptions {
  /** Where resamples come from. */
  readonly random: SeededRandom;
  /** @defaultValue 9,999 */
  readonly resamples?: number;
  /** 0 to 1, exclusive. @defaultValue 0.95 */
  readonly confidence?: number;
}

/** Returns the interval of the difference of two samples' means that resampling each gives (Efron 1979): low, high. */
export function differenceInterval(
  a: ReadonlyFloat64Array,
  b: ReadonlyFloat64Array,
  { random, resamples = 9999, confidence = 0.95 }: BootstrapOptions,
): readonly [number, number] {
  checkSetup({ a, b }, resamples, confidence);
  const differences = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) differences[k] = resampledMean(a, random) - resampledMean(b, random);
  differences.sort();
  return [quantile(differences, (1 - confidence) / 2), quantile(differences, (1 + confidence) / 2)];
}

/**
 * Returns the bias-corrected and accelerated interval of a sample's mean (Efron 1987): low, high. At least two values; where they do not
 * vary, both are their mean.
 *
 * @throws UsageError `SAMPLE_TOO_SMALL`, `NOT_A_NUMBER`, `OUT_OF_RANGE`
 */
export function meanBcaInterval(
  sample: ReadonlyFloat64Array,
  { random, resamples = 9999, confidence = 0.95 }: BootstrapOptions,
): readonly [number, number] {
  checkSetup({ sample }, resamples, confidence, 2);
  const means = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) means[k] = resampledMean(sample, random);
  means.sort();
  const own = meanOf(sample);
  if (means[0] === means[resamples - 1]) return [own, own];
  let below = 0;
  for (const mean of means) below += mean < own ? 1 : mean === own ? 0.5 : 0;
  const bias = normalQuantile(below / resamples);
  const acceleration = accelerationOf(sample, own);
  const bound = (share: number): number => {
    const z = bias + normalQuantile(share);
    return quantile(means, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return [bound((1 - confidence) / 2), bound((1 + confidence) / 2)];
}

/** A sixth of the skewness of the means that leave out one value each. */
function accelerationOf(sample: ReadonlyFloat64Array, mean: number): number {
  let [squares, cubes] = [0, 0];
  for (let i = 0; i < sample.length; i++) {
    // The mean without a value lies off by (mean - value) / (n - 1); the factor cancels.
    const deviation = sample[i]! - mean;
    squares += deviation * deviation;
    cubes += deviation * deviation * deviation;
  }
  return squares > 0 ? cubes / (6 * squares * Math.sqrt(squares)) : 0;
}

/**
 * Returns the interval of the ratio of two samples' medians, or means, that were measured in the same rounds, value k of either in round k:
 * a percentile bootstrap over rounds (Efron 1979), so that what made a round slow for both cancels.
 *
 * @param statistic what is divided
 * @throws UsageError `UNEQUAL_SERIES`, `SAMPLE_TOO_SMALL`, `NOT_A_NUMBER`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function ratioInterval(
  above: ReadonlyFloat64Array,
  below: ReadonlyFloat64Array,
  statistic: 'median' | 'mean',
  { random, resamples = 9999, confidence = 0.95 }: BootstrapOptions,
): readonly [number, number] {
  checkSetup({ above, below }, resamples, confidence);
  assertOneOf('statistic', statistic, ['median', 'mean']);
  const rounds = above.length;
  if (rounds !== below.length) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `A ratio by rounds needs samples of equal length, not ${rounds} and ${below.length}.`,
    });
  }
  const of = statistic === 'mean' ? meanOf : medianOf;
  const [drawnAbove, drawnBelow] = [new Float64Array(rounds), new Float64Array(rounds)];
  const ratios = new Float64Array(resamples);
  for (let k = 0; k < resamples; k++) {
    for (let i = 0; i < rounds; i++) {
      const round = random.int(0, rounds - 1);
      drawnAbove[i] = above[round]!;
      drawnBelow[i] = below[round]!;
    }
    ratios[k] = of(drawnAbove) / of(drawnBelow);
  }
  ratios.sort();
  return [quantile(ratios, (1 - confidence) / 2), quantile(ratios, (1 + confidence) / 2)];
}

function checkSetup(
  samples: Readonly<Record<string, ReadonlyFloat64Array>>,
  resamples: number,
  confidence: number,
  least = 1,
): void {
  assertInteger('resamples', resamples, { min: 1 });
  assertNumber('confidence', confidence, { above: 0, below: 1 });
  for (const [name, sample] of Object.entries(samples)) {
    assertFinite(name, sample);
    if (sample.length >= least) continue;
    throw new UsageError('SAMPLE_TOO_SMALL', {
      message: `${name} must hold at least ${least === 1 ? 'one value' : `${least} values`} to draw from, but holds ${sample.length}.`,
      details: { name },
    });
  }
}

const medianOf = (sample: Float64Array): number => quantile(sample.sort(), 0.5);

function resampledMean(sample: ReadonlyFloat64Array, random: SeededRandom): number {
  const last = sample.length - 1;
  let sum = 0;
  for (let i = 0; i <= last; i++) sum += sample[random.int(0, last)]!;
  return sum / (last + 1);
}

function meanOf(sample: ReadonlyFloat64Array): number {
  let sum = 0;
  for (let i = 0; i < sample.length; i++) sum += sample[i]!;
  return sum / sample.length;
}
