/** Gives back each value after a number of others. */
export class Delay {
  readonly #ring: Float64Array;
  #at = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#ring = new Float64Array(length).fill(Number.NaN);
  }

  /** Takes the next value and returns the one `length` before it; NaN where there is none. */
  push(value: number): number {
    const at = this.#at;
    const past = this.#ring[at]!;
    this.#ring[at] = value;
    this.#at = at + 1 === this.#ring.length ? 0 : at + 1;
    return past;
  }
}
