import { assertOneOf, assertSameLength } from '../core/assert.js';
import { pow } from '../core/elementary.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { DEVIATION_MIN, momentsOf } from './ratios.js';
import { annualRate, assertAnnualization, compounded, finite, hasNaN } from './returns.js';

/** Variance of a benchmark below this is none. */
const VARIANCE_MIN = 1e-30;

/** A strategy against its market. */
export interface AlphaBeta {
  /** Yearly. */
  readonly alpha: number | undefined;
  readonly beta: number | undefined;
}

type Pairs = readonly [returns: Float64Array, benchmark: Float64Array];

/**
 * Returns the slope of returns over those of a benchmark, row by row: covariance over the benchmark's variance.
 * Undefined below two pairs or where the benchmark does not vary.
 */
export function beta(returns: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array): number | undefined {
  const length = pairsOf(returns, benchmark);
  if (length < 2) return undefined;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += benchmark[i]!;
  const mean = sum / length;
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < length; i++) {
    const residual = benchmark[i]! - mean;
    covariance += residual * returns[i]!;
    variance += residual * residual;
  }
  return variance / length < VARIANCE_MIN ? undefined : finite(covariance / variance);
}

/**
 * Returns beta, and alpha: the mean of `return - beta * benchmark`, compounded over a year. For a risk-free rate
 * subtract it from both series. Undefined where beta is.
 */
export function alphaBeta(
  returns: ReadonlyFloat64Array,
  benchmark: ReadonlyFloat64Array,
  annualization: number,
): AlphaBeta {
  assertAnnualization(annualization);
  const slope = beta(returns, benchmark);
  if (slope === undefined) return { alpha: undefined, beta: undefined };
  let sum = 0;
  for (let i = 0; i < returns.length; i++) sum += returns[i]! - slope * benchmark[i]!;
  const growth = 1 + sum / returns.length;
  return { alpha: growth >= 0 ? finite(pow(growth, annualization) - 1) : undefined, beta: slope };
}

/** Returns the pairs of rows in which the benchmark rose (`up`) or fell (`down`), in order. */
export function marketSide(returns: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array, side: 'up' | 'down'): Pairs {
  pairsOf(returns, benchmark);
  assertOneOf('side', side, ['up', 'down']);
  const chosen = (_: number, row: number): boolean => (side === 'up' ? benchmark[row]! > 0 : benchmark[row]! < 0);
  return [Float64Array.from(returns).filter(chosen), Float64Array.from(benchmark).filter(chosen)];
}

/** Returns the annual return over that of the benchmark; undefined without returns, where the benchmark's is 0, or where one is NaN. */
export function captureRatio(
  returns: ReadonlyFloat64Array,
  benchmark: ReadonlyFloat64Array,
  annualization: number,
): number | undefined {
  assertAnnualization(annualization);
  if (pairsOf(returns, benchmark) === 0) return undefined;
  const own = yearly(returns, annualization);
  const others = yearly(benchmark, annualization);
  return own === undefined || others === undefined || others === 0 ? undefined : finite(own / others);
}

/** Returns the {@link captureRatio} of rising markets over that of falling ones; undefined where a row of the benchmark is NaN, which is neither. */
export function upDownCapture(
  returns: ReadonlyFloat64Array,
  benchmark: ReadonlyFloat64Array,
  annualization: number,
): number | undefined {
  if (hasNaN(benchmark)) return undefined;
  const up = captureRatio(...marketSide(returns, benchmark, 'up'), annualization);
  const down = captureRatio(...marketSide(returns, benchmark, 'down'), annualization);
  return up === undefined || down === undefined || down === 0 ? undefined : finite(up / down);
}

/**
 * Returns mean over sample deviation of the returns beyond the benchmark's, per period: the information ratio.
 * Undefined below two pairs or where the difference does not vary.
 */
export function informationRatio(returns: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array): number | undefined {
  if (pairsOf(returns, benchmark) < 2) return undefined;
  const { mean, variance } = momentsOf(Float64Array.from(returns, (value, row) => value - benchmark[row]!));
  const deviation = Math.sqrt(variance);
  return deviation < DEVIATION_MIN ? undefined : finite(mean / deviation);
}

/**
 * Returns how much more extreme markets cost than the average of them, from the pairs of lowest, middle and highest
 * benchmark return (Taleb, Canetti, Kinda, Loukoianova and Schmieder 2012). Negative is fragile. Undefined below three pairs, and where a return is NaN.
 */
export function betaFragility(returns: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array): number | undefined {
  const length = pairsOf(returns, benchmark);
  if (length < 3 || hasNaN(returns) || hasNaN(benchmark)) return undefined;
  const order = Array.from({ length }, (_, row) => row).sort((a, b) => benchmark[a]! - benchmark[b]! || a - b);
  // The middle is rounded half to even, which decides for odd numbers of pairs.
  const half = Math.floor(length / 2);
  const [low, middle, high] = [order[0]!, order[length % 2 === 1 && half % 2 === 1 ? half + 1 : half]!, order.at(-1)!];
  const range = benchmark[high]! - benchmark[low]!;
  const lowWeight = range === 0 ? 0.5 : (benchmark[middle]! - benchmark[low]!) / range;
  const highWeight = range === 0 ? 0.5 : (benchmark[high]! - benchmark[middle]!) / range;
  return finite(lowWeight * returns[low]! + highWeight * returns[high]! - returns[middle]!);
}

const yearly = (returns: ReadonlyFloat64Array, annualization: number): number | undefined =>
  returns.length === 0 ? undefined : annualRate(compounded(returns).at(-1)!, returns.length, annualization);

/** How many pairs of rows there are. Throws UsageError `UNEQUAL_SERIES`. */
function pairsOf(returns: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array): number {
  assertSameLength({ benchmark, returns });
  return returns.length;
}
