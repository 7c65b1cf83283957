import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { orderCommission, settings } from './order-fee.js';
import { amountForUnits } from './scaled-fee.js';

/** Charges an amount for each unit traded; an order pays at least a minimum, and at most a share of its value. */
export function perShare(amount: ModelNumber, minimum?: ModelNumber, maximumRate?: ModelNumber): CommissionModel {
  const specification = `per-share:${amount.text}${settings({ min: minimum, 'max-rate': maximumRate })}`;
  if (minimum === undefined && maximumRate === undefined) {
    return {
      specification,
      reads: 'fill',
      charge: (out, _gross, quantity, scales) => amountForUnits(out, quantity, amount, scales),
      estimatedRate: (worth) => amount.value / worth,
    };
  }
  return orderCommission({
    specification,
    due: (out, _gross, units, scales) => amountForUnits(out, units, amount, scales),
    rate: (worth) => amount.value / worth,
    minimum,
    maximumRate,
  });
}
