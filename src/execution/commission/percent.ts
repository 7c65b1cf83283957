import { ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { orderCommission, settings } from './order-fee.js';
import { rateOfFixed, shareOf, writtenAmount } from './scaled-fee.js';

/**
 * Charges a share of the traded value, 0.001 being a tenth of a per cent.
 *
 * @param fixed an amount that an order pays on top, once, with its first fill. @defaultValue nothing
 * @param minimum the least that an order pays, the fixed amount included. @defaultValue none
 */
export function percent(rate: ModelNumber, fixed?: ModelNumber, minimum?: ModelNumber): CommissionModel {
  if (fixed === undefined && minimum === undefined) {
    return {
      specification: `percent:${rate.text}`,
      reads: 'fill',
      charge: (out, gross) => shareOf(out, gross, rate),
      estimatedRate: () => rate.value,
    };
  }
  const amount = new ScaledInteger();
  return orderCommission({
    specification: `percent:${rate.text}${settings({ fixed, min: minimum })}`,
    due: (out, gross, _units, scales) =>
      fixed === undefined
        ? shareOf(out, gross, rate)
        : shareOf(out, gross, rate).add(writtenAmount(amount, fixed, scales)),
    rate: (_worth, budget) => rate.value + (fixed === undefined ? 0 : rateOfFixed(fixed.value, budget)),
    minimum,
  });
}
