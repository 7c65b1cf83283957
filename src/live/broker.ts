import type { OrderReport } from '../engine/order-route.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { TimeInForce } from '../execution/order.js';
import type { Distance, ExitPlace } from '../execution/order-terms.js';
import type { FeedEvent } from './feed.js';

/** An order as it goes to a broker. Quantities and amounts are exact decimals. */
export interface BrokerOrder {
  /** Unlike any other of the account. */
  readonly id: string;
  /** Number of the order in its account, by which reports may name it; the exits of a bracket have the next ones. */
  readonly number: number;
  readonly symbol: string;
  readonly wants:
    | { readonly kind: 'units' /** Signed. */; readonly units: string }
    /** To sell or cover what is held when it fills. */
    | { readonly kind: 'position' }
    /** To buy for an amount, fee included; undefined: for all free cash. */
    | { readonly kind: 'notional'; readonly budget: string | undefined }
    /** To trade a signed share of the buying power at the fill, an exact decimal. */
    | { readonly kind: 'share'; readonly share: string };
  /** What makes it more than a plain market order. @defaultValue nothing */
  readonly terms?: BrokerTerms | undefined;
  readonly tag: string | undefined;
}

/** Prices and duration of an order. Prices and distances are in the smallest unit of the asset's decimals. */
export interface BrokerTerms {
  readonly limit?: number;
  readonly stop?: number;
  /** How far a trailing stop stays behind `best`, the best price so far. */
  readonly trailing?: Distance;
  readonly best?: number;
  readonly timeInForce: TimeInForce;
  readonly on?: 'open' | 'close';
  /** Exits of a bracket. They have the entry's id with `/stop-loss` and `/take-profit`, and work once it has filled. */
  readonly stopLoss?: ExitPlace;
  readonly takeProfit?: ExitPlace;
}

/** What is changed of a working order, as in {@link BrokerTerms}; units are an exact signed decimal. */
export interface BrokerChange {
  readonly units?: string;
  readonly limit?: number;
  readonly stop?: number;
}

/** What a broker reports of an order, amounts as exact decimals. */
export type BrokerReport = { readonly id: string } & OrderReport<string>;

/** One account at a broker. Nothing is answered at once: what becomes of an order arrives as a report. */
export interface BrokerAccount {
  submit(order: BrokerOrder): void;
  /** Asks to take an order off the book. It may fill meanwhile; an unknown one is ignored. */
  cancel(id: string): void;
  /** Asks for other prices or units of a working order; one that has ended stays as it is. */
  replace(id: string, change: BrokerChange): void;
  /** Asks that one fill of several orders cancels the others. */
  pair(ids: readonly string[]): void;
  /** Passes every further report to `hear`, in the order of events, never within a call of the account. */
  listen(hear: (report: BrokerReport) => void): void;
}

/** What a run asks of a broker. */
export interface AccountTerms {
  /** The symbols of each account: one account, or one for each sleeve. */
  readonly accounts: readonly { readonly symbols: readonly string[] /** Exact. */; readonly cash: string }[];
  /** Decimals of quantities. */
  readonly quantityDecimals: number;
  /** Costs, kind of account and fill rule, for a broker that simulates them. */
  readonly run: ResolvedRunOptions;
}

/** Where orders go. */
export interface Broker {
  /** Opens the accounts of a run, once. */
  open(terms: AccountTerms): Promise<readonly BrokerAccount[]>;
  /**
   * Shows the broker what the feed tells, before the strategy sees it: a broker that trades on the feed. Resolves when the reports that
   * this brought about have been passed on.
   */
  hear?(event: FeedEvent): Promise<void>;
}
