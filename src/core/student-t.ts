/**
 * Student's t distribution, for whole and broken degrees of freedom, by the regularised incomplete beta function.
 *
 * Methods: the continued fraction 8.17.22 of the NIST Handbook of Mathematical Functions (2010), evaluated as Lentz (1976) has it;
 * Stirling's series for the logarithm of the gamma function; Newton steps inside a bracket for quantiles.
 */
import { exp, log, pow } from './elementary.js';

/** B(2k) / (2k (2k - 1)): the coefficients of Stirling's series. */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360_360, 1 / 156];
const HALF_LOG_OF_TWO_PI = 0.9189385332046728;
const TINY = 1e-300;

/** Returns the probability of a t of at most `t`. @param degrees of freedom, above 0 */
export const studentCdf = (t: number, degrees: number): number => studentTail(-t, degrees);

/** Returns the probability of a t above `t`, with full precision where it is near 0. @param degrees of freedom, above 0 */
export function studentTail(t: number, degrees: number): number {
  if (Number.isNaN(t)) return t;
  const square = t * t;
  const beyond = incompleteBeta(degrees / 2, 0.5, degrees / (degrees + square), square / (degrees + square));
  return t > 0 ? beyond / 2 : 1 - beyond / 2;
}

/** Returns the t that a probability lies below; NaN outside of 0 to 1. @param degrees of freedom, above 0 */
export function studentQuantile(probability: number, degrees: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  return probability < 0.5 ? -quantileOfTail(probability, degrees) : quantileOfTail(1 - probability, degrees);
}

function quantileOfTail(probability: number, degrees: number): number {
  if (probability === 0) return Number.POSITIVE_INFINITY;
  if (probability === 0.5) return 0;
  let low = 0;
  let high = 1;
  while (studentTail(high, degrees) > probability) {
    low = high;
    high *= 2;
  }
  let t = (low + high) / 2;
  for (let step = 0; step < 200; step++) {
    const excess = studentTail(t, degrees) - probability;
    if (excess > 0) low = t;
    else high = t;
    const next = t + excess / studentDensity(t, degrees);
    const inside = next > low && next < high ? next : (low + high) / 2;
    const isNear = Math.abs(inside - t) <= Math.abs(t) * 2e-16;
    t = inside;
    if (isNear || high - low <= high * 2e-16) break;
  }
  return t;
}

const studentDensity = (t: number, degrees: number): number =>
  pow(1 + (t * t) / degrees, -(degrees + 1) / 2) / (Math.sqrt(degrees) * exp(logBeta(0.5, degrees / 2)));

/** Returns I_x(a, b), where `rest` is 1 - x, given apart so that it loses no digit. */
function incompleteBeta(a: number, b: number, x: number, rest: number): number {
  if (x <= 0 || rest <= 0) return x <= 0 ? 0 : 1;
  const scale = exp(a * log(x) + b * log(rest) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? (scale * betaFraction(a, b, x)) / a : 1 - (scale * betaFraction(b, a, rest)) / b;
}

function betaFraction(a: number, b: number, x: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 10_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value;
}

const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

const logBeta = (a: number, b: number): number => logGamma(a) + logGamma(b) - logGamma(a + b);

/** Returns the natural logarithm of the gamma function of x above 0. */
function logGamma(x: number): number {
  let shift = 1;
  let at = x;
  // The series wants large arguments: gamma(x) = gamma(x + n) / (x (x + 1) ... (x + n - 1)).
  for (; at < 12; at++) shift *= at;
  const inverse = 1 / at;
  const square = inverse * inverse;
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k--) series = series * square + STIRLING[k]!;
  return (at - 0.5) * log(at) - at + HALF_LOG_OF_TWO_PI + series * inverse - log(shift);
}
