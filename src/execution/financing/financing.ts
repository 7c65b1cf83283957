import type { ScaledInteger } from '../../core/scaled-integer.js';

/**
 * What it costs to hold a balance overnight: the market value of what is sold short (borrow cost), or the cash of an account (financing).
 * A model keeps what rounding has left over, so each balance has an instance of its own.
 */
export interface FinancingModel {
  /** The model as it is written on the command line: `borrow:0.03,days=360`. */
  readonly specification: string;
  /** Whether it never charges anything: then nobody needs to ask. */
  readonly isFree: boolean;
  /**
   * Writes into `out` what the account pays for having held a balance for so many calendar days, and returns it; negative when it earns.
   * The sum of all amounts is the exact interest of all days, rounded down to the money's last decimal once: nothing is lost to
   * rounding day by day. Called once for each stretch of days.
   *
   * @param balance in money decimals: the value of short positions, at least 0, for borrow cost; signed cash for financing
   * @param days calendar days, at least 0: from one session to the next, so that a weekend counts three from Friday to Monday
   */
  charge(out: ScaledInteger, balance: ScaledInteger, days: number): ScaledInteger;
  /** Forgets what rounding has left over, at the start of a run. */
  reset(): void;
}
