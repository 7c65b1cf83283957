import { WindowMean } from '../window-mean.js';

/** Sums of squares and products of the last `length` pairs around their exact means, in two passes over the window. */
export class WindowPairs {
  /** Sum of squared distances of x from its mean; NaN before there are `length` pairs, as the next two. */
  xx = Number.NaN;
  /** Sum of squared distances of y from its mean. */
  yy = Number.NaN;
  /** Sum of the products of both distances. */
  xy = Number.NaN;
  readonly #length: number;
  readonly #meanX: WindowMean;
  readonly #meanY: WindowMean;
  readonly #x: Float64Array;
  readonly #y: Float64Array;
  #at = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#meanX = new WindowMean(length);
    this.#meanY = new WindowMean(length);
    this.#x = new Float64Array(length);
    this.#y = new Float64Array(length);
  }

  /** Takes the next pair. */
  push(x: number, y: number): void {
    const length = this.#length;
    this.#x[this.#at] = x;
    this.#y[this.#at] = y;
    const at = this.#at + 1 === length ? 0 : this.#at + 1;
    this.#at = at;
    const meanX = this.#meanX.push(x);
    const meanY = this.#meanY.push(y);
    if (Number.isNaN(meanX)) return;
    this.xx = 0;
    this.yy = 0;
    this.xy = 0;
    // From the oldest to the newest: the sums depend on the window alone.
    this.#add(at, length, meanX, meanY);
    this.#add(0, at, meanX, meanY);
  }

  #add(from: number, to: number, meanX: number, meanY: number): void {
    for (let i = from; i < to; i++) {
      const x = this.#x[i]! - meanX;
      const y = this.#y[i]! - meanY;
      this.xx += x * x;
      this.yy += y * y;
      this.xy += x * y;
    }
  }
}
