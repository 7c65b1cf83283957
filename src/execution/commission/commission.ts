import type { ScaledInteger } from '../../core/scaled-integer.js';

/** The scales of one asset's fills: how many decimals the integers of a fill carry. */
export interface FillScales {
  /** Decimals of money: gross values and fees. */
  readonly money: number;
  /** Decimals of quantities. */
  readonly quantity: number;
}

/** What a venue takes for a fill. */
export interface CommissionModel {
  /** The model as it is written on the command line: `percent:0.001`. */
  readonly specification: string;
  /**
   * Writes the fee of one fill into `out` and returns it, rounded half-even to the money's decimals.
   *
   * @param gross traded value, at least 0, in money decimals
   * @param quantity units traded, at least 0, in quantity decimals
   */
  charge(out: ScaledInteger, gross: ScaledInteger, quantity: ScaledInteger, scales: FillScales): ScaledInteger;
  /** About the share of the traded value that the fee takes at this price: the first guess when an order is sized to a budget. */
  estimatedRate(price: number): number;
}
