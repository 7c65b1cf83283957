import type { BarGroup } from '../data/bundle.js';
import type { Moment } from './trace.js';

/** Finds the axis rows of instants at which something happened. */
export class AxisRows {
  readonly #opens = new Map<number, number>();
  readonly #closes = new Map<number, number>();

  constructor({ opens, closes, length }: Pick<BarGroup, 'opens' | 'closes' | 'length'>) {
    for (let row = 0; row < length; row++) {
      this.#opens.set(opens[row]!, row);
      this.#closes.set(closes[row]!, row);
    }
  }

  /** The row of the bar that opens, or has closed, at a moment. Throws RangeError for an instant that lies in none. */
  of({ instant, beforeOpen }: Moment): number {
    const [first, second] = beforeOpen ? [this.#opens, this.#closes] : [this.#closes, this.#opens];
    const row = first.get(instant) ?? second.get(instant);
    if (row === undefined) throw new RangeError(`No bar opens or closes at ${instant}.`);
    return row;
  }
}
