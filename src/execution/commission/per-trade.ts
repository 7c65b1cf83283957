import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { orderCommission } from './order-fee.js';
import { rateOfFixed, writtenAmount } from './scaled-fee.js';

/** Charges an amount once for an order, with its first fill. */
export function perTrade(fee: ModelNumber): CommissionModel {
  return orderCommission({
    specification: `per-trade:${fee.text}`,
    due: (out, _gross, _units, scales) => writtenAmount(out, fee, scales),
    rate: (_worth, budget) => rateOfFixed(fee.value, budget),
  });
}
