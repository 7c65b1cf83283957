import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { MarginAccount } from '../portfolio/margin-account.js';
import type { MarketExposure } from './market-exposure.js';

/** What a margin call does to the orders of its account. */
export interface MarginDesk {
  /** Takes every working order off the book. */
  cancelAll(reason: string): void;
  /** Orders every position closed. */
  closeAll(reason: string): void;
  /** Whether nothing is held. */
  isFlat(): boolean;
}

/** Where a margin account stands. `ruined` is for ever: nothing is left to trade with. */
type Standing = 'good' | 'called' | 'ruined';

/**
 * Watches a margin account at the close of each bar. When equity is below the maintenance requirement, or at or below zero, all working
 * orders are cancelled and all positions are closed where the next orders fill; orders given meanwhile are refused.
 * An account whose equity is not above zero stays flat to the end of the run.
 */
export class MarginCall {
  #standing: Standing = 'good';
  readonly #account: MarginAccount;
  readonly #exposure: MarketExposure;
  readonly #desk: MarginDesk;
  readonly #equity = new ScaledInteger();
  readonly #required = new ScaledInteger();

  constructor(account: MarginAccount, exposure: MarketExposure, desk: MarginDesk) {
    this.#account = account;
    this.#exposure = exposure;
    this.#desk = desk;
  }

  /** Starts a run with an account in good standing. */
  start(): void {
    this.#standing = 'good';
  }

  /** Returns why no order is taken now; undefined when orders are. */
  refusal(): string | undefined {
    if (this.#standing === 'called' && this.#desk.isFlat()) this.#closeCall();
    if (this.#standing === 'good') return undefined;
    return this.#standing === 'called'
      ? "a margin call is closing the account's positions"
      : 'nothing is left: the equity is not above zero';
  }

  /** Judges the account at the closes of an axis row. Returns whether a call was made. */
  check(row: number): boolean {
    if (this.#standing === 'ruined') return false;
    if (this.#desk.isFlat()) {
      this.#closeCall();
      return false;
    }
    if (this.#standing === 'called') return false;
    this.#exposure.row = row;
    if (this.#isClear()) return false;
    this.#exposure.measure();
    const { net, gross } = this.#exposure;
    const { ledger, terms } = this.#account;
    const equity = this.#equity.set(ledger.cash).add(ledger.receivable).add(net);
    const isRuined = equity.sign() <= 0;
    const { above, below } = terms.maintenance;
    const required = this.#required.setProduct(gross, above, 0, Rounding.HalfEven);
    if (!isRuined && equity.setProduct(equity, below, 0, Rounding.HalfEven).compare(required) >= 0) return false;
    this.#standing = 'called';
    this.#desk.cancelAll(isRuined ? RUINED : CALLED);
    this.#desk.closeAll(isRuined ? RUINED : CALLED);
    return true;
  }

  /** Whether doubles show that the account meets its requirement: they are wrong by some 1e-15 of what they add up, and are believed to 1e-6 of it. */
  #isClear(): boolean {
    this.#exposure.estimate();
    const { estimatedNet, estimatedGross } = this.#exposure;
    const { ledger, terms, scales } = this.#account;
    const cash = ledger.cash.toNumber(scales.money) + ledger.receivable.toNumber(scales.money);
    const { above, below } = terms.maintenance;
    const doubt = (Math.abs(cash) + estimatedGross) * 1e-6;
    return cash + estimatedNet - (estimatedGross * above) / below > doubt && cash + estimatedNet > doubt;
  }

  /** Nothing is held: what the account is worth decides whether it trades on. */
  #closeCall(): void {
    const { cash, receivable } = this.#account.ledger;
    const isLeft = this.#equity.set(cash).add(receivable).sign() > 0;
    this.#standing = isLeft ? 'good' : 'ruined';
    if (!isLeft) this.#desk.cancelAll(RUINED);
  }
}

const CALLED = 'margin call: the equity is below the maintenance requirement';
const RUINED = 'margin call: the equity is not above zero';
