import { trueRangeOf } from './range.js';
import { isAbove } from './rounding.js';
import { percentOf } from './share.js';

/**
 * Wilder's directional indicators. Movements and true ranges of the first `length - 1` changes are summed; from then on
 * each sum loses the share 1 / length and takes the new value, as TA-Lib does it.
 */
export class DirectionalMovement {
  /** Share of upward movement in the true range, 0 to 100; NaN before `length` changes. */
  plus = Number.NaN;
  /** Share of downward movement in the true range, 0 to 100; NaN before `length` changes. */
  minus = Number.NaN;
  readonly #length: number;
  #changes = -1;
  #high = Number.NaN;
  #low = Number.NaN;
  #close = Number.NaN;
  #up = 0;
  #down = 0;
  #range = 0;

  constructor(length: number) {
    this.#length = length;
  }

  /** Takes the next bar and returns the directional index, 0 to 100; NaN before `length` changes and where nothing moved. */
  push(high: number, low: number, close: number): number {
    const rise = high - this.#high;
    const fall = this.#low - low;
    const range = trueRangeOf(high, low, this.#close);
    this.#high = high;
    this.#low = low;
    this.#close = close;
    if (++this.#changes === 0) return Number.NaN;
    const share = this.#changes < this.#length ? 0 : 1 / this.#length;
    this.#up = this.#up - this.#up * share + (rise > 0 && isAbove(rise, fall, high) ? rise : 0);
    this.#down = this.#down - this.#down * share + (fall > 0 && isAbove(fall, rise, high) ? fall : 0);
    this.#range = this.#range - this.#range * share + range;
    if (this.#changes < this.#length) return Number.NaN;
    this.plus = percentOf(this.#up, this.#range);
    this.minus = percentOf(this.#down, this.#range);
    return percentOf(Math.abs(this.plus - this.minus), this.plus + this.minus, Number.NaN);
  }
}

/**
 * Wilder's average directional index: the mean of the first `length` directional indices, then his smoothing. A bar
 * at which nothing moved adds nothing to the mean and leaves the average as it is.
 */
export class DirectionalIndex {
  readonly #movement: DirectionalMovement;
  readonly #length: number;
  #count = 0;
  #average = 0;

  constructor(length: number) {
    this.#movement = new DirectionalMovement(length);
    this.#length = length;
  }

  /** Takes the next bar and returns the average, 0 to 100; NaN before 2 x `length` bars. */
  push(high: number, low: number, close: number): number {
    const length = this.#length;
    const index = this.#movement.push(high, low, close);
    if (Number.isNaN(this.#movement.plus)) return Number.NaN;
    const hasMoved = !Number.isNaN(index);
    if (this.#count === length) {
      if (hasMoved) this.#average = (this.#average * (length - 1) + index) / length;
      return this.#average;
    }
    if (hasMoved) this.#average += index;
    if (++this.#count < length) return Number.NaN;
    this.#average /= length;
    return this.#average;
  }
}
