import { Rounding, ScaledInteger } from '../core/scaled-integer.js';
import type { OrderRequest } from '../execution/ticket.js';
import { Account, type AssetScales, type Execution, stepOf } from './account.js';
import type { PositionBook } from './book.js';

/** A share as `above / below`, both safe integers, `below` above 0: exact for 0.25 and for one third alike. */
export interface MarginShare {
  readonly above: number;
  readonly below: number;
}

/** What positions must be backed by, as shares of their worth. */
export interface MarginTerms {
  /** Equity that an order must leave for what is held after it, above 0 and at most 1. */
  readonly initial: MarginShare;
  /** Equity below which positions are closed, at least 0 and at most `initial`. */
  readonly maintenance: MarginShare;
}

/** The account's positions at known prices: what margin is measured by. Registers belong to the exposure. */
export interface Exposure {
  /** Worth of the positions measured last, short ones negative, in money decimals. */
  readonly net: ScaledInteger;
  /** Worth of the positions measured last, all counted positive, in money decimals. */
  readonly gross: ScaledInteger;
  /** Measures all positions but one at the last prices that are known. */
  measure(except?: PositionBook): void;
}

/**
 * A margin account: it borrows to buy, and sells short what it does not hold.
 *
 * Closing is always allowed. What an order opens must be carried: its cost, fee included, is at most the buying power, which is
 * `(equity - initial * worth of all positions) / initial`, with the order's own asset at the fill price and the others at their
 * last known closes. An order through zero closes first and has the margin that this frees.
 * Whole cash (`'all'`) is the cash that no short sale left as collateral; beyond it an order has to name an amount or units.
 */
export class MarginAccount extends Account {
  readonly terms: MarginTerms;
  #exposure: Exposure = NOTHING_HELD;
  readonly #power = new ScaledInteger();
  readonly #worth = new ScaledInteger();
  readonly #budget = new ScaledInteger();
  readonly #above: ScaledInteger;
  readonly #below: ScaledInteger;

  constructor(options: ConstructorParameters<typeof Account>[0] & { readonly terms: MarginTerms }) {
    super(options);
    this.terms = options.terms;
    this.#above = new ScaledInteger(options.terms.initial.above);
    this.#below = new ScaledInteger(options.terms.initial.below);
  }

  /** Says what the account's positions are measured by: its broker does, once. */
  measureBy(exposure: Exposure): void {
    this.#exposure = exposure;
  }

  /** Negative where the account carries more than the initial requirement allows. */
  override buyingPower(): ScaledInteger {
    this.#exposure.measure();
    return this.#powerOf(this.#exposure, this.#worth.clear());
  }

  override execute(
    book: PositionBook,
    request: OrderRequest,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): Execution {
    const { quantity } = this;
    if (request.kind === 'position') {
      if (book.quantity.isZero) return 'nothing-held';
      const covers = book.quantity.sign() < 0;
      quantity.set(book.quantity);
      if (covers) quantity.negate();
      this.value(this.cut(quantity), ticks, asset);
      if (!covers) quantity.negate();
      this.ledger.fill(book, quantity, this.gross, this.fee);
      this.commission.settle?.(this.gross, quantity, this.scales, this.facts);
      return 'filled';
    }
    const sells =
      request.kind === 'units' ? request.units.sign() < 0 : request.kind === 'share' && request.share.sign() < 0;
    const power = this.#measure(book, sells, ticks, asset);
    const execution =
      request.kind === 'notional'
        ? this.#spend(book, request.budget, power, ticks, price, asset)
        : request.kind === 'share'
          ? this.#invest(request.share, power, ticks, price, asset)
          : this.#trade(book, request.units, power, ticks, price, asset);
    if (execution !== 'filled' && execution !== 'trimmed') return execution;
    if (request.kind !== 'units' && this.most !== undefined) this.value(this.cut(quantity), ticks, asset);
    if (sells) quantity.negate();
    this.ledger.fill(book, quantity, this.gross, this.fee);
    this.commission.settle?.(this.gross, quantity, this.scales, this.facts);
    return execution;
  }

  override trimmedBy(): string {
    return 'trimmed to the buying power';
  }

  /** What a trade in one direction may cost, fee included, what it closes of the position counted in. */
  #measure(book: PositionBook, sells: boolean, ticks: number, asset: AssetScales): ScaledInteger {
    const worth = this.#worth.set(book.quantity);
    const isShort = worth.sign() < 0;
    if (isShort) worth.negate();
    this.value(worth, ticks, asset);
    worth.set(this.gross);
    if (isShort) worth.negate();
    this.#exposure.measure(book);
    const power = this.#powerOf(this.#exposure, worth);
    // Selling what is held frees its margin and then some; selling more of what is short needs more.
    return sells ? power.add(worth) : power.subtract(worth);
  }

  /** Buying power with other positions as measured and one of so much worth, whose own requirement is not yet taken off. */
  #powerOf({ net, gross }: Exposure, worth: ScaledInteger): ScaledInteger {
    const { ledger } = this;
    const power = this.#power.set(ledger.cash).add(ledger.receivable).add(net).add(worth);
    power.setMulDiv(power, this.#below, this.#above, Rounding.Floor);
    return power.subtract(gross);
  }

  #trade(
    book: PositionBook,
    units: ScaledInteger,
    power: ScaledInteger,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): Execution {
    const { quantity } = this;
    const closable = this.#closable(book, units.sign());
    quantity.set(units);
    if (units.sign() < 0) quantity.negate();
    this.value(this.cut(quantity), ticks, asset);
    if (quantity.compare(closable) <= 0) return 'filled';
    if (this.#budget.set(this.gross).add(this.fee).compare(power) <= 0) return 'filled';
    if (this.unaffordable === 'reject') return 'no-margin';
    this.size(power, ticks, price, asset, stepOf(units, asset));
    return this.#atLeast(closable, ticks, asset);
  }

  /** Buys for an amount, or for the cash at hand that short sales did not bring; never on borrowed money without an amount. */
  #spend(
    book: PositionBook,
    amount: ScaledInteger | undefined,
    power: ScaledInteger,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): Execution {
    const { quantity } = this;
    const budget = this.#budget;
    if (amount === undefined) {
      // The others' shorts are worth (net - gross) / 2, which is negative; twice everything keeps it whole.
      const { net, gross } = this.#exposure;
      budget.set(this.ledger.cash).add(this.ledger.cash).add(net).subtract(gross);
      budget.setQuotient(budget, 0, 2, Rounding.Floor);
      if (budget.compare(power) > 0) budget.set(power);
      this.size(budget, ticks, price, asset, asset.step);
      return quantity.isZero ? 'no-cash' : 'filled';
    }
    this.size(budget.set(amount), ticks, price, asset, asset.step);
    if (quantity.isZero) return 'no-cash';
    const closable = this.#closable(book, 1);
    if (quantity.compare(closable) <= 0) return 'filled';
    if (budget.set(this.gross).add(this.fee).compare(power) <= 0) return 'filled';
    if (this.unaffordable === 'reject') return 'no-margin';
    this.size(power, ticks, price, asset, asset.step);
    return this.#atLeast(closable, ticks, asset);
  }

  /** Trades a share of the buying power, which is all that it may cost. */
  #invest(share: ScaledInteger, power: ScaledInteger, ticks: number, price: number, asset: AssetScales): Execution {
    this.sizeShare(power, share, ticks, price, asset);
    return this.quantity.isZero ? 'no-margin' : 'filled';
  }

  /** Raises a trimmed quantity to what only closes, which needs no margin. */
  #atLeast(closable: ScaledInteger, ticks: number, asset: AssetScales): Execution {
    const { quantity } = this;
    if (quantity.compare(closable) < 0) this.value(quantity.set(closable), ticks, asset);
    return quantity.isZero ? 'no-margin' : 'trimmed';
  }

  readonly #closed = new ScaledInteger();
  /** Units that an order in this direction closes before it opens any, at least 0. */
  #closable(book: PositionBook, direction: number): ScaledInteger {
    const closed = this.#closed.set(book.quantity);
    if (direction > 0) closed.negate();
    return closed.sign() > 0 ? closed : closed.clear();
  }
}

/** What an account holds before its broker says what to measure by. */
const NOTHING_HELD: Exposure = { net: new ScaledInteger(), gross: new ScaledInteger(), measure: () => {} };
