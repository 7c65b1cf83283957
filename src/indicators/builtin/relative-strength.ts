import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { smoothed, WilderAverage } from './wilder-average.js';

/** Wilder's averages of the gains and the losses between successive values. */
export class RelativeStrength {
  /** Average gain; NaN before `length` changes. */
  gain = Number.NaN;
  /** Average loss, as a number that is not negative; NaN before `length` changes. */
  loss = Number.NaN;
  readonly #length: number;
  readonly #gains: WilderAverage;
  readonly #losses: WilderAverage;
  #previous = Number.NaN;

  constructor(length: number) {
    this.#length = length;
    this.#gains = new WilderAverage(length);
    this.#losses = new WilderAverage(length);
  }

  /** Takes the next value. */
  push(value: number): void {
    const change = value - this.#previous;
    this.#previous = value;
    if (Number.isNaN(change)) return;
    this.gain = this.#gains.push(change > 0 ? change : 0);
    this.loss = this.#losses.push(change < 0 ? -change : 0);
  }

  /** The relative strength index, 0 to 100: 50 where nothing has changed. NaN before `length` changes. */
  get index(): number {
    return indexOf(this.gain, this.loss);
  }

  /** Writes the {@link index} as of each of a column's values into `out`. To be called on a new strength. */
  fill(values: ReadonlyFloat64Array, out: Float64Array): void {
    const length = this.#length;
    const seeded = Math.min(length + 1, values.length);
    for (let row = 0; row < seeded; row++) {
      this.push(values[row]!);
      out[row] = this.index;
    }
    let { gain, loss } = this;
    for (let row = seeded; row < values.length; row++) {
      const change = values[row]! - values[row - 1]!;
      gain = smoothed(gain, change > 0 ? change : 0, length);
      loss = smoothed(loss, change < 0 ? -change : 0, length);
      out[row] = indexOf(gain, loss);
    }
  }
}

function indexOf(gain: number, loss: number): number {
  const both = gain + loss;
  return both === 0 ? 50 : 100 * (gain / both);
}
