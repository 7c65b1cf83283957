import { assertInteger, assertNumber } from '../../core/assert.js';
import { normalCdf, normalQuantile } from '../../core/normal.js';
import type { SharpeSample } from './sharpe-sample.js';

/**
 * Returns the probability that the true Sharpe ratio lies above a benchmark's, given the one that was measured (Bailey and López de Prado
 * 2012, The Sharpe Ratio Efficient Frontier): `Z((SR - SR0) sqrt(T - 1) / sqrt(1 - skew SR + (kurtosis - 1) / 4 SR ** 2))`.
 *
 * @param benchmark per observation, as the sample's own. @defaultValue 0
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE`, `NOT_AN_INTEGER` for a sample that no returns have, and a benchmark that is no number
 */
export function probabilisticSharpe(sample: SharpeSample, benchmark = 0): number {
  checkSample(sample);
  assertNumber('benchmark', benchmark);
  const { sharpe, observations } = sample;
  return normalCdf(((sharpe - benchmark) * Math.sqrt(observations - 1)) / Math.sqrt(spreadOf(sample)));
}

/**
 * Returns how many observations a Sharpe ratio like the measured one needs, to be above a benchmark's with a given confidence:
 * `1 + (1 - skew SR + (kurtosis - 1) / 4 SR ** 2) (z / (SR - SR0)) ** 2`, of the same paper. Undefined where it is not above the
 * benchmark, for then no record is long enough.
 *
 * @param confidence 0.5 to 1, exclusive. @defaultValue 0.95
 * @throws UsageError as {@link probabilisticSharpe}
 */
export function minimumTrackRecord(sample: SharpeSample, benchmark = 0, confidence = 0.95): number | undefined {
  checkSample(sample);
  assertNumber('benchmark', benchmark);
  assertNumber('confidence', confidence, { above: 0.5, below: 1 });
  const above = sample.sharpe - benchmark;
  if (above <= 0) return undefined;
  const z = normalQuantile(confidence) / above;
  return 1 + spreadOf(sample) * z * z;
}

/** How far a kurtosis that was computed in doubles may lie below its bound, as a share. */
const ROUNDING = 1e-6;

/** Variance of a Sharpe ratio's estimate, times observations less one (Mertens 2002). */
const spreadOf = ({ sharpe, skewness, kurtosis }: Omit<SharpeSample, 'observations'>): number =>
  1 - skewness * sharpe + ((kurtosis - 1) / 4) * sharpe * sharpe;

function checkSample({ sharpe, observations, skewness, kurtosis }: SharpeSample): void {
  assertInteger('observations', observations, { min: 2 });
  assertNumber('sharpe', sharpe);
  assertNumber('skewness', skewness);
  // No distribution has less than 1 + skewness ** 2, but for rounding.
  assertNumber('kurtosis', kurtosis, { min: (1 + skewness * skewness) * (1 - ROUNDING) });
}
