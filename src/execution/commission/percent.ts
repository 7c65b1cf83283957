import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { orderCommission } from './order-fee.js';
import { shareOf } from './scaled-fee.js';

/** Charges a share of the traded value, 0.001 being a tenth of a per cent; an order pays at least a minimum. */
export function percent(rate: ModelNumber, minimum?: ModelNumber): CommissionModel {
  if (minimum === undefined) {
    return {
      specification: `percent:${rate.text}`,
      reads: 'fill',
      charge: (out, gross) => shareOf(out, gross, rate),
      estimatedRate: () => rate.value,
    };
  }
  return orderCommission({
    specification: `percent:${rate.text},min=${minimum.text}`,
    due: (out, gross) => shareOf(out, gross, rate),
    rate: () => rate.value,
    minimum,
  });
}
