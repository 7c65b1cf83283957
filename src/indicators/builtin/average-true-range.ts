import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { trueRangeOf } from './range.js';
import { smoothed, WilderAverage } from './wilder-average.js';

/** Wilder's average of the true ranges, from the second bar on. */
export class AverageTrueRange {
  readonly #length: number;
  readonly #average: WilderAverage;
  #previous = Number.NaN;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#average = new WilderAverage(length);
  }

  /** Takes the next bar and returns the average; NaN before `length + 1` bars. */
  push(high: number, low: number, close: number): number {
    const range = trueRangeOf(high, low, this.#previous);
    this.#previous = close;
    return Number.isNaN(range) ? Number.NaN : this.#average.push(range);
  }

  /** Writes what {@link push} would return for each bar into `out`. To be called on a new average. */
  fill(high: ReadonlyFloat64Array, low: ReadonlyFloat64Array, close: ReadonlyFloat64Array, out: Float64Array): void {
    const length = this.#length;
    const seeded = Math.min(length + 1, out.length);
    for (let row = 0; row < seeded; row++) out[row] = this.push(high[row]!, low[row]!, close[row]!);
    let average = this.#average.value;
    for (let row = seeded; row < out.length; row++) {
      average = smoothed(average, trueRangeOf(high[row]!, low[row]!, close[row - 1]!), length);
      out[row] = average;
    }
  }
}
