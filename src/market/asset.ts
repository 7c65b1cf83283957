import type { Sid } from '../core/brand.js';

/** A tradable instrument of a bundle. */
export interface Asset {
  /** Place in the bundle's asset list, from 0. */
  readonly sid: Sid;
  readonly symbol: string;
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
