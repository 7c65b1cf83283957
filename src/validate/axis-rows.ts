import type { BarGroup } from '../data/bundle.js';
import { lowerBound } from '../market/calendar.js';
import type { Moment } from './trace.js';

/** Finds the axis rows of instants at which something happened. */
export class AxisRows {
  readonly #opens = new Map<number, number>();
  readonly #closes = new Map<number, number>();
  readonly #axis: Pick<BarGroup, 'opens' | 'closes'>;

  constructor({ opens, closes, length }: Pick<BarGroup, 'opens' | 'closes' | 'length'>) {
    this.#axis = { opens, closes };
    for (let row = 0; row < length; row++) {
      this.#opens.set(opens[row]!, row);
      this.#closes.set(closes[row]!, row);
    }
  }

  /** The row of the bar that opens, or has closed, at a moment. Throws RangeError for an instant that lies in none. */
  of({ instant, beforeOpen }: Moment): number {
    return this.ofFill(instant, beforeOpen);
  }

  /** The row of a fill: of the bar that opens then, or else has closed then, or that is under way, where one of an asset's own does. */
  ofFill(instant: number, fillsAtOpening: boolean): number {
    const first = fillsAtOpening ? this.#opens : this.#closes;
    const second = fillsAtOpening ? this.#closes : this.#opens;
    return first.get(instant) ?? second.get(instant) ?? this.#around(instant);
  }

  #around(instant: number): number {
    const { opens, closes } = this.#axis;
    const row = lowerBound(closes, instant);
    if (!(opens[row]! <= instant)) throw new RangeError(`No bar is under way at ${instant}.`);
    return row;
  }
}
