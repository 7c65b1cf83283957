import type { ScaledInteger } from '../core/scaled-integer.js';
import type { Asset } from '../market/asset.js';
import type { Order, OrderStatus } from './order.js';

/**
 * What an order asks for: signed units, the whole position held at the fill, or an amount of money to spend at the fill
 * (undefined: all free cash).
 */
export type OrderRequest =
  | { readonly kind: 'position' }
  | { readonly kind: 'units'; readonly units: ScaledInteger }
  | { readonly kind: 'notional'; readonly budget: ScaledInteger | undefined };

/** The simulated broker's side of an order; strategies hold it as an {@link Order}. */
export class OrderTicket implements Order {
  readonly sequence: number;
  readonly asset: Asset;
  /** The asset's place among those of its account. */
  readonly line: number;
  readonly tag: string | undefined;
  readonly request: OrderRequest;
  /** Decimals of the units in `request`. */
  readonly quantityDecimals: number;
  /** Axis row at which the order was given. */
  readonly submittedRow: number;
  /** Signed units held when the order was given. */
  readonly heldThen: number;
  status: OrderStatus = 'working';
  reason: string | undefined = undefined;
  filled = 0;
  averagePrice = Number.NaN;
  readonly #cancel: (ticket: OrderTicket) => void;

  constructor(
    sequence: number,
    asset: Asset,
    line: number,
    request: OrderRequest,
    quantityDecimals: number,
    submittedRow: number,
    heldThen: number,
    tag: string | undefined,
    cancel: (ticket: OrderTicket) => void,
  ) {
    this.sequence = sequence;
    this.asset = asset;
    this.line = line;
    this.request = request;
    this.quantityDecimals = quantityDecimals;
    this.submittedRow = submittedRow;
    this.heldThen = heldThen;
    this.tag = tag;
    this.#cancel = cancel;
  }

  get id(): string {
    return `${this.asset.symbol}-${this.sequence}`;
  }

  get quantity(): number {
    if (this.request.kind === 'units') return this.request.units.toNumber(this.quantityDecimals);
    return this.request.kind === 'position' ? -this.heldThen : this.filled;
  }

  get remaining(): number {
    return this.request.kind !== 'notional' && this.status === 'working' ? this.quantity - this.filled : 0;
  }

  cancel(): void {
    if (this.status === 'working') this.#cancel(this);
  }
}
