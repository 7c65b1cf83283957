/** Wilder's smoothing: the mean of the first `length` values, then (average x (length - 1) + new) / length. */
export class WilderAverage {
  readonly #length: number;
  #average = 0;
  #count = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
  }

  /** Takes the next value and returns the average; NaN before `length` values. */
  push(value: number): number {
    const length = this.#length;
    if (this.#count === length) this.#average = (this.#average * (length - 1) + value) / length;
    else {
      this.#average += value;
      if (++this.#count < length) return Number.NaN;
      this.#average /= length;
    }
    return this.#average;
  }
}
