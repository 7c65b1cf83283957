/**
 * The standard normal distribution, right to some units in the last place over all of its range, tails included.
 *
 * Methods: the series of Marsaglia (2004, Evaluating the normal distribution) near the middle, Laplace's continued fraction of
 * Mills' ratio in the tails, and Halley's iteration from formula 26.2.23 of Abramowitz and Stegun (1964) for quantiles.
 */
import { exp, log } from './elementary.js';

const ROOT_OF_TWO_PI = 2.5066282746310002;
/** From here on the continued fraction takes over: the series would cancel against 0.5. */
const TAIL_FROM = 2;

/** Returns the density at x. */
export function normalDensity(x: number): number {
  // The square is split so that its rounding does not grow in the exponent (Cody 1969).
  const head = Math.trunc(x * 16) / 16;
  const rest = (x - head) * (x + head);
  return (exp(-0.5 * head * head) * exp(-0.5 * rest)) / ROOT_OF_TWO_PI;
}

/** Returns the probability of a value of at most x. */
export const normalCdf = (x: number): number => normalTail(-x);

/** Returns the probability of a value above x: 1 - {@link normalCdf}, with full precision where that is near 0. */
export function normalTail(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < -TAIL_FROM) return 1 - upperTail(-x);
  return x > TAIL_FROM ? upperTail(x) : 0.5 - middle(x);
}

/** The probability between 0 and x, by x + x ** 3 / 3 + x ** 5 / (3 * 5) + ... times the density. */
function middle(x: number): number {
  const square = x * x;
  let term = x;
  let sum = x;
  for (let odd = 3; Math.abs(term) > Math.abs(sum) * 1e-17; odd += 2) {
    term *= square / odd;
    sum += term;
  }
  return sum * normalDensity(x);
}

const upperTail = (x: number): number => (x > 40 ? 0 : normalDensity(x) * millsRatio(x));

/**
 * Returns Mills' ratio for x above 2, {@link normalTail} by {@link normalDensity}: 1 / (x + 1 / (x + 2 / (x + 3 / (x + ...)))), evaluated
 * backwards from a depth that is enough for every such x.
 */
export function millsRatio(x: number): number {
  let fraction = x;
  for (let level = Math.ceil(12 + 760 / (x * x)); level >= 1; level--) fraction = x + level / fraction;
  return 1 / fraction;
}

/** Returns the value that a probability lies below; -Infinity at 0, Infinity at 1, NaN outside. */
export function normalQuantile(probability: number): number {
  if (!(probability >= 0 && probability <= 1)) return Number.NaN;
  return probability < 0.5 ? -quantileOfTail(probability) : quantileOfTail(1 - probability);
}

/** The value above which a probability of at most 0.5 lies. */
function quantileOfTail(probability: number): number {
  if (probability === 0) return Number.POSITIVE_INFINITY;
  if (probability === 0.5) return 0;
  const t = Math.sqrt(-2 * log(probability));
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  for (let step = 0; step < 4; step++) {
    const error = (normalTail(x) - probability) / normalDensity(x);
    const change = error / (1 - 0.5 * x * error);
    x += change;
    if (Math.abs(change) < 1e-9) break;
  }
  return x;
}
