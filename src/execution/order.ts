import type { EpochMs } from '../core/brand.js';
import type { Decimal } from '../core/decimal.js';
import type { Asset } from '../market/asset.js';

/** Where an order stands. `working` is the only status that can still change. */
export type OrderStatus = 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/** What may be said of any order. */
export interface OrderOptions {
  /** A word of the strategy's own, carried to the order's fills. */
  readonly tag?: string;
}

/** An intent to trade. A handle: its getters follow the broker. */
export interface Order {
  /** Unique within a run, in the order of submission. */
  readonly id: string;
  readonly asset: Asset;
  readonly tag: string | undefined;
  readonly status: OrderStatus;
  /** Why the order was rejected, cancelled, expired or trimmed; undefined otherwise. */
  readonly reason: string | undefined;
  /** Signed units asked for; of a notional order the units filled, since it is sized at the fill. */
  readonly quantity: number;
  /** Signed units filled. */
  readonly filled: number;
  /** Signed units still to fill; 0 for a notional order. */
  readonly remaining: number;
  /** Average price of what was filled; NaN before the first fill. */
  readonly averagePrice: number;
  /** Takes the order off the book; harmless when it no longer works. */
  cancel(): void;
}

/** An execution of (part of) an order. */
export interface Fill {
  readonly order: Order;
  readonly asset: Asset;
  /** The instant of the fill: the opening of the bar, or its close. */
  readonly time: EpochMs;
  /** Signed units. */
  readonly quantity: number;
  readonly price: number;
  readonly exact: { readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal };
}
