import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { WindowMaximum } from './extreme.js';

/** The highest high and the lowest low of the last `length` bars. */
export class WindowRange {
  /** NaN before there are `length` bars, as {@link low}. */
  high = Number.NaN;
  low = Number.NaN;
  readonly #highs: WindowMaximum;
  readonly #lows: WindowMaximum;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#highs = new WindowMaximum(length, 1);
    this.#lows = new WindowMaximum(length, -1);
  }

  /** Takes the next bar. */
  push(high: number, low: number): void {
    this.high = this.#highs.push(high);
    this.low = this.#lows.push(low);
  }

  /** Writes the range as of each of the bars. To be called on a new one. */
  fill(highs: ReadonlyFloat64Array, lows: ReadonlyFloat64Array, high: Float64Array, low: Float64Array): void {
    this.#highs.fill(highs, high);
    this.#lows.fill(lows, low);
  }

  /** The middle between both. */
  get middle(): number {
    return (this.high + this.low) / 2;
  }

  /**
   * Returns where a value lies, in per cent of the way from the low to the high; 50 where they are no more than `least`
   * apart, by default one.
   */
  locate(value: number, least = 0): number {
    const range = this.high - this.low;
    return range <= least ? 50 : 100 * ((value - this.low) / range);
  }
}
