import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel } from './commission.js';
import { shareOf } from './scaled-fee.js';

/** Charges one share of the value to an order that took what was offered, and another to one that rested; below 0 it is a rebate. */
export function makerTaker(maker: ModelNumber, taker: ModelNumber): CommissionModel {
  return {
    specification: `maker-taker:maker=${maker.text},taker=${taker.text}`,
    reads: 'order',
    charge: (out, gross, _quantity, _scales, { isMaker }) => shareOf(out, gross, isMaker ? maker : taker),
    estimatedRate: (_worth, _budget, { isMaker }) => (isMaker ? maker.value : taker.value),
  };
}
