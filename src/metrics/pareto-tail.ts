import { assertNumber } from '../core/assert.js';
import { log, pow } from '../core/elementary.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { hasNaN } from './returns.js';
import { minimize2 } from './simplex.js';

/** A generalised Pareto distribution fitted to the losses at and beyond a threshold, and what it says of risk. */
export interface ParetoTail {
  /** A loss, positive. */
  readonly threshold: number;
  readonly scale: number;
  /** Above 0: the tail is fat. */
  readonly shape: number;
  /** The loss that is exceeded with the given probability, positive. */
  readonly valueAtRisk: number;
  /** The mean loss beyond it. */
  readonly expectedShortfall: number;
}

const THRESHOLD_FIRST = 0.2;
const THRESHOLD_MIN = 1e-9;
const START = [1, 1] as const;

/**
 * Fits a generalised Pareto distribution to the losses among returns by maximum likelihood (McNeil and Frey 2000, as
 * empyrical computes it): from a threshold of 20 % down by halves, until a fit has a fat tail and a positive value at risk.
 * Undefined where none has, which includes returns without losses, and where a return is NaN.
 *
 * @param probability of the value at risk, 0 to 1, exclusive. @defaultValue 0.01
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` for another probability
 */
export function paretoTail(returns: ReadonlyFloat64Array, probability = 0.01): ParetoTail | undefined {
  assertNumber('probability', probability, { above: 0, below: 1 });
  if (hasNaN(returns)) return undefined;
  const losses = Float64Array.from(returns, (value) => -value).filter((loss) => loss > 0);
  for (let threshold = THRESHOLD_FIRST; threshold > THRESHOLD_MIN; threshold /= 2) {
    const beyond = losses.filter((loss) => loss >= threshold);
    const fit =
      beyond.length === 0 ? undefined : minimize2((scale, shape) => unlikeliness(beyond, scale, shape), START);
    if (fit === undefined) continue;
    const [scale, shape] = fit;
    if (!(shape > 0)) continue;
    const exceeded = (losses.length / beyond.length) * probability;
    const risk = threshold + (scale / shape) * (pow(exceeded, -shape) - 1);
    if (!(risk > 0) || shape === 1) continue;
    return {
      threshold,
      scale,
      shape,
      valueAtRisk: risk,
      expectedShortfall: risk / (1 - shape) + (scale - shape * threshold) / (1 - shape),
    };
  }
  return undefined;
}

/** Negative log likelihood; as large as a number gets where the parameters make no distribution of losses. */
function unlikeliness(losses: Float64Array, scale: number, shape: number): number {
  if (!(scale > 0 && shape >= 0)) return Number.MAX_VALUE;
  let sum = 0;
  if (shape === 0) {
    for (let i = 0; i < losses.length; i++) sum += losses[i]!;
    return losses.length * log(scale) + sum / scale;
  }
  for (let i = 0; i < losses.length; i++) sum += log((shape / scale) * losses[i]! + 1);
  return losses.length * log(scale) + (1 / shape + 1) * sum;
}
