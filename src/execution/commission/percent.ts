import { Rounding } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';

/** Charges a share of the traded value on every fill: 0.001 is a tenth of a per cent. */
export function percentCommission(rate: ModelNumber): CommissionModel {
  return {
    specification: `percent:${rate.text}`,
    charge: (out, gross) => out.setProduct(gross, rate.mantissa, rate.decimals, Rounding.HalfEven),
    estimatedRate: () => rate.value,
  };
}
