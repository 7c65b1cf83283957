import { ScaledInteger } from '../core/scaled-integer.js';
import type { Asset } from '../market/asset.js';

/**
 * What an account holds of one asset. Exact integers decide; the two plain fields `held` and `isFlat` mirror them
 * for the hot loop.
 */
export class PositionBook {
  readonly asset: Asset;
  /** The asset's place among those of its account. */
  readonly line: number;
  /** Signed units, in the account's quantity decimals. */
  readonly quantity = new ScaledInteger();
  /** What the units cost, fees excluded, in money decimals; negative for a short position. */
  readonly cost = new ScaledInteger();
  /** Realised profit, income and fees since the position was last flat, in money decimals. */
  readonly roundTrip = new ScaledInteger();
  /**
   * Signed units as a double: what statistics multiply. NaN comes first, because V8 gives a class whose field turns from an integer into a double
   * a new shape, and reads of the old one cannot be kept in registers.
   */
  held = Number.NaN;
  /** Orders that may still fill. */
  working = 0;
  /** Nothing held and no order working. */
  isFlat = true;

  constructor(asset: Asset, line = 0) {
    this.asset = asset;
    this.line = line;
    this.held = 0;
  }

  /** Follows a change of `quantity` or `working`. */
  refresh(quantityDecimals: number): void {
    this.held = this.quantity.isZero ? 0 : this.quantity.toNumber(quantityDecimals);
    this.isFlat = this.held === 0 && this.working === 0;
  }

  /** Empties the book for another run. */
  reset(): void {
    this.quantity.clear();
    this.cost.clear();
    this.roundTrip.clear();
    this.held = 0;
    this.working = 0;
    this.isFlat = true;
  }
}
