import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { writeTicks } from '../window-mean.js';
import { EXACT, WindowSums } from './window-sums.js';

/** The linearly weighted mean of the last `length` values: weight 1 for the oldest, `length` for the newest. */
export class WeightedAverage {
  readonly #length: number;
  readonly #sums: WindowSums;
  readonly #weights: number;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#sums = new WindowSums(length);
    this.#weights = (length * (length + 1)) / 2;
  }

  /** Takes the next value, a finite number, and returns the mean; NaN before there are `length`. */
  push(value: number): number {
    const sums = this.#sums;
    // Zeros of both signs average to 0, whatever their order.
    return sums.push(value) ? sums.weighted / (this.#weights * sums.scale) + 0 : Number.NaN;
  }

  /**
   * Writes what {@link push} would return for each of a column's values into `out`, faster where they are decimals.
   * To be called on a new average.
   */
  fill(values: ReadonlyFloat64Array, out: Float64Array): void {
    const length = this.#length;
    const scale = writeTicks(values, out, EXACT / this.#weights);
    if (scale === undefined || this.#weights * scale > EXACT) {
      for (let i = 0; i < values.length; i++) out[i] = this.push(values[i]!);
      return;
    }
    const divisor = this.#weights * scale;
    const last = values.length - 1;
    let sum = 0;
    let weighted = 0;
    for (let k = 0; k < length && k <= last; k++) {
      sum += out[last - k]!;
      weighted += (length - k) * out[last - k]!;
    }
    // From the end, so that a mean takes the place of a tick that no earlier window needs.
    for (let i = last; i >= length - 1; i--) {
      const tick = out[i]!;
      out[i] = weighted / divisor + 0;
      sum += (i >= length ? out[i - length]! : 0) - tick;
      weighted += sum - length * tick;
    }
    out.fill(Number.NaN, 0, length - 1);
  }
}
