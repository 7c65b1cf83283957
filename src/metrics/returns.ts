import { assertNumber } from '../core/assert.js';
import { pow } from '../core/elementary.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/** Returns the simple returns of values, `values[i] / values[i - 1] - 1`: one fewer than there are values. */
export function simpleReturns(values: ReadonlyFloat64Array): Float64Array {
  const returns = new Float64Array(Math.max(0, values.length - 1));
  for (let i = 0; i < returns.length; i++) returns[i] = values[i + 1]! / values[i]! - 1;
  return returns;
}

/** Returns what a unit grows to by compounding returns, after each of them: `(1 + r0)(1 + r1)...`, times `startingValue`. */
export function compounded(returns: ReadonlyFloat64Array, startingValue = 1): Float64Array {
  const values = new Float64Array(returns.length);
  let value = 1;
  for (let i = 0; i < values.length; i++) {
    value *= 1 + returns[i]!;
    values[i] = value * startingValue;
  }
  return values;
}

/** Returns the compounded return of a series of returns; undefined without any, or where one is NaN. */
export function totalReturn(returns: ReadonlyFloat64Array): number | undefined {
  return returns.length === 0 ? undefined : finite(compounded(returns)[returns.length - 1]! - 1);
}

/**
 * Returns the yearly rate at which `periods` returns grew by `growth` (ending over starting value):
 * `growth ** (annualization / periods) - 1`. Undefined without periods or below zero.
 *
 * @param annualization periods a year, above 0
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` for another annualization
 */
export function annualRate(growth: number, periods: number, annualization: number): number | undefined {
  assertAnnualization(annualization);
  if (!(periods >= 1) || !(growth >= 0)) return undefined;
  return finite(pow(growth, annualization / periods) - 1);
}

/** Returns a number, or undefined for what is none: no metric is ever infinite. */
export const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/** Refuses what is no number of periods a year. @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` */
export function assertAnnualization(annualization: number): void {
  assertNumber('annualization', annualization, { above: 0 });
}

/** Whether a column holds a NaN: sorting and choosing rows would pass over it. */
export function hasNaN(values: ReadonlyFloat64Array): boolean {
  for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i]!)) return true;
  return false;
}
