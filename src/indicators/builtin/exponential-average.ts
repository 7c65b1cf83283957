import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { WindowMean } from '../window-mean.js';

/** An exponential average: alpha 2 / (length + 1), seeded with the exact mean of the first `length` values. */
export class ExponentialAverage {
  readonly #length: number;
  readonly #seed: WindowMean;
  readonly #alpha: number;
  #average = Number.NaN;
  #count = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#seed = new WindowMean(length);
    this.#alpha = 2 / (length + 1);
  }

  /** Takes the next value and returns the average; NaN before `length` values. */
  push(value: number): number {
    if (this.#count < this.#length) {
      this.#count++;
      this.#average = this.#seed.push(value);
    } else this.#average = (value - this.#average) * this.#alpha + this.#average;
    return this.#average;
  }

  /** Writes what {@link push} would return for each of a column's values into `out`. To be called on a new average. */
  fill(values: ReadonlyFloat64Array, out: Float64Array): void {
    const seeded = Math.min(this.#length, values.length);
    for (let row = 0; row < seeded; row++) out[row] = this.push(values[row]!);
    const alpha = this.#alpha;
    let average = this.#average;
    for (let row = seeded; row < values.length; row++) {
      average = (values[row]! - average) * alpha + average;
      out[row] = average;
    }
  }
}

/** Exponential averages of the same length, each over the one before: as the single one, doubled and tripled, takes them. */
export class ExponentialChain {
  /** The averages as of the last value; NaN where there are too few. */
  readonly levels: Float64Array;
  readonly #averages: readonly ExponentialAverage[];

  constructor(length: number, levels: number) {
    this.levels = new Float64Array(levels).fill(Number.NaN);
    this.#averages = Array.from(this.levels, () => new ExponentialAverage(length));
  }

  /** Takes the next value into the first average and passes on what each gives; returns the last, NaN until it has one. */
  push(value: number): number {
    let passed = value;
    for (let k = 0; k < this.levels.length; k++) {
      passed = this.#averages[k]!.push(passed);
      this.levels[k] = passed;
      if (Number.isNaN(passed)) return passed;
    }
    return passed;
  }
}
