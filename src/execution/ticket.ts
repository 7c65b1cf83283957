import type { ScaledInteger } from '../core/scaled-integer.js';
import type { Asset } from '../market/asset.js';
import type { Order, OrderStatus } from './order.js';
import type { OrderTerms, PlannedExit } from './order-terms.js';

/**
 * What an order asks for: signed units, the whole position held at the fill, an amount of money to spend at the fill
 * (undefined: all free cash), or a signed share of the buying power at the fill, in 8 decimals.
 */
export type OrderRequest =
  | { readonly kind: 'position' }
  | { readonly kind: 'units'; readonly units: ScaledInteger }
  | { readonly kind: 'notional'; readonly budget: ScaledInteger | undefined }
  | { readonly kind: 'share'; readonly share: ScaledInteger };

/** Requests that all orders of their kind share. */
export const WHOLE: OrderRequest = Object.freeze({ kind: 'position' });
export const ALL: OrderRequest = Object.freeze({ kind: 'notional', budget: undefined });

/** The request of a blank ticket. */
export const BLANK: OrderRequest = Object.freeze({ kind: 'position' });

/** Whether an order buys, of an asset of which so many signed units are held. */
export function isBuy(request: OrderRequest, held: number): boolean {
  if (request.kind === 'units') return request.units.sign() > 0;
  if (request.kind === 'notional') return true;
  return request.kind === 'share' ? request.share.sign() > 0 : held < 0;
}

/** What a ticket needs of the broker that it was given to. */
export interface TicketBroker {
  readonly account: { readonly scales: { readonly quantity: number } };
  cancel(ticket: OrderTicket): void;
  /** Enters an order that was given without its particulars. */
  settle(): void;
}

/** The account's holding that an order is about. */
interface Holding {
  readonly asset: Asset;
  /** The asset's place among those of its account. */
  readonly line: number;
}

/** The simulated broker's side of an order; strategies hold it as an {@link Order}. */
export class OrderTicket implements Order {
  sequence = 0;
  readonly asset: Asset;
  /** The asset's place among those of its account. */
  readonly line: number;
  tag: string | undefined = undefined;
  request: OrderRequest = BLANK;
  /** Axis row at which the order was given. */
  submittedRow = 0;
  /** Signed units that an order for the whole position closes: those held when it was given, and as of each fill what it has closed and what is left. */
  heldThen = Number.NaN;
  status: OrderStatus = 'working';
  reason: string | undefined = undefined;
  /** NaN comes first for V8's sake: see {@link PositionBook.held}. */
  filled = Number.NaN;
  averagePrice = Number.NaN;
  /** What makes it more than a plain market order. */
  terms: OrderTerms | undefined = undefined;
  readonly #broker: TicketBroker;

  /** Makes a blank ticket: the broker fills in `sequence`, `request`, `submittedRow`, `heldThen` and `tag` when the order is given. */
  constructor({ asset, line }: Holding, broker: TicketBroker) {
    this.asset = asset;
    this.line = line;
    this.filled = 0;
    this.#broker = broker;
  }

  /** Makes it blank again. Only for a ticket that nobody has kept. */
  renew(): this {
    this.sequence = 0;
    this.tag = undefined;
    this.request = BLANK;
    this.submittedRow = 0;
    this.heldThen = Number.NaN;
    this.status = 'working';
    this.reason = undefined;
    this.filled = 0;
    this.averagePrice = Number.NaN;
    this.terms = undefined;
    return this;
  }

  get id(): string {
    this.#broker.settle();
    return `${this.asset.symbol}-${this.sequence}`;
  }

  get limit(): number | undefined {
    return this.#priceOf(this.terms?.limit);
  }

  get stop(): number | undefined {
    return this.#priceOf(this.terms?.stop);
  }

  get stopLoss(): Order | undefined {
    return this.#exitOf('stop-loss');
  }

  get takeProfit(): Order | undefined {
    return this.#exitOf('take-profit');
  }

  get quantity(): number {
    this.#broker.settle();
    if (this.terms?.isExit === true) return this.filled + this.remaining;
    if (this.request.kind === 'units') return this.request.units.toNumber(this.#broker.account.scales.quantity);
    return this.request.kind === 'position' ? -this.heldThen : this.filled;
  }

  /** Takes the units held after a fill for what an order for the whole position has still to close. */
  measure(held: number): void {
    if (this.request.kind !== 'position') return;
    const unit = 10 ** this.#broker.account.scales.quantity;
    this.heldThen = Math.round((held - this.filled) * unit) / unit;
  }

  get remaining(): number {
    if (this.terms?.isExit === true) {
      return this.status === 'working' ? this.terms.left.toNumber(this.#broker.account.scales.quantity) : 0;
    }
    const { kind } = this.request;
    const isSized = kind === 'units' || kind === 'position';
    return isSized && this.status === 'working' ? this.quantity - this.filled : 0;
  }

  #priceOf(ticks: number | undefined): number | undefined {
    return ticks === undefined || Number.isNaN(ticks) ? undefined : ticks / 10 ** this.asset.priceDecimals;
  }

  #exitOf(role: PlannedExit['role']): Order | undefined {
    return this.terms?.exits.find((exit) => exit.role === role)?.ticket;
  }

  cancel(): void {
    if (this.status === 'working') this.#broker.cancel(this);
  }
}
