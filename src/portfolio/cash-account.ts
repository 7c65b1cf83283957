import { ScaledInteger } from '../core/scaled-integer.js';
import type { OrderRequest } from '../execution/ticket.js';
import { Account, type AssetScales, type Execution, stepOf } from './account.js';
import type { PositionBook } from './book.js';

/** A cash account: it buys with cash at hand and sells what it holds, never more. */
export class CashAccount extends Account {
  readonly #budget = new ScaledInteger();

  override execute(
    book: PositionBook,
    request: OrderRequest,
    ticks: number,
    price: number,
    asset: AssetScales,
  ): Execution {
    const { ledger, quantity } = this;
    let outcome: Execution = 'filled';
    if (request.kind === 'notional') {
      const { budget } = request;
      this.#budget.set(ledger.cash);
      if (budget !== undefined) {
        if (budget.compare(ledger.cash) <= 0) this.#budget.set(budget);
        else if (this.unaffordable === 'reject') return 'no-cash';
        else outcome = 'trimmed';
      }
      this.size(this.#budget, ticks, price, asset, asset.step);
      if (quantity.isZero) return 'no-cash';
      if (this.most !== undefined) this.value(this.cut(quantity), ticks, asset);
    } else if (request.kind === 'share') {
      if (request.share.sign() < 0) return 'nothing-held';
      this.sizeShare(ledger.cash, request.share, ticks, price, asset);
      if (quantity.isZero) return 'no-cash';
      if (this.most !== undefined) this.value(this.cut(quantity), ticks, asset);
    } else if (request.kind === 'position') {
      if (book.quantity.sign() <= 0) return 'nothing-held';
      const refusal = this.#sell(this.cut(quantity.set(book.quantity)), ticks, asset);
      if (refusal !== undefined) return refusal;
    } else if (request.units.sign() > 0) {
      this.value(this.cut(quantity.set(request.units)), ticks, asset);
      if (ledger.cash.minus(this.gross, this.fee) < 0) {
        if (this.unaffordable === 'reject') return 'no-cash';
        this.size(ledger.cash, ticks, price, asset, stepOf(request.units, asset));
        if (quantity.isZero) return 'no-cash';
        outcome = 'trimmed';
      }
    } else {
      quantity.set(request.units).negate();
      if (quantity.compare(book.quantity) > 0) {
        if (this.unaffordable === 'reject' || book.quantity.sign() <= 0) return 'nothing-held';
        quantity.set(book.quantity);
        outcome = 'trimmed';
      }
      const refusal = this.#sell(this.cut(quantity), ticks, asset);
      if (refusal !== undefined) return refusal;
    }
    ledger.fill(book, quantity, this.gross, this.fee);
    this.commission.settle?.(this.gross, quantity, this.scales, this.facts);
    return outcome;
  }

  override buyingPower(): ScaledInteger {
    return this.ledger.cash;
  }

  override trimmedBy(buys: boolean): string {
    return buys ? 'trimmed to the cash at hand' : 'trimmed to what is held';
  }

  /** Values a sale of so many units, above 0, and turns their sign; or says why cash forbids it. */
  #sell(units: ScaledInteger, ticks: number, asset: AssetScales): 'fee-exceeds-cash' | undefined {
    this.value(units, ticks, asset);
    if (this.fee.minus(this.ledger.cash, this.gross) > 0) return 'fee-exceeds-cash';
    units.negate();
    return undefined;
  }
}
