import { WilderAverage } from './wilder-average.js';

/** Wilder's averages of the gains and the losses between successive values. */
export class RelativeStrength {
  /** Average gain; NaN before `length` changes. */
  gain = Number.NaN;
  /** Average loss, as a number that is not negative; NaN before `length` changes. */
  loss = Number.NaN;
  readonly #gains: WilderAverage;
  readonly #losses: WilderAverage;
  #previous = Number.NaN;

  constructor(length: number) {
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
    const both = this.gain + this.loss;
    return both === 0 ? 50 : 100 * (this.gain / both);
  }
}
