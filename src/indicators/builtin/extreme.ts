import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';

const NO_VALUES = new Float64Array(0);

/**
 * The largest value of the last `length`, in constant time a value: a queue of candidates, each larger than all that came
 * after it. Used with a sign of -1 it gives the smallest.
 */
export class WindowMaximum {
  readonly #length: number;
  readonly #sign: 1 | -1;
  /** Candidates and the numbers of their values, in rings; made with the first value. */
  #candidates = NO_VALUES;
  #numbers = NO_VALUES;
  #head = 0;
  #size = 0;
  #count = 0;

  constructor(length: number, sign: 1 | -1) {
    this.#length = length;
    this.#sign = sign;
  }

  /** Takes the next value and returns the extreme of the last `length`; NaN before there are so many. */
  push(value: number): number {
    const length = this.#length;
    const signed = value * this.#sign;
    const number = this.#count++;
    if (number === 0) {
      this.#candidates = new Float64Array(length);
      this.#numbers = new Float64Array(length);
    }
    if (this.#size > 0 && this.#numbers[this.#head]! <= number - length) {
      this.#head = this.#head + 1 === length ? 0 : this.#head + 1;
      this.#size--;
    }
    let tail = this.#head + this.#size;
    if (tail >= length) tail -= length;
    while (this.#size > 0) {
      const last = tail === 0 ? length - 1 : tail - 1;
      if (this.#candidates[last]! > signed) break;
      tail = last;
      this.#size--;
    }
    this.#candidates[tail] = signed;
    this.#numbers[tail] = number;
    this.#size++;
    return number + 1 < length ? Number.NaN : this.#candidates[this.#head]! * this.#sign;
  }

  /**
   * Writes what {@link push} would return for each of a column's values into `out`, which is another column. To be called on a new window. In three comparisons
   * a value: every window is the end of one block of `length` values and the beginning of the next (M. van Herk, Pattern Recognition Letters 13, 1992).
   */
  fill(values: ReadonlyFloat64Array, out: Float64Array): void {
    const length = this.#length;
    const sign = this.#sign;
    const rows = values.length;
    /** The extreme of the block before from each of its places on; nothing behind its end. */
    const ends = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
    for (let start = 0; start < rows; start += length) {
      const end = Math.min(start + length, rows);
      let beginning = Number.NEGATIVE_INFINITY;
      for (let row = start; row < end; row++) {
        const value = values[row]! * sign;
        // Of equals the later one, as zeros have signs.
        beginning = beginning > value ? beginning : value;
        const before = ends[row - start + 1]!;
        out[row] = (before > beginning ? before : beginning) * sign;
      }
      let from = Number.NEGATIVE_INFINITY;
      for (let row = end - 1; row >= start; row--) {
        const value = values[row]! * sign;
        from = value > from ? value : from;
        ends[row - start] = from;
      }
    }
    out.fill(Number.NaN, 0, Math.min(length - 1, rows));
  }

  /** How many values ago the extreme came, 0 for the last; the later one of equals. NaN before there are `length`. */
  get age(): number {
    return this.#count < this.#length ? Number.NaN : this.#count - 1 - this.#numbers[this.#head]!;
  }
}
