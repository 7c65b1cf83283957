import type { LongerSource } from '../engine/market-view.js';
import type { Asset } from '../market/asset.js';
import type { Frequency } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';

/**
 * What a feed tells, in the order in which it becomes known. For each bar of its axis:
 *
 * 1. `listed` and `delisted`: who trades from this bar on, and who no longer does;
 * 2. `opening`: the bar opens;
 * 3. `split` and `dividend`: what changes holdings and history at this opening;
 * 4. `bar`, one for each asset that traded;
 * 5. `arrived`: that was all, an asset without a bar did not trade; what filled at the opening can be reported;
 * 6. `complete`: the bar is over and may be seen;
 * 7. `closed`: trading at the close is over.
 *
 * All instants are UTC milliseconds. Fills happen between these messages, and the broker reports them.
 */
export type FeedEvent =
  | { readonly kind: 'listed' | 'delisted'; readonly symbol: string }
  | {
      readonly kind: 'opening';
      /** UTC midnight of the session for daily bars, the bar's start for others; above the label before. */
      readonly label: number;
      readonly opens: number;
      /** The instant from which the bar is complete. */
      readonly closes: number;
    }
  | {
      readonly kind: 'split';
      readonly symbol: string;
      /** Label of the first session in new shares, at most the bar's own. */
      readonly exDate: number;
      /** New shares for one old: '4', '0.05', '1/3'. */
      readonly ratio: string;
    }
  | {
      readonly kind: 'dividend';
      readonly symbol: string;
      readonly exDate: number;
      /** Label of the payment; undefined: on the ex-date. */
      readonly payDate: number | undefined;
      /** Cash for one share, an exact decimal. */
      readonly amount: string;
    }
  | BarEvent
  | { readonly kind: 'arrived' | 'complete' | 'closed'; readonly label: number };

/** A complete bar of one asset. */
export interface BarEvent {
  readonly kind: 'bar';
  readonly symbol: string;
  readonly label: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  readonly volume: number;
  /** Values of the named columns that the feed announces. @defaultValue none */
  readonly others?: Readonly<Record<string, number>>;
}

/** Where bars and events come from: one calendar and one bar length. Read once, from its first bar to its end. */
export interface Feed extends AsyncIterable<FeedEvent> {
  readonly calendar: string;
  /** The calendar's sessions, where the feed brings them. @defaultValue the calendar of Hindcast with that name */
  readonly venue?: Calendar;
  readonly frequency: Frequency;
  /** Longer bars of its assets, each known from its close on. @defaultValue none: they are made of the bars that arrive */
  readonly longer?: LongerSource | undefined;
  /** All assets that it will ever tell of, listed or not. */
  readonly assets: readonly Asset[];
  /** Names of columns beside the five of every asset, by symbol. @defaultValue none */
  readonly columns?: Readonly<Record<string, readonly string[]>>;
}
