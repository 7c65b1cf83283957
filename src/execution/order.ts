import type { EpochMs } from '../core/brand.js';
import type { Amount, Decimal } from '../core/decimal.js';
import type { Asset } from '../market/asset.js';

/** Where an order stands. `working` is the only status that can still change. */
export type OrderStatus = 'working' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/**
 * How long an order works: `gtc` until it is cancelled, `day` to the end of the session of the first bar on which it can fill, `ioc` on that bar
 * alone, in part if need be, `fok` on that bar alone and whole.
 */
export type TimeInForce = 'gtc' | 'day' | 'ioc' | 'fok';

type OneOf<T> = {
  [K in keyof T]: { readonly [X in K]: T[X] } & { readonly [X in Exclude<keyof T, K>]?: never };
}[keyof T];

/** What an order waits for: nothing (at market), a limit, a stop, both, or a stop that trails the best price since. Fractions: 0.05 is 5 %. */
export type OrderStyle =
  | { readonly limit?: Amount; readonly stop?: Amount; readonly trailing?: never }
  | {
      readonly limit?: never;
      readonly stop?: never;
      /** It follows the best price of the bars, or with `follows: 'close'` the best close. */
      readonly trailing: OneOf<{ percent: number; amount: Amount }> & { readonly follows?: 'extreme' | 'close' };
    };

/**
 * What may be said of any order. `stopLoss` or `takeProfit` make it a bracket: exits that work once the entry fills, one cancelling the other;
 * `percent` (a fraction), `amount` and `trailing` (a fraction) are measured from the entry's average fill.
 */
export type OrderOptions = OrderStyle & {
  readonly stopLoss?: OneOf<{ price: Amount; percent: number; amount: Amount; trailing: number }>;
  readonly takeProfit?: OneOf<{ price: Amount; percent: number; amount: Amount }>;
  /** @defaultValue 'gtc' */
  readonly timeInForce?: TimeInForce;
  /** An instant in UTC milliseconds: no bar that opens then or later fills the order. @defaultValue none */
  readonly goodTill?: number;
  /** At the open or the close of the next bar, whatever the run's `fill` says; an order with a limit or a stop takes none. */
  readonly on?: 'open' | 'close';
  /** A word of the strategy's own, carried to the order's fills. */
  readonly tag?: string;
};

/** What {@link Order} may be changed to while it works. */
export interface OrderChange {
  /** Signed units in all, those filled included. */
  readonly quantity?: Amount;
  readonly limit?: Amount;
  readonly stop?: Amount;
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
  /**
   * Signed units asked for; of a notional order the units filled, since it is sized at the fill; of one that closes a position what it has closed
   * and what was left at its last fill, since it closes what is held by then.
   */
  readonly quantity: number;
  /** Signed units filled. */
  readonly filled: number;
  /** Signed units still to fill; 0 for a notional order. */
  readonly remaining: number;
  /** Average price of what was filled; NaN before the first fill. */
  readonly averagePrice: number;
  /** The limit, rounded to the tick; undefined without one. */
  readonly limit: number | undefined;
  /** The stop, rounded to the tick, or where a trailing one stands now; undefined without one. */
  readonly stop: number | undefined;
  /** The exits of a bracket; undefined without one. */
  readonly stopLoss: Order | undefined;
  readonly takeProfit: Order | undefined;
  /** Takes the order off the book; harmless when it no longer works. */
  cancel(): void;
}

/** An execution of (part of) an order. */
export interface Fill {
  readonly order: Order;
  readonly asset: Asset;
  /** The instant of the fill: the opening of the bar, or its close, by which a touch within the bar is known. */
  readonly time: EpochMs;
  /** Signed units. */
  readonly quantity: number;
  readonly price: number;
  readonly exact: { readonly quantity: Decimal; readonly price: Decimal; readonly fee: Decimal };
}
