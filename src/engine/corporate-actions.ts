import { divideRounded } from '../core/rounding.js';
import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import { isBuy, type OrderTicket } from '../execution/ticket.js';
import type { Account } from '../portfolio/account.js';
import type { Line } from './line.js';
import { type LedgerEvent, STILL_LISTED } from './market-view.js';

/** A row that no axis reaches. A small integer: an infinity would make doubles of all rows that it is compared with. */
const NEVER = 2 ** 31 - 1;

/** What becomes of a position whose asset's data end before the run does: it stays at its last close, or is sold or covered there. */
export type Delisting = 'hold' | 'close';

/** The data of an asset end: an event of accounts that close positions there. */
interface Ending {
  readonly kind: 'end';
  /** The row after the asset's last. */
  readonly row: number;
}

type Dividend = Extract<LedgerEvent, { kind: 'dividend' }>;

/** Decimals of a withheld share. */
const SHARE_DECIMALS = 8;

/** Splits, dividends and payments of one account's assets, applied to its ledger at the opening of their rows. */
export class CorporateActions {
  /** Axis row of the next event or payment; {@link NEVER} when there is none. */
  nextRow = NEVER;
  /** The last row whose events were applied. */
  turnedRow = -1;
  readonly #lines: readonly Line[];
  readonly #account: Account;
  readonly #working: readonly OrderTicket[];
  readonly #end: (ticket: OrderTicket, reason: string) => void;
  readonly #events: { readonly line: number; readonly event: LedgerEvent | Ending }[];
  readonly #settle: (line: number, row: number) => void;
  /** The withheld share of a dividend as an integer of {@link SHARE_DECIMALS} decimals. */
  readonly #withheld: number;
  readonly #amount = new ScaledInteger();
  readonly #closesEnded: boolean;
  #event = 0;
  #due: { readonly event: Dividend; readonly amount: ScaledInteger }[] = [];

  constructor(options: {
    readonly lines: readonly Line[];
    readonly account: Account;
    /** The broker's list of working orders. */
    readonly working: readonly OrderTicket[];
    /** Takes an order of which a split leaves nothing off the book. */
    readonly end: (ticket: OrderTicket, reason: string) => void;
    readonly withholding: number;
    readonly delisting: Delisting;
    /** Closes the position of a line whose asset trades no more. */
    readonly settle: (line: number, row: number) => void;
  }) {
    this.#lines = options.lines;
    this.#account = options.account;
    this.#working = options.working;
    this.#end = options.end;
    this.#settle = options.settle;
    this.#withheld = Math.round(options.withholding * 10 ** SHARE_DECIMALS);
    this.#closesEnded = options.delisting === 'close';
    const endings = (line: Line): readonly Ending[] =>
      this.#closesEnded && line.view.listing.end !== STILL_LISTED ? [{ kind: 'end', row: line.view.listing.end }] : [];
    this.#events = options.lines
      .flatMap((line, index) => [...line.view.events, ...endings(line)].map((event) => ({ line: index, event })))
      .sort((a, b) => a.event.row - b.event.row || a.line - b.line);
  }

  /** Starts a run at an axis row: what happened before it is history. */
  start(from: number): void {
    this.turnedRow = -1;
    this.#due = [];
    this.#event = 0;
    while (this.#event < this.#events.length && this.#events[this.#event]!.event.row < from) this.#event++;
    this.#findNextEvent();
  }

  /** Takes an event that has just become known, no earlier than the others; `'end'` says that the asset of the line trades no more. */
  add(line: number, event: LedgerEvent | Ending): void {
    if (event.kind !== 'end' || this.#closesEnded) this.#events.push({ line, event });
    this.#findNextEvent();
  }

  /** Looks again for what is next: of a dividend, the row of the payment may have become known. */
  lookAgain(): void {
    this.#findNextEvent();
  }

  /** Applies the corporate actions and payments that are due at the opening of an axis row. */
  apply(row: number): void {
    this.turnedRow = row;
    if (this.#due.length > 0) {
      this.#due = this.#due.filter((due) => {
        if (due.event.payRow === undefined || due.event.payRow > row) return true;
        this.#account.ledger.collect(due.amount);
        return false;
      });
    }
    for (; this.#event < this.#events.length; this.#event++) {
      const { line, event } = this.#events[this.#event]!;
      if (event.row > row) break;
      if (event.kind === 'split') this.#split(this.#lines[line]!, event, row);
      else if (event.kind === 'dividend') this.#dividend(this.#lines[line]!, event);
      else this.#settle(line, row);
    }
    this.#findNextEvent();
  }

  #findNextEvent(): void {
    let next = this.#events[this.#event]?.event.row ?? NEVER;
    for (const { event } of this.#due) next = Math.min(next, event.payRow ?? NEVER);
    this.nextRow = next;
  }

  #dividend(line: Line, event: Dividend): void {
    const { book } = line;
    if (book.held === 0) return;
    const { money, quantity } = this.#account.scales;
    const amount = new ScaledInteger();
    const power = quantity + event.decimals - money;
    const factor = Number(event.mantissa);
    if (Number.isSafeInteger(factor)) amount.setProduct(book.quantity, factor, power, Rounding.HalfEven);
    else
      amount.setBigInt(
        divideRounded(book.quantity.toBigInt() * event.mantissa, 10n ** BigInt(power), Rounding.HalfEven),
      );
    if (this.#withheld > 0 && amount.sign() > 0) {
      // Tax is withheld from who receives; who is short pays the whole.
      amount.subtract(this.#amount.setProduct(amount, this.#withheld, SHARE_DECIMALS, Rounding.HalfEven));
    }
    const paysNow = event.payRow === event.row;
    this.#account.ledger.income(book, amount, paysNow ? 'now' : 'later');
    if (!paysNow) this.#due.push({ event, amount });
  }

  #split(line: Line, event: Extract<LedgerEvent, { kind: 'split' }>, row: number): void {
    const { numerator, denominator } = event;
    const turn = (units: bigint): { readonly units: bigint; readonly rest: bigint } => {
      // A holding of whole lots stays one; a fraction that it cannot hold is paid out.
      const lot = BigInt(line.scales.lot);
      const step = units % lot === 0n ? lot : 1n;
      const turned = ((units * numerator) / (denominator * step)) * step;
      return { units: turned, rest: units * numerator - turned * denominator };
    };
    const { book } = line;
    if (book.held !== 0) {
      const whole = new ScaledInteger().setBigInt(book.quantity.toBigInt() * numerator);
      const { units, rest } = turn(book.quantity.toBigInt());
      const fraction = new ScaledInteger().setBigInt(rest);
      const close = line.view.marks[row - line.first - 1]!;
      // The close is in the shares of the day before; a split of this bar that came first has turned them already.
      const earlier = this.#turnedOn(line, row);
      const worth = this.#valueOf(line, rest * earlier.denominator, close, numerator * earlier.numerator);
      const cash = this.#amount.setBigInt(worth);
      this.#account.ledger.split(book, new ScaledInteger().setBigInt(units), fraction, cash, whole);
    }
    // The exits of a bracket share one register.
    const turned = new Set<ScaledInteger>();
    const turnUnits = (register: ScaledInteger): void => {
      if (!turned.has(register)) register.setBigInt(turn(register.toBigInt()).units);
      turned.add(register);
    };
    for (const ticket of [...this.#working]) {
      if (ticket.asset !== book.asset) continue;
      const { request, terms } = ticket;
      if (request.kind === 'units') turnUnits(request.units);
      if (request.kind === 'position') ticket.heldThen = this.#turned(ticket.heldThen, turn);
      terms?.turn(isBuy(request, 0), event, turnUnits);
      if (terms !== undefined && ticket.filled !== 0) {
        if (terms.filledPart !== undefined) turnUnits(terms.filledPart.units);
        // A handle that follows a broker elsewhere counts no units of its own.
        ticket.filled = this.#turned(ticket.filled, turn);
        ticket.averagePrice *= Number(denominator) / Number(numerator);
      }
      const isSpent = terms !== undefined && !terms.isExit && terms.left.isZero;
      if (request.kind === 'units' && (isSpent || request.units.isZero))
        this.#end(ticket, 'a split left less than one lot of it');
    }
  }

  /** Signed units as a double after a split. */
  #turned(units: number, turn: (units: bigint) => { readonly units: bigint }): number {
    const { quantity } = this.#account.scales;
    const register = new ScaledInteger().setFloor(Math.abs(units) * 10 ** quantity + 0.5);
    return Math.sign(units) * register.setBigInt(turn(register.toBigInt()).units).toNumber(quantity);
  }

  /** The splits of an asset that have been applied on a bar before the present event, as one ratio. */
  #turnedOn(line: Line, row: number): { readonly numerator: bigint; readonly denominator: bigint } {
    let numerator = 1n;
    let denominator = 1n;
    for (let i = this.#event - 1; i >= 0 && this.#events[i]!.event.row === row; i--) {
      const { line: index, event } = this.#events[i]!;
      if (this.#lines[index] !== line || event.kind !== 'split') continue;
      numerator *= event.numerator;
      denominator *= event.denominator;
    }
    return { numerator, denominator };
  }

  /** `units / divisor` valued at a price, in money decimals, rounded half-even. */
  #valueOf(line: Line, units: bigint, price: number, divisor: bigint): bigint {
    const { money, quantity } = this.#account.scales;
    const { priceDecimals } = line.view.asset;
    const { multiplier } = line.scales;
    const numerator = units * BigInt(Math.round(price * line.tickScale)) * BigInt(multiplier.mantissa);
    const scale = divisor * 10n ** BigInt(quantity + priceDecimals + multiplier.decimals - money);
    return new ScaledInteger()
      .setMulDiv(
        new ScaledInteger().setBigInt(numerator),
        new ScaledInteger(1),
        new ScaledInteger().setBigInt(scale),
        Rounding.HalfEven,
      )
      .toBigInt();
  }
}
