import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { FinancingModel } from '../execution/financing/financing.js';
import { DAY_MS } from '../market/civil-date.js';
import type { Account } from '../portfolio/account.js';
import type { MarketExposure } from './market-exposure.js';

/** What holding costs by the day: the lender's fee on short positions, and interest on cash. */
export interface CarryModels {
  readonly borrow: FinancingModel;
  readonly financing: FinancingModel;
}

/**
 * Charges an account for the nights that it holds what it holds, at the opening of each session, before its corporate actions: calendar days
 * since the session before, on the short positions at their last closes and on the cash of the evening.
 */
export class Carry {
  readonly #models: CarryModels;
  readonly #account: Account;
  /** Undefined where nothing can be short. */
  readonly #exposure: MarketExposure | undefined;
  readonly #times: ReadonlyFloat64Array;
  readonly #shorts = new ScaledInteger();
  readonly #amount = new ScaledInteger();
  /** Day up to which the account has been charged, counted from 1970. */
  #day = 0;

  constructor(
    models: CarryModels,
    parts: {
      readonly account: Account;
      readonly exposure: MarketExposure | undefined;
      /** Labels of the axis rows. */
      readonly times: ReadonlyFloat64Array;
    },
  ) {
    this.#models = models;
    this.#account = parts.account;
    this.#exposure = parts.exposure;
    this.#times = parts.times;
  }

  /** Starts a run at an axis row: the first night is the one after it. */
  start(from: number): void {
    this.#models.borrow.reset();
    this.#models.financing.reset();
    this.#day = this.#dayOf(from);
  }

  /**
   * Charges for the nights before an axis row, if there are any. Returns what was paid in money decimals, a register of the carry's, negative
   * when more was earned; 0 within a day.
   */
  charge(row: number): ScaledInteger {
    const day = this.#dayOf(row);
    const days = day - this.#day;
    this.#day = day;
    const total = this.#amount.clear();
    if (days === 0) return total;
    const { ledger } = this.#account;
    const exposure = this.#exposure;
    if (exposure !== undefined && !this.#models.borrow.isFree) {
      exposure.row = row - 1;
      exposure.measure();
      // Worth of shorts: half of what all is worth beyond the net.
      const shorts = this.#shorts.set(exposure.gross).subtract(exposure.net);
      shorts.setQuotient(shorts, 0, 2, Rounding.Floor);
      total.set(this.#models.borrow.charge(shorts, shorts, days));
    }
    if (!this.#models.financing.isFree) total.add(this.#models.financing.charge(this.#shorts, ledger.cash, days));
    if (!total.isZero) ledger.charge(total);
    return total;
  }

  #dayOf(row: number): number {
    return Math.floor(this.#times[row]! / DAY_MS);
  }
}
