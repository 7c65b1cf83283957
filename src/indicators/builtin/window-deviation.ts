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
  readonly #ring: Float64Array;
  #at = 0;

  /**
   * @param length above `ddof`
   * @param ddof 0 for the population's, 1 for the sample's
   */
  constructor(length: number, ddof: 0 | 1) {
    this.#length = length;
    this.#divisor = length - ddof;
    this.#mean = new WindowMean(length);
    this.#ring = new Float64Array(length);
  }

  /** Takes the next value and returns the deviation; NaN before there are `length` values. */
  push(value: number): number {
    const ring = this.#ring;
    const length = this.#length;
    ring[this.#at] = value;
    const at = this.#at + 1 === length ? 0 : this.#at + 1;
    this.#at = at;
    const centre = this.#mean.push(value);
    this.mean = centre;
    if (Number.isNaN(centre)) return centre;
    let squares = 0;
    // From the oldest to the newest, so that the sum depends on the window alone and not on where the ring stands.
    for (let i = at; i < length; i++) squares += (ring[i]! - centre) * (ring[i]! - centre);
    for (let i = 0; i < at; i++) squares += (ring[i]! - centre) * (ring[i]! - centre);
    return Math.sqrt(squares / this.#divisor);
  }
}
