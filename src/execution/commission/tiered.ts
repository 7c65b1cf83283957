import { ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import type { CommissionModel, FillFacts, FillScales } from './commission.js';
import { amountForUnits, shareOf, writtenAmount } from './scaled-fee.js';

/** The fee from a month's volume on. */
export interface Tier {
  /** Volume of the month from which the fee holds, above 0. */
  readonly from: ModelNumber;
  readonly value: ModelNumber;
}

/** What tiers count: traded value with a share of it as fee, or units with an amount for each. */
export type TieredBy = 'value' | 'units';

/**
 * Charges by tiers of the account's volume in the calendar month. Each part of a fill pays the fee of the tier that it falls into;
 * the month's volume counts fills of all the account's assets, and begins at 0 with each month.
 *
 * @param first fee from the first unit of a month on
 * @param tiers ascending
 */
export function tiered(by: TieredBy, first: ModelNumber, tiers: readonly Tier[]): CommissionModel {
  const volume = new ScaledInteger();
  const position = new ScaledInteger();
  const left = new ScaledInteger();
  const part = new ScaledInteger();
  const bound = new ScaledInteger();
  const fee = new ScaledInteger();
  let month = Number.NaN;
  const name = by === 'value' ? 'tiered-percent' : 'tiered-per-share';
  const boundOf = (tier: Tier, scales: FillScales): ScaledInteger =>
    by === 'value' ? writtenAmount(bound, tier.from, scales) : writtenUnits(bound, tier.from, scales);

  return {
    specification: `${name}:${first.text}${tiers.map(({ from, value }) => `,${from.text}=${value.text}`).join('')}`,
    reads: 'order',
    charge(out, gross, quantity, scales, facts: FillFacts) {
      if (facts.month === month) position.set(volume);
      else position.clear();
      left.set(by === 'value' ? gross : quantity);
      out.clear();
      for (let i = 0; !left.isZero; i++) {
        part.set(left);
        const next = tiers[i];
        if (next !== undefined) {
          const room = boundOf(next, scales).subtract(position);
          if (room.sign() <= 0) continue;
          if (part.compare(room) > 0) part.set(room);
        }
        const written = i === 0 ? first : tiers[i - 1]!.value;
        out.add(by === 'value' ? shareOf(fee, part, written) : amountForUnits(fee, part, written, scales));
        left.subtract(part);
        position.add(part);
      }
      return out;
    },
    estimatedRate(worth) {
      return by === 'value' ? first.value : first.value / worth;
    },
    settle(gross, quantity, _scales, facts) {
      if (facts.month !== month) volume.clear();
      month = facts.month;
      part.set(by === 'value' ? gross : quantity);
      volume.add(part.sign() < 0 ? part.negate() : part);
    },
    reset() {
      month = Number.NaN;
      volume.clear();
    },
  };
}

/** Writes a written number of units in quantity decimals into `out`. */
const writtenUnits = (out: ScaledInteger, units: ModelNumber, scales: FillScales): ScaledInteger =>
  writtenAmount(out, units, { ...scales, money: scales.quantity });
