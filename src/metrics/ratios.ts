import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { maxDrawdown } from './drawdown.js';
import { annualRate, assertAnnualization, compounded, finite } from './returns.js';

/**
 * A deviation of returns below this is rounding: the quotient of two doubles near each other is off by some 1e-16, so an
 * account that grows by the same rate every bar seems to vary that much.
 */
export const DEVIATION_MIN = 1e-14;

/** Mean of returns, their sample variance (ddof 1), and the mean of the squares of the negative ones. */
export interface Moments {
  readonly mean: number;
  readonly variance: number;
  readonly downside: number;
}

/** Returns the moments of at least two returns, in two passes. */
export function momentsOf(returns: ReadonlyFloat64Array): Moments {
  const { length } = returns;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += returns[i]!;
  const mean = sum / length;
  let squares = 0;
  let rest = 0;
  let downside = 0;
  for (let i = 0; i < length; i++) {
    const deviation = returns[i]! - mean;
    squares += deviation * deviation;
    rest += deviation;
    const loss = Math.min(returns[i]!, 0);
    downside += loss * loss;
  }
  // What the rounding of the mean left over is taken out again (the corrected two-pass formula).
  return { mean, variance: (squares - (rest * rest) / length) / (length - 1), downside: downside / length };
}

/** Returns the yearly deviation of returns, sample (ddof 1) times the root of `annualization` periods a year; undefined below two returns. */
export function annualVolatility(returns: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  return returns.length < 2 ? undefined : volatilityOf(momentsOf(returns), annualization);
}

/** Returns mean over sample deviation of returns, times the root of `annualization`; undefined below two returns or where they do not vary. */
export function sharpeRatio(returns: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  return returns.length < 2 ? undefined : sharpeOf(momentsOf(returns), annualization);
}

/**
 * Returns the yearly mean return over the yearly downside deviation, whose squares are averaged over all returns, gains
 * counting as 0 (Sortino and Price 1994, as empyrical computes it). Undefined below two returns or without a loss.
 */
export function sortinoRatio(returns: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  return returns.length < 2 ? undefined : sortinoOf(momentsOf(returns), annualization);
}

/** Returns the annual return over the maximum drawdown of compounded returns; undefined below two returns or without a fall. */
export function calmarRatio(returns: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  if (returns.length < 2) return undefined;
  const values = compounded(returns);
  const deepest = maxDrawdown(values, 1);
  return deepest === undefined
    ? undefined
    : calmarOf(annualRate(values.at(-1)!, returns.length, annualization), deepest);
}

export const volatilityOf = ({ variance }: Moments, annualization: number): number | undefined => {
  const deviation = Math.sqrt(variance);
  return deviation < DEVIATION_MIN ? 0 : finite(deviation * Math.sqrt(annualization));
};

export const sharpeOf = ({ mean, variance }: Moments, annualization: number): number | undefined => {
  const deviation = Math.sqrt(variance);
  return deviation < DEVIATION_MIN ? undefined : finite((mean / deviation) * Math.sqrt(annualization));
};

export const sortinoOf = ({ mean, downside }: Moments, annualization: number): number | undefined => {
  const deviation = Math.sqrt(downside);
  return deviation < DEVIATION_MIN ? undefined : finite((mean / deviation) * Math.sqrt(annualization));
};

export const calmarOf = (annualReturn: number | undefined, deepest: number): number | undefined =>
  annualReturn === undefined || deepest === 0 ? undefined : finite(annualReturn / deepest);
