/**
 * The largest value of the last `length`, in constant time a value: a queue of candidates, each larger than all that came
 * after it. Used with a sign of -1 it gives the smallest.
 */
export class WindowMaximum {
  readonly #length: number;
  readonly #sign: 1 | -1;
  /** Candidates and the numbers of their values, in rings. */
  readonly #candidates: Float64Array;
  readonly #numbers: Float64Array;
  #head = 0;
  #size = 0;
  #count = 0;

  constructor(length: number, sign: 1 | -1) {
    this.#length = length;
    this.#sign = sign;
    this.#candidates = new Float64Array(length);
    this.#numbers = new Float64Array(length);
  }

  /** Takes the next value and returns the extreme of the last `length`; NaN before there are so many. */
  push(value: number): number {
    const length = this.#length;
    const signed = value * this.#sign;
    const number = this.#count++;
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

  /** How many values ago the extreme came, 0 for the last; the later one of equals. NaN before there are `length`. */
  get age(): number {
    return this.#count < this.#length ? Number.NaN : this.#count - 1 - this.#numbers[this.#head]!;
  }
}
