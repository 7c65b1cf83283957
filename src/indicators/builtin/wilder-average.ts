/** Returns Wilder's next average over `length` values: (average x (length - 1) + value) / length. */
export const smoothed = (average: number, value: number, length: number): number =>
  (average * (length - 1) + value) / length;

/** Wilder's smoothing: the mean of the first `length` values, then {@link smoothed}. */
export class WilderAverage {
  /** NaN before there are `length` values. */
  value = Number.NaN;
  readonly #length: number;
  #sum = 0;
  #count = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
  }

  /** Takes the next value and returns the average. */
  push(value: number): number {
    const length = this.#length;
    if (this.#count === length) this.value = smoothed(this.value, value, length);
    else {
      this.#sum += value;
      if (++this.#count === length) this.value = this.#sum / length;
    }
    return this.value;
  }
}
