import { Rounding, ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { FillScales } from './commission.js';

const ONE = new ScaledInteger(1);

/** Writes a written amount in money decimals into `out`. */
export function writtenAmount(out: ScaledInteger, amount: ModelNumber, scales: FillScales): ScaledInteger {
  return rescaledProduct(out, ONE, amount.mantissa, amount.decimals - scales.money);
}

/** Writes an amount for each of so many units into `out`, in money decimals, rounded half-even. */
export function amountForUnits(
  out: ScaledInteger,
  units: ScaledInteger,
  amount: ModelNumber,
  scales: FillScales,
): ScaledInteger {
  return rescaledProduct(out, units, amount.mantissa, amount.decimals + scales.quantity - scales.money);
}

/** Writes a share of a value into `out`, rounded half-even. */
export function shareOf(out: ScaledInteger, value: ScaledInteger, rate: ModelNumber): ScaledInteger {
  return out.setProduct(value, rate.mantissa, rate.decimals, Rounding.HalfEven);
}

/** Writes `a * factor / 10 ** power` into `out`, where a negative power multiplies. */
function rescaledProduct(out: ScaledInteger, a: ScaledInteger, factor: number, power: number): ScaledInteger {
  if (power >= 0) return out.setProduct(a, factor, power, Rounding.HalfEven);
  return out.setProduct(a, factor, 0, Rounding.HalfEven).setProduct(out, 10 ** -power, 0, Rounding.HalfEven);
}

/** The share of the traded value that a fee of fixed size takes when value and fee together cost `budget`. */
export function rateOfFixed(fee: number, budget: number): number {
  return budget > fee ? fee / (budget - fee) : Number.POSITIVE_INFINITY;
}
