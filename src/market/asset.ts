import type { EpochMs, Sid } from '../core/brand.js';

/** A time in which an asset traded under a ticker. */
export interface TickerPeriod {
  readonly ticker: string;
  /** Labels of the first and the last day, both inclusive; absent where nobody has told them. */
  readonly from?: EpochMs;
  readonly to?: EpochMs;
}

/** A tradable instrument of a bundle. */
export interface Asset {
  /** Place in the bundle's asset list, from 0. */
  readonly sid: Sid;
  /** Its name in the bundle, unique there: the last ticker, unless another asset has it. */
  readonly symbol: string;
  /** Where it is listed, a market identifier code such as XNAS. @defaultValue not told */
  readonly exchange?: string;
  /** The tickers that it traded under, in order of time, without overlap. @defaultValue always its symbol */
  readonly tickers?: readonly TickerPeriod[];
  /** Smallest price step, in the quote currency. */
  readonly tick: number;
  /** Smallest quantity step of an order, in units. Notional orders may hold fractions of it. */
  readonly lot: number;
  /** Quote currency per unit and point of price: 1 for shares, 50 for an E-mini future. */
  readonly multiplier: number;
  /** Decimals of every stored price: `Math.round(price * 10 ** priceDecimals)` is its exact integer. */
  readonly priceDecimals: number;
  /** Decimals of every stored volume. */
  readonly volumeDecimals: number;
  /** Quote currency, an ISO 4217 code or a coin's ticker. */
  readonly currency: string;
}
