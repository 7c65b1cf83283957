import { log, pow } from '../core/elementary.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { beta } from './benchmark.js';
import { DEVIATION_MIN, momentsOf } from './ratios.js';
import { annualRate, assertAnnualization, finite, simpleReturns } from './returns.js';

/**
 * The convention of backtesting.py: figures of values at the ends of equal spans (days, mostly), annualised by compounding.
 */

/** Returns the yearly rate at which values grew, one span between two: `(last / first) ** (annualization / spans) - 1`. Undefined below two values or where one is not above 0. */
export function compoundedAnnualReturn(values: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  if (values.length < 2) return undefined;
  // A loss of everything on the way has no geometric mean.
  for (let i = 0; i < values.length; i++) if (!(values[i]! > 0)) return undefined;
  return annualRate(values.at(-1)! / values[0]!, values.length - 1, annualization);
}

/**
 * Returns the deviation of a year's return when spans are independent and compound:
 * `sqrt((v + g ** 2) ** A - g ** (2 A))`, v the sample variance of returns and g one plus their geometric mean
 * (Tobin 1965). Undefined below three values.
 */
export function compoundedVolatility(values: ReadonlyFloat64Array, annualization: number): number | undefined {
  assertAnnualization(annualization);
  if (values.length < 3) return undefined;
  const yearly = compoundedAnnualReturn(values, annualization);
  if (yearly === undefined) return undefined;
  const growth = pow(values.at(-1)! / values[0]!, 1 / (values.length - 1));
  const { variance } = momentsOf(simpleReturns(values));
  const squares = pow(variance + growth * growth, annualization) - pow(growth, 2 * annualization);
  return finite(Math.sqrt(Math.max(0, squares)));
}

/** Returns {@link compoundedAnnualReturn}, less a yearly risk-free rate, over {@link compoundedVolatility}; undefined where values do not vary. */
export function compoundedSharpe(
  values: ReadonlyFloat64Array,
  annualization: number,
  riskFree = 0,
): number | undefined {
  const yearly = compoundedAnnualReturn(values, annualization);
  const volatility = compoundedVolatility(values, annualization);
  if (yearly === undefined || volatility === undefined || volatility < DEVIATION_MIN) return undefined;
  return finite((yearly - riskFree) / volatility);
}

/** Returns {@link compoundedAnnualReturn}, less a yearly risk-free rate, over the yearly downside deviation of returns; undefined without a loss. */
export function compoundedSortino(
  values: ReadonlyFloat64Array,
  annualization: number,
  riskFree = 0,
): number | undefined {
  const yearly = compoundedAnnualReturn(values, annualization);
  if (yearly === undefined) return undefined;
  const downside = Math.sqrt(momentsOf(simpleReturns(values)).downside * annualization);
  return downside < DEVIATION_MIN ? undefined : finite((yearly - riskFree) / downside);
}

/** Returns the slope of log returns of values over those of a benchmark, row by row; undefined below three values or where the benchmark does not vary. */
export function logBeta(values: ReadonlyFloat64Array, benchmark: ReadonlyFloat64Array): number | undefined {
  const returns = logReturns(values);
  const others = logReturns(benchmark);
  return returns === undefined || others === undefined ? undefined : beta(returns, others);
}

/** Returns `log(values[i] / values[i - 1])`, or undefined where a value is not above 0. */
function logReturns(values: ReadonlyFloat64Array): Float64Array | undefined {
  for (let i = 0; i < values.length; i++) if (!(values[i]! > 0)) return undefined;
  return simpleReturns(values).map((change) => log(1 + change));
}
