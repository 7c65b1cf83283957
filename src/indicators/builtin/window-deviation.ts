import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { WindowMean } from '../window-mean.js';

/**
 * Mean and standard deviation of the last `length` values. Each takes two passes over the window, around the exact mean:
 * time grows with `length`, but nothing cancels, nothing drifts, and a constant window is exactly 0.
 */
export class WindowDeviation {
  /** The window's mean, as {@link WindowMean} gives it; NaN before there are `length` values. */
  mean = Number.NaN;
  readonly #length: number;
  readonly #divisor: number;
  readonly #mean: WindowMean;
  /** Every value twice, `length` apart, so that the window lies in one piece wherever the ring stands. Made with the first value. */
  #ring: Float64Array | undefined;
  #at = 0;

  /**
   * @param length above `ddof`
   * @param ddof 0 for the population's, 1 for the sample's
   */
  constructor(length: number, ddof: 0 | 1) {
    this.#length = length;
    this.#divisor = length - ddof;
    this.#mean = new WindowMean(length);
  }

  /** Takes the next value and returns the deviation; NaN before there are `length` values. */
  push(value: number): number {
    const length = this.#length;
    this.#ring ??= new Float64Array(2 * length);
    const ring = this.#ring;
    ring[this.#at] = value;
    ring[this.#at + length] = value;
    this.#at = this.#at + 1 === length ? 0 : this.#at + 1;
    const centre = this.#mean.push(value);
    this.mean = centre;
    return Number.isNaN(centre) ? centre : this.#deviation(ring, this.#at, centre);
  }

  /** Writes what {@link push} would make of each of a column's values. To be called on a new window. */
  fill(values: ReadonlyFloat64Array, mean: Float64Array, deviation: Float64Array): void {
    this.#mean.fill(values, mean);
    for (let row = 0; row < values.length; row++) {
      const centre = mean[row]!;
      deviation[row] = Number.isNaN(centre) ? centre : this.#deviation(values, row - this.#length + 1, centre);
    }
  }

  /**
   * The deviation of the values from place `from` on. From the oldest to the newest, so that the sum depends on the window alone, in four sums, which a processor
   * adds to at once.
   */
  #deviation(values: ReadonlyFloat64Array, from: number, centre: number): number {
    const end = from + this.#length;
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let at = from;
    for (const last = end - 3; at < last; at += 4) {
      const first = values[at]! - centre;
      const second = values[at + 1]! - centre;
      const third = values[at + 2]! - centre;
      const fourth = values[at + 3]! - centre;
      a += first * first;
      b += second * second;
      c += third * third;
      d += fourth * fourth;
    }
    for (; at < end; at++) a += (values[at]! - centre) * (values[at]! - centre);
    return Math.sqrt((a + b + (c + d)) / this.#divisor);
  }
}
