import { ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel, FillFacts, FillScales } from './commission.js';
import { rateOfFixed, shareOf, writtenAmount } from './scaled-fee.js';

/** What the fee of a whole order is made of. */
export interface OrderFee {
  readonly specification: string;
  /** Writes what the order owes before bounds, for the units and the value that it has filled, this fill included. */
  due(out: ScaledInteger, gross: ScaledInteger, units: ScaledInteger, scales: FillScales): ScaledInteger;
  /** About the share of the value that `due` takes. */
  rate(worth: number, budget: number): number;
  /** The least that an order pays, however small. */
  readonly minimum?: ModelNumber | undefined;
  /** The most that an order pays, as a share of its value; it goes before the minimum. */
  readonly maximumRate?: ModelNumber | undefined;
}

/**
 * A fee that belongs to the order, not to the fill: each fill pays what the order owes by then, less what it has paid before, and
 * never less than 0. So the least fee of an order is paid once, with its first fill, and later ones are free until it is used up.
 */
export function orderCommission({ specification, due, rate, minimum, maximumRate }: OrderFee): CommissionModel {
  const bound = new ScaledInteger();
  const units = new ScaledInteger();
  const value = new ScaledInteger();
  return {
    specification,
    reads: 'order',
    charge(out, gross, quantity, scales, facts: FillFacts) {
      if (quantity.isZero) return out.clear();
      value.set(facts.orderGross).add(gross);
      due(out, value, units.set(facts.orderUnits).add(quantity), scales);
      if (minimum !== undefined && out.compare(writtenAmount(bound, minimum, scales)) < 0) out.set(bound);
      if (maximumRate !== undefined && out.compare(shareOf(bound, value, maximumRate)) > 0) out.set(bound);
      return out.compare(facts.orderFees) < 0 ? out.clear() : out.subtract(facts.orderFees);
    },
    estimatedRate(worth, budget) {
      let share = rate(worth, budget);
      if (minimum !== undefined) share = Math.max(share, rateOfFixed(minimum.value, budget));
      return maximumRate === undefined ? share : Math.min(share, maximumRate.value);
    },
  };
}

/** Writes the settings that were given, as they are read: `,min=1,max-rate=0.01`. */
export function settings(given: Readonly<Record<string, ModelNumber | undefined>>): string {
  return Object.entries(given)
    .map(([key, number]) => (number === undefined ? '' : `,${key}=${number.text}`))
    .join('');
}
