import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { PositionBook } from './book.js';

/** Closed round trips: from flat to flat, net of fees, income included. */
export interface RoundTrips {
  readonly trades: number;
  readonly wins: number;
  /** Sum of the profits of winning trips, in money. */
  readonly grossProfit: number;
  /** Sum of the losses of losing trips, in money, positive. */
  readonly grossLoss: number;
}

/**
 * Cash and positions after every event, exact. At every moment
 * `cash + receivable + cost of positions = opening cash + realised profit - fees`,
 * where realised profit includes dividends, cash in lieu and interest earned, and fees include borrow cost and interest paid.
 *
 * Positions are kept at average cost. Digits are lost in one place only: quotients and products are rounded
 * half-even to the money's decimals when they are made.
 */
export class Ledger {
  readonly opening = new ScaledInteger();
  readonly cash = new ScaledInteger();
  /** Dividends earned on the ex-date and not yet paid. */
  readonly receivable = new ScaledInteger();
  readonly realisedProfit = new ScaledInteger();
  readonly fees = new ScaledInteger();
  /** What holding has cost so far, less what it has earned: part of fees and of realised profit. */
  readonly carried = new ScaledInteger();
  trades = 0;
  wins = 0;
  grossProfit = 0;
  grossLoss = 0;
  /** Counts what was entered, over all runs: while it stands still, so do cash and positions. */
  entries = 0;

  readonly #moneyDecimals: number;
  readonly #quantityDecimals: number;
  readonly #removed = new ScaledInteger();
  readonly #part = new ScaledInteger();
  readonly #rest = new ScaledInteger();

  constructor(decimals: { readonly money: number; readonly quantity: number }) {
    this.#moneyDecimals = decimals.money;
    this.#quantityDecimals = decimals.quantity;
  }

  /** Starts anew with this much cash and no history. Books are reset by their owner. */
  open(cash: ScaledInteger): void {
    this.entries++;
    this.opening.set(cash);
    this.cash.set(cash);
    this.receivable.clear();
    this.realisedProfit.clear();
    this.fees.clear();
    this.carried.clear();
    this.trades = 0;
    this.wins = 0;
    this.grossProfit = 0;
    this.grossLoss = 0;
  }

  /**
   * Enters one fill.
   *
   * @param quantity signed units, not 0
   * @param gross traded value, at least 0
   * @param fee negative for a rebate
   */
  fill(book: PositionBook, quantity: ScaledInteger, gross: ScaledInteger, fee: ScaledInteger): void {
    this.entries++;
    const buys = quantity.sign() > 0;
    if (buys) this.cash.subtract(gross);
    else this.cash.add(gross);
    this.cash.subtract(fee);
    this.fees.add(fee);
    book.roundTrip.subtract(fee);

    if (book.quantity.isZero || book.quantity.sign() > 0 === buys) this.#increase(book, quantity, gross, buys);
    else this.#reduce(book, quantity, gross, buys);
    book.refresh(this.#quantityDecimals);
  }

  #increase(book: PositionBook, quantity: ScaledInteger, gross: ScaledInteger, buys: boolean): void {
    book.quantity.add(quantity);
    if (buys) book.cost.add(gross);
    else book.cost.subtract(gross);
  }

  /** Closes some, all, or more than all of a position; what is more opens a position on the other side. */
  #reduce(book: PositionBook, quantity: ScaledInteger, gross: ScaledInteger, buys: boolean): void {
    this.#rest.set(book.quantity).add(quantity);
    const restSign = this.#rest.sign();
    if (restSign === 0) {
      this.#close(book, gross, buys);
      return;
    }
    const proceeds = this.#part.set(gross);
    if (restSign > 0 === buys) {
      // Through zero: the closing share of the gross value realises, the rest opens.
      proceeds.setMulDiv(gross, book.quantity, quantity, Rounding.HalfEven);
      if (proceeds.sign() < 0) proceeds.negate();
      this.#removed.set(book.cost);
    } else {
      this.#removed.setMulDiv(book.cost, quantity, book.quantity, Rounding.HalfEven).negate();
    }
    book.cost.subtract(this.#removed);
    if (restSign > 0 === buys) {
      const opens = this.#rest;
      opens.set(gross).subtract(proceeds);
      if (!buys) opens.negate();
      book.cost.add(opens);
    }
    if (buys) proceeds.negate();
    proceeds.subtract(this.#removed);
    this.realisedProfit.add(proceeds);
    book.roundTrip.add(proceeds);
    book.quantity.add(quantity);
    if (restSign > 0 === buys) this.#closeTrip(book);
  }

  /** Closes a position: what most sales do. */
  #close(book: PositionBook, gross: ScaledInteger, buys: boolean): void {
    const proceeds = this.#part.set(gross);
    if (buys) proceeds.negate();
    proceeds.subtract(book.cost);
    this.realisedProfit.add(proceeds);
    book.roundTrip.add(proceeds);
    book.cost.clear();
    book.quantity.clear();
    this.#closeTrip(book);
  }

  /** Enters income of a held position: a dividend, or cash in lieu of a fraction. Negative when a short position pays. */
  income(book: PositionBook, amount: ScaledInteger, paid: 'now' | 'later'): void {
    this.entries++;
    if (paid === 'now') this.cash.add(amount);
    else this.receivable.add(amount);
    this.realisedProfit.add(amount);
    book.roundTrip.add(amount);
  }

  /** Enters what holding costs, which belongs to no single position: a fee, or a profit where it is negative. */
  charge(amount: ScaledInteger): void {
    this.entries++;
    this.cash.subtract(amount);
    this.carried.add(amount);
    if (amount.sign() > 0) this.fees.add(amount);
    else this.realisedProfit.subtract(amount);
  }

  /** Pays an amount that was receivable. */
  collect(amount: ScaledInteger): void {
    this.entries++;
    this.receivable.subtract(amount);
    this.cash.add(amount);
  }

  /**
   * Turns a position's units at a split; the cost stays. A fraction that the position cannot hold leaves as cash in
   * lieu, and takes its share of the cost with it.
   *
   * @param fraction units of the new quantity that are paid out, with the sign of the position
   * @param cashInLieu what is paid for them, with the sign of the position
   * @param whole the fraction and what is kept, in the fraction's unit where that is finer. @defaultValue `quantity + fraction`
   */
  split(
    book: PositionBook,
    quantity: ScaledInteger,
    fraction: ScaledInteger,
    cashInLieu: ScaledInteger,
    whole: ScaledInteger = this.#rest.set(quantity).add(fraction),
  ): void {
    this.entries++;
    if (!fraction.isZero) {
      const cost = this.#removed.setMulDiv(book.cost, fraction, whole, Rounding.HalfEven);
      book.cost.subtract(cost);
      this.cash.add(cashInLieu);
      const profit = this.#part.set(cashInLieu).subtract(cost);
      this.realisedProfit.add(profit);
      book.roundTrip.add(profit);
    }
    book.quantity.set(quantity);
    if (quantity.isZero) this.#closeTrip(book);
    book.refresh(this.#quantityDecimals);
  }

  #closeTrip(book: PositionBook): void {
    const sign = book.roundTrip.sign();
    const profit = book.roundTrip.toNumber(this.#moneyDecimals);
    this.trades++;
    if (sign > 0) {
      this.wins++;
      this.grossProfit += profit;
    } else {
      this.grossLoss -= profit;
    }
    book.roundTrip.clear();
  }
}
