import { ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { orderCommission, settings } from './order-fee.js';
import { amountForUnits, rateOfFixed, writtenAmount } from './scaled-fee.js';

/** Charges an amount for each contract and the exchange's fee once for an order; an order pays at least a minimum. */
export function perContract(amount: ModelNumber, exchange?: ModelNumber, minimum?: ModelNumber): CommissionModel {
  const once = new ScaledInteger();
  return orderCommission({
    specification: `per-contract:${amount.text}${settings({ exchange, min: minimum })}`,
    due(out, _gross, units, scales) {
      amountForUnits(out, units, amount, scales);
      return exchange === undefined ? out : out.add(writtenAmount(once, exchange, scales));
    },
    rate: (worth, budget) => amount.value / worth + (exchange === undefined ? 0 : rateOfFixed(exchange.value, budget)),
    minimum,
  });
}
