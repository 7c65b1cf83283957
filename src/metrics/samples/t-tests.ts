import { assertFinite, assertNumber } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { studentQuantile, studentTail } from '../../core/student-t.js';
import { momentsOf } from '../ratios.js';

/** A test of two samples' means by Student's t. */
export interface TTest {
  readonly t: number;
  readonly degrees: number;
  /** Probability of a difference at least as large, either way, where there is none. */
  readonly p: number;
  /** The same of the first being the larger one. */
  readonly pGreater: number;
  /** Mean of the first less that of the second. */
  readonly difference: number;
  /** Where the true difference lies with 95 % confidence: low, high. */
  readonly interval: readonly [number, number];
}

/** Returns the bounds of a sample's true mean (Student 1908). @param confidence 0 to 1, exclusive. @defaultValue 0.95 */
export function meanInterval(sample: ReadonlyFloat64Array, confidence = 0.95): readonly [number, number] {
  assertNumber('confidence', confidence, { above: 0, below: 1 });
  const { mean, variance } = momentsOf(atLeastTwo(sample));
  const reach = studentQuantile(1 - (1 - confidence) / 2, sample.length - 1) * Math.sqrt(variance / sample.length);
  return [mean - reach, mean + reach];
}

/** Compares the means of two samples whose variances may differ (Welch 1947). Each holds at least two values. */
export function welchTest(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): TTest {
  const [first, second] = [momentsOf(atLeastTwo(a)), momentsOf(atLeastTwo(b))];
  const [shareA, shareB] = [first.variance / a.length, second.variance / b.length];
  const squared = shareA + shareB;
  const degrees = (squared * squared) / (shareA ** 2 / (a.length - 1) + shareB ** 2 / (b.length - 1));
  return tTest(first.mean - second.mean, Math.sqrt(squared), degrees);
}

/** Compares the means of two samples of one variance, which is pooled. Each holds at least two values. */
export function pooledTest(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): TTest {
  const difference = momentsOf(atLeastTwo(a)).mean - momentsOf(atLeastTwo(b)).mean;
  return tTest(difference, pooledDeviation(a, b) * Math.sqrt(1 / a.length + 1 / b.length), a.length + b.length - 2);
}

/** Compares two samples pair by pair: they are of equal length, at least two. */
export function pairedTest(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): TTest {
  if (a.length !== b.length) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `A paired test needs samples of equal length, not ${a.length} and ${b.length}.`,
    });
  }
  const { mean, variance } = momentsOf(atLeastTwo(Float64Array.from(a, (value, i) => value - b[i]!)));
  return tTest(mean, Math.sqrt(variance / a.length), a.length - 1);
}

/** Returns the difference of two samples' means in units of their pooled deviation (Cohen's d). */
export const cohensD = (a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): number =>
  (momentsOf(atLeastTwo(a)).mean - momentsOf(atLeastTwo(b)).mean) / pooledDeviation(a, b);

function pooledDeviation(a: ReadonlyFloat64Array, b: ReadonlyFloat64Array): number {
  const squares = momentsOf(a).variance * (a.length - 1) + momentsOf(b).variance * (b.length - 1);
  return Math.sqrt(squares / (a.length + b.length - 2));
}

function tTest(difference: number, error: number, degrees: number): TTest {
  const t = difference / error;
  const reach = studentQuantile(0.975, degrees) * error;
  return {
    t,
    degrees,
    p: Math.min(1, 2 * studentTail(Math.abs(t), degrees)),
    pGreater: studentTail(t, degrees),
    difference,
    interval: [difference - reach, difference + reach],
  };
}

function atLeastTwo(sample: ReadonlyFloat64Array): ReadonlyFloat64Array {
  assertFinite('a sample', sample);
  if (sample.length >= 2) return sample;
  throw new UsageError('SAMPLE_TOO_SMALL', {
    message: `A test of means needs at least two values in each sample, not ${sample.length}.`,
  });
}
