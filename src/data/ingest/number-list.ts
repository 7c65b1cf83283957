import { afterValues, scratchColumn } from '../scratch.js';

/** A list of doubles that grows by doubling: 8 bytes a value, no object for each. */
export class NumberList {
  #values: Float64Array<ArrayBuffer> = new Float64Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = scratchColumn(this.#values.length * 2);
      larger.set(this.#values);
      afterValues(larger.length);
      this.#values = larger;
    }
    this.#values[this.#length++] = value;
  }

  /** Changes a value that was pushed before. */
  set(place: number, value: number): void {
    this.#values[place] = value;
  }

  /** Takes the last value off. */
  pop(): void {
    this.#length--;
  }

  /** Returns the values so far as a view, not a copy: nothing is to be pushed afterwards. */
  finish(): Float64Array<ArrayBuffer> {
    return this.#values.subarray(0, this.#length);
  }
}
