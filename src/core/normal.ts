/** The standard normal law, from exp and log of our own: the same bits everywhere. */
import { exp, log } from './elementary.js';

const INVERSE_ROOT_TAU = 0.3989422804014327;
/** Up to here the series converges fast and loses no digit that matters; beyond, the continued fraction does. */
const SERIES_LIMIT = 2.5;

/** Returns the density at x. */
export const normalDensity = (x: number): number => INVERSE_ROOT_TAU * exp(-0.5 * x * x);

/**
 * Returns the probability of a value of at most x, to about 1e-15 and relatively to 1e-13 in the lower tail.
 * The series of Marsaglia (2004) near the middle, Laplace's continued fraction in the tails.
 */
export function normalCdf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < -SERIES_LIMIT) return lowerTail(-x);
  if (x > SERIES_LIMIT) return 1 - lowerTail(x);
  const square = x * x;
  let term = x;
  let sum = x;
  for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
    term *= square / n;
    sum += term;
  }
  return 0.5 + sum * normalDensity(x);
}

/**
 * Returns Mills' ratio (1 - Phi(x)) / phi(x) for x above 2.5: 1 / (x + 1 / (x + 2 / (x + 3 / (x + ...)))), evaluated backwards from a
 * depth that is enough for every such x.
 */
export function millsRatio(x: number): number {
  let rest = x;
  for (let n = Math.ceil(12 + 560 / (x * x)); n >= 1; n--) rest = x + n / rest;
  return 1 / rest;
}

const lowerTail = (x: number): number => (x === Number.POSITIVE_INFINITY ? 0 : normalDensity(x) * millsRatio(x));

/** Returns the value that a share `p` of the law lies below; -Infinity at 0, Infinity at 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? Number.NEGATIVE_INFINITY : p === 1 ? Number.POSITIVE_INFINITY : Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  // Hastings' approximation (1955), good to 3e-3, then Halley's steps, each of which triples the digits.
  const t = Math.sqrt(-2 * log(p));
  let x = -(t - (2.30753 + 0.27061 * t) / (1 + t * (0.99229 + 0.04481 * t)));
  for (let step = 0; step < 3; step++) {
    const density = normalDensity(x);
    if (density === 0) break;
    const error = (normalCdf(x) - p) / density;
    x -= error / (1 + 0.5 * error * x);
  }
  return x;
}
