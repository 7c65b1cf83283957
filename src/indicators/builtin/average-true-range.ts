import { trueRangeOf } from './range.js';
import { WilderAverage } from './wilder-average.js';

/** Wilder's average of the true ranges, from the second bar on. */
export class AverageTrueRange {
  readonly #average: WilderAverage;
  #previous = Number.NaN;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#average = new WilderAverage(length);
  }

  /** Takes the next bar and returns the average; NaN before `length + 1` bars. */
  push(high: number, low: number, close: number): number {
    const range = trueRangeOf(high, low, this.#previous);
    this.#previous = close;
    return Number.isNaN(range) ? Number.NaN : this.#average.push(range);
  }
}
