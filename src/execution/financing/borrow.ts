import type { ModelNumber } from '../model-specification.js';
import { Accrual } from './accrual.js';
import type { FinancingModel } from './financing.js';

/** Days of a year where no count is given. */
export const YEAR_DAYS = 365;

/** Charges the lender's fee on the market value of what is sold short: value * rate * days / year. */
export function borrowCost(rate: ModelNumber, yearDays: ModelNumber | undefined): FinancingModel {
  const accrual = new Accrual(rate, yearDays?.value ?? YEAR_DAYS);
  return {
    specification: `borrow:${rate.text}${yearDays === undefined ? '' : `,days=${yearDays.text}`}`,
    isFree: rate.mantissa === 0,
    charge: (out, balance, days) => accrual.add(out, balance, days),
    reset: () => accrual.reset(),
  };
}
