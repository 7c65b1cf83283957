/** The share of the last `length` values that lie below the newest. */
export class WindowRank {
  readonly #ring: Float64Array;
  readonly #tolerance: number;
  #at = 0;
  #count = 0;

  /**
   * @param length at least 1
   * @param tolerance values that are no more than this below the newest count as equal. @defaultValue 0
   */
  constructor(length: number, tolerance = 0) {
    this.#tolerance = tolerance;
    this.#ring = new Float64Array(length);
  }

  /** Takes the next value and returns the share in per cent, itself counted as not below; NaN before there are `length`. */
  push(value: number): number {
    const ring = this.#ring;
    const { length } = ring;
    ring[this.#at] = value;
    this.#at = this.#at + 1 === length ? 0 : this.#at + 1;
    if (this.#count < length && ++this.#count < length) return Number.NaN;
    const limit = value - this.#tolerance;
    let below = 0;
    for (let i = 0; i < length; i++) if (ring[i]! < limit) below++;
    return (100 * below) / length;
  }
}
