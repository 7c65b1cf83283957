import { ScaledInteger } from '../core/scaled-integer.js';
import type { Account } from '../portfolio/account.js';
import type { Clock } from './clock.js';
import type { CorporateActions } from './corporate-actions.js';
import type { Line } from './line.js';
import { worthOf } from './market-exposure.js';

/** What an account and its positions are worth at the closes that are known. */
export class Valuation {
  readonly #account: Account;
  readonly #lines: readonly Line[];
  readonly #clock: Clock;
  readonly #actions: CorporateActions;
  readonly #total = new ScaledInteger();
  readonly #amount = new ScaledInteger();
  /** The last answer of {@link value}, and what it was of. */
  #value = 0;
  #row = -1;
  #turnedRow = -1;
  #entries = -1;

  constructor(parts: {
    readonly account: Account;
    readonly lines: readonly Line[];
    readonly clock: Clock;
    readonly actions: CorporateActions;
  }) {
    this.#account = parts.account;
    this.#lines = parts.lines;
    this.#clock = parts.clock;
    this.#actions = parts.actions;
  }

  /** Account value as of the clock. Remembered, since a rotation asks for it once an asset. */
  value(): number {
    const { row } = this.#clock;
    const { turnedRow } = this.#actions;
    const { ledger, scales } = this.#account;
    if (row === this.#row && ledger.entries === this.#entries && turnedRow === this.#turnedRow) return this.#value;
    let value = ledger.cash.toNumber(scales.money) + ledger.receivable.toNumber(scales.money);
    for (let i = 0; i < this.#lines.length; i++) value += this.valueOfLine(i);
    this.#value = value;
    this.#row = row;
    this.#turnedRow = turnedRow;
    this.#entries = ledger.entries;
    return value;
  }

  /** Worth of one position at the last known close. */
  valueOfLine(index: number): number {
    const line = this.#lines[index]!;
    if (line.book.held === 0) return 0;
    return line.book.held * line.multiplier * this.lastClose(index);
  }

  /** The last known close of an asset in the shares of the account, NaN before its first bar. */
  lastClose(index: number): number {
    return this.closeAt(this.#lines[index]!, this.#clock.row);
  }

  /** The last close of a line as of an axis row, in the shares of the account. */
  closeAt({ view, first }: Line, row: number): number {
    const { marks } = view;
    const close = marks[Math.min(row - first, marks.length - 1)] ?? Number.NaN;
    const { turnedRow } = this.#actions;
    if (turnedRow <= row || view.schedule === undefined) return close;
    // The bar that opens has an event: holdings are turned, and the bar itself is not known yet.
    const at = view.schedule.rows.indexOf(turnedRow - first);
    return at < 0 ? close : close * view.schedule.priceFactors[at]!;
  }

  /** Exact account value at the close of an axis row, in money decimals; a register that the next call writes to. */
  exactValue(row: number): ScaledInteger {
    const { ledger, scales } = this.#account;
    const total = this.#total.set(ledger.cash).add(ledger.receivable);
    for (const line of this.#lines) {
      if (line.book.held === 0) continue;
      const { marks } = line.view;
      const close = marks[Math.min(row - line.first, marks.length - 1)]!;
      total.add(worthOf(this.#amount, line, close, scales));
    }
    return total;
  }
}
