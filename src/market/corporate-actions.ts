import type { EpochMs, Sid } from '../core/brand.js';

/** Shares change from the opening of the ex-date on. */
export interface Split {
  readonly sid: Sid;
  /** Session label (UTC midnight of the date) of the first session traded in new shares. */
  readonly exDate: EpochMs;
  /** New shares for one old, an exact decimal ('4', '0.05') or fraction ('1/3'). */
  readonly ratio: string;
}

/** Cash for who holds the share before the opening of the ex-date. */
export interface Dividend {
  readonly sid: Sid;
  /** Session label of the first session traded without the dividend. */
  readonly exDate: EpochMs;
  /** Session label of the payment; undefined: paid on the ex-date. */
  readonly payDate: EpochMs | undefined;
  /** Cash for one share, in share terms of the ex-date, an exact decimal in the asset's currency. */
  readonly amount: string;
}
