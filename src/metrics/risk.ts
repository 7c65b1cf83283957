import { assertNumber } from '../core/assert.js';
import { log, pow } from '../core/elementary.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { quantile, sorted } from './quantile.js';
import { DEVIATION_MIN, momentsOf } from './ratios.js';
import { assertAnnualization, finite } from './returns.js';

/** Returns the yearly downside deviation: root of the mean square of the losses over all returns, times the root of `annualization`; undefined without returns. */
export function downsideRisk(returns: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  return returns.length === 0 ? undefined : finite(Math.sqrt(momentsOf(returns).downside * annualization));
}

/**
 * Returns the sum of the returns above a threshold over the sum of those below it, each measured from it (Keating and
 * Shadwick 2002). Undefined below two returns or without a return below the threshold.
 *
 * @param threshold return of one period. @defaultValue 0
 */
export function omegaRatio(returns: ReadonlyFloat64Array, threshold = 0): number | undefined {
  if (returns.length < 2) return undefined;
  let gains = 0;
  let losses = 0;
  for (let i = 0; i < returns.length; i++) {
    const over = returns[i]! - threshold;
    if (over > 0) gains += over;
    else losses -= over;
  }
  return losses > 0 ? finite(gains / losses) : undefined;
}

/** Returns the return of one period that compounds to a yearly one; undefined at -1 and below. */
export function periodReturn(yearly: number, annualization: number): number | undefined {
  assertAnnualization(annualization);
  return yearly > -1 ? finite(pow(1 + yearly, 1 / annualization) - 1) : undefined;
}

/** Returns the return that a share `cutoff` of the returns fall below, mostly negative: historical value at risk. Undefined without returns, or where one is NaN. @param cutoff 0 to 1. @defaultValue 0.05 */
export const valueAtRisk = (returns: ReadonlyFloat64Array, cutoff = 0.05): number | undefined =>
  valueAtRiskOf(sorted(returns), cutoff);

/** {@link valueAtRisk} of returns in ascending order, NaN last. */
export function valueAtRiskOf(ascending: ReadonlyFloat64Array, cutoff = 0.05): number | undefined {
  assertNumber('cutoff', cutoff, { min: 0, max: 1 });
  return isKnown(ascending) ? finite(quantile(ascending, cutoff)) : undefined;
}

/** Returns the mean of the worst returns, `floor((n - 1) * cutoff) + 1` of them: expected shortfall. Undefined without returns, or where one is NaN. @param cutoff 0 to 1. @defaultValue 0.05 */
export const conditionalValueAtRisk = (returns: ReadonlyFloat64Array, cutoff = 0.05): number | undefined =>
  conditionalValueAtRiskOf(sorted(returns), cutoff);

/** {@link conditionalValueAtRisk} of returns in ascending order, NaN last. */
export function conditionalValueAtRiskOf(ascending: ReadonlyFloat64Array, cutoff = 0.05): number | undefined {
  assertNumber('cutoff', cutoff, { min: 0, max: 1 });
  if (!isKnown(ascending)) return undefined;
  const count = Math.floor((ascending.length - 1) * cutoff) + 1;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += ascending[i]!;
  return finite(sum / count);
}

/** Returns the size of the 95th percentile of returns over that of the 5th; undefined without returns, where one is NaN, or where the 5th is 0. */
export const tailRatio = (returns: ReadonlyFloat64Array): number | undefined => tailRatioOf(sorted(returns));

/** {@link tailRatio} of returns in ascending order, NaN last. */
export function tailRatioOf(ascending: ReadonlyFloat64Array): number | undefined {
  if (!isKnown(ascending)) return undefined;
  const low = Math.abs(quantile(ascending, 0.05));
  return low === 0 ? undefined : finite(Math.abs(quantile(ascending, 0.95)) / low);
}

/**
 * Returns the share of the variance of the compounded log return that a straight line over time explains, 0 to 1.
 * Undefined below two returns, at a loss of everything, or where nothing varies.
 */
export function stability(returns: ReadonlyFloat64Array): number | undefined {
  const { length } = returns;
  if (length < 2) return undefined;
  const path = new Float64Array(length);
  let sum = 0;
  let total = 0;
  for (let i = 0; i < length; i++) {
    if (!(returns[i]! > -1)) return undefined;
    sum += log(1 + returns[i]!);
    path[i] = sum;
    total += sum;
  }
  const middle = (length - 1) / 2;
  const mean = total / length;
  let cross = 0;
  let squares = 0;
  let rows = 0;
  for (let i = 0; i < length; i++) {
    cross += (i - middle) * (path[i]! - mean);
    squares += (path[i]! - mean) ** 2;
    rows += (i - middle) ** 2;
  }
  return Math.sqrt(squares / length) < DEVIATION_MIN ? undefined : finite((cross * cross) / (rows * squares));
}

/** Whether values in ascending order are any, and all numbers. */
const isKnown = (ascending: ReadonlyFloat64Array): boolean =>
  ascending.length > 0 && !Number.isNaN(ascending[ascending.length - 1]!);
