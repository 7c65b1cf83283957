import { Rounding, ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel, FillScales } from './commission.js';

/** Charges an amount for each unit traded, with an optional least fee for each fill. */
export function perShareCommission(amount: ModelNumber, minimum?: ModelNumber): CommissionModel {
  const least = new ScaledInteger();
  return {
    specification: `per-share:${amount.text}${minimum === undefined ? '' : `,min=${minimum.text}`}`,
    charge(out, _gross, quantity, scales: FillScales) {
      if (quantity.isZero) return out.setNumber(0);
      rescaledProduct(out, quantity, amount.mantissa, amount.decimals + scales.quantity - scales.money);
      if (minimum !== undefined) {
        rescaledProduct(least.setNumber(1), least, minimum.mantissa, minimum.decimals - scales.money);
        if (out.compare(least) < 0) out.set(least);
      }
      return out;
    },
    estimatedRate: (price) => amount.value / price,
  };
}

/** Writes `a * factor / 10 ** power` into `out`, where a negative power multiplies. */
function rescaledProduct(out: ScaledInteger, a: ScaledInteger, factor: number, power: number): void {
  if (power >= 0) out.setProduct(a, factor, power, Rounding.HalfEven);
  else out.setProduct(a, factor, 0, Rounding.HalfEven).setProduct(out, 10 ** -power, 0, Rounding.HalfEven);
}
