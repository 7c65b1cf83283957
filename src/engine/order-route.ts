import type { ScaledInteger } from '../core/scaled-integer.js';
import type { OrderTicket } from '../execution/ticket.js';
import type { OrderReading } from './order-reading.js';

/** What a strategy changes of a working order. Prices are in the smallest unit of the asset's decimals. */
export interface TicketChange {
  readonly units?: ScaledInteger;
  readonly limit?: number;
  readonly stop?: number;
}

/** Where an account's orders go when another broker than the simulated one fills them. What it reports is entered when the event loop asks for it. */
export interface OrderRoute {
  /** Passes on an order that the strategy has given and its account has taken. */
  submit(ticket: OrderTicket, reading?: OrderReading): void;
  /** Passes on that an order is to be taken off the book; ignores one that was never passed on. */
  withdraw(ticket: OrderTicket): void;
  /** Passes on a change of a working order. */
  replace(ticket: OrderTicket, change: TicketChange): void;
  /** Passes on that one fill of several orders cancels the others. */
  pair(tickets: readonly OrderTicket[]): void;
}

/** What became of an order at a broker. Amounts are registers at the decimals of the account, or exact decimal strings on their way. */
export type OrderReport<Exact = ScaledInteger> =
  | {
      readonly kind: 'fill';
      /** Signed units. */
      readonly quantity: Exact;
      /** Price as an integer of `priceDecimals` decimals. */
      readonly ticks: number;
      readonly priceDecimals: number;
      /** Negative for a rebate. */
      readonly fee: Exact;
      /** Whether nothing more of the order will fill. */
      readonly isLast: boolean;
      /** Why it was filled for less than it asked; undefined when it was not. */
      readonly trimmed?: string | undefined;
      /** At which moment of its bar. @defaultValue that of the run's fill rule */
      readonly moment?: 'open' | 'within' | 'close' | undefined;
    }
  | { readonly kind: 'cancelled' | 'rejected' | 'expired'; readonly reason: string }
  | {
      /** Where an order with prices or exits stands now. */
      readonly kind: 'terms';
      /** Whether it is on the book. */
      readonly isWorking: boolean;
      /** In the smallest unit of the asset's decimals; NaN without one. */
      readonly limit: number;
      readonly stop: number;
      /** Signed units still to fill. */
      readonly left: Exact;
    };
