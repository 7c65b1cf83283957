import { log } from '../../core/elementary.js';
import { millsRatio, normalCdf, normalDensity } from '../../core/normal.js';

const LOG_ROOT_TAU = 0.9189385332046728;
/** From here down, the closed form would subtract nearly equal numbers, and underflow in the end. */
const TAIL = -2.5;

/**
 * Returns the logarithm of the improvement that is expected of a normal value, per deviation, where `z` is how many deviations its mean
 * lies above what is to be beaten: log(phi(z) + z Phi(z)) (Mockus 1978; in logarithms Ament et al. 2023). Finite for any finite z.
 */
export function logImprovement(z: number): number {
  if (z > TAIL) return log(normalDensity(z) + z * normalCdf(z));
  return -0.5 * z * z - LOG_ROOT_TAU + log(tailFactor(-z));
}

/** Returns the derivative of {@link logImprovement}. */
export function logImprovementSlope(z: number): number {
  if (z > TAIL) {
    const below = normalCdf(z);
    return below / (normalDensity(z) + z * below);
  }
  return millsRatio(-z) / tailFactor(-z);
}

/** 1 - t M(t) with Mills' ratio M: near 1 / t ** 2, which is all that is left of it in doubles when t is large. */
const tailFactor = (t: number): number => (t > 1e5 ? 1 / (t * t) : 1 - t * millsRatio(t));
