import { ScaledInteger } from '../../core/scaled-integer.js';
import type { ModelNumber } from '../model-specification.js';
import { Accrual } from './accrual.js';
import { YEAR_DAYS } from './borrow.js';
import type { FinancingModel } from './financing.js';

/** Charges interest on borrowed (negative) cash, and pays another rate, if any, on cash at hand: cash * rate * days / year. */
export function cashInterest(
  debit: ModelNumber,
  credit: ModelNumber | undefined,
  yearDays: ModelNumber | undefined,
): FinancingModel {
  const year = yearDays?.value ?? YEAR_DAYS;
  const owed = new Accrual(debit, year);
  const earned = credit && new Accrual(credit, year);
  const size = new ScaledInteger();
  return {
    specification: `interest:${debit.text}${credit === undefined ? '' : `,credit=${credit.text}`}${yearDays === undefined ? '' : `,days=${yearDays.text}`}`,
    isFree: debit.mantissa === 0 && (credit?.mantissa ?? 0) === 0,
    charge(out, balance, days) {
      if (balance.sign() < 0) return owed.add(out, size.set(balance).negate(), days);
      return earned === undefined ? out.clear() : earned.add(out, balance, days).negate();
    },
    reset() {
      owed.reset();
      earned?.reset();
    },
  };
}
