import { assertNumber } from '../../core/assert.js';
import { normalQuantile } from '../../core/normal.js';
import { probabilisticSharpe } from './probabilistic-sharpe.js';
import type { SharpeSample } from './sharpe-sample.js';

const EULER_GAMMA = 0.5772156649015329;

/**
 * Returns about how large the largest of so many independent standard normal values is expected to be (Bailey and López de Prado 2014):
 * `(1 - g) Z(1 - 1 / n) + g Z(1 - 1 / (n e))` with Euler's g. 0 for one trial, which is not chosen from anything.
 *
 * @param trials at least 1; groups of trials may be a fraction
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE`
 */
export function expectedMaximum(trials: number): number {
  assertNumber('trials', trials, { min: 1 });
  if (trials === 1) return 0;
  const first = normalQuantile(1 - 1 / trials);
  const second = normalQuantile(1 - 1 / (trials * Math.E));
  return Math.max(0, (1 - EULER_GAMMA) * first + EULER_GAMMA * second);
}

/**
 * Returns the Sharpe ratio that the best of so many trials without any skill is expected to show, per observation.
 *
 * @param variance of the trials' Sharpe ratios, per observation, at least 0
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE`
 */
export function expectedMaximumSharpe(variance: number, trials: number): number {
  assertNumber('variance', variance, { min: 0 });
  return Math.sqrt(variance) * expectedMaximum(trials);
}

/**
 * Returns the deflated Sharpe ratio: the probability that the true Sharpe ratio of the best of many trials lies above what the best of as
 * many without skill would show (Bailey and López de Prado 2014, The Deflated Sharpe Ratio). The more trials, and the more they differ,
 * the lower.
 *
 * @param variance of the trials' Sharpe ratios, per observation: never of annual ones
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE`, `NOT_AN_INTEGER` for an impossible sample, variance or count
 */
export const deflatedSharpe = (sample: SharpeSample, variance: number, trials: number): number =>
  probabilisticSharpe(sample, expectedMaximumSharpe(variance, trials));

/** Returns the sample variance (ddof 1) of values; 0 below two of them. */
export function varianceOf(values: ArrayLike<number>): number {
  const { length } = values;
  if (length < 2) return 0;
  let mean = 0;
  for (let i = 0; i < length; i++) mean += values[i]! / length;
  let squares = 0;
  for (let i = 0; i < length; i++) squares += (values[i]! - mean) ** 2;
  return squares / (length - 1);
}
