import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { DEVIATION_MIN, momentsOf } from '../../metrics/ratios.js';

/** A Sharpe ratio as a sample statistic: what its own uncertainty depends on. Everything is per observation, nothing per year. */
export interface SharpeSample {
  /** Mean over sample deviation (ddof 1) of the returns. */
  readonly sharpe: number;
  /** Returns that it was taken over, at least 2. */
  readonly observations: number;
  /** Third standardised moment; 0 for a normal distribution. */
  readonly skewness: number;
  /** Fourth standardised moment, not in excess: 3 for a normal distribution. */
  readonly kurtosis: number;
}

/**
 * Returns the Sharpe ratio of returns per observation with their skewness and kurtosis, both of the population (divided by n). Undefined
 * below two returns, where they do not vary, or where one is no finite number.
 */
export function sharpeSample(returns: ReadonlyFloat64Array): SharpeSample | undefined {
  const { length } = returns;
  if (length < 2) return undefined;
  const { mean, variance } = momentsOf(returns);
  if (!(Math.sqrt(variance) >= DEVIATION_MIN)) return undefined;
  let [second, third, fourth] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const deviation = returns[i]! - mean;
    const square = deviation * deviation;
    second += square;
    third += square * deviation;
    fourth += square * square;
  }
  second /= length;
  return {
    sharpe: mean / Math.sqrt(variance),
    observations: length,
    skewness: third / length / (second * Math.sqrt(second)),
    kurtosis: fourth / length / (second * second),
  };
}
