import { decimalsOf, NO_DECIMAL, POWERS } from '../window-mean.js';

/** Integers up to here are exact. */
export const EXACT = 2 ** 53;

/**
 * The sum of the last `length` values and their sum weighted 1 (oldest) to `length` (newest), both a pure function of
 * the window. Decimals are summed as integer ticks in constant time, exactly; where a value of the window is no decimal
 * of at most 8 places, or the integers grow too large, both sums are taken anew from the oldest to the newest value.
 */
export class WindowSums {
  /** The sum times {@link scale}. */
  sum = 0;
  /** The weighted sum times {@link scale}. */
  weighted = 0;
  /** A power of ten by which the sums are to be divided. */
  scale = 1;
  readonly #length: number;
  /** Sum of the weights. */
  readonly #weights: number;
  readonly #values: Float64Array;
  readonly #ticks: Float64Array;
  /** By decimals needed, how many values of the window need them; the last counts those that are no decimals. */
  readonly #needs = new Int32Array(NO_DECIMAL + 1);
  readonly #places: Uint8Array;
  #isExact = true;
  #at = 0;
  #count = 0;

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#weights = (length * (length + 1)) / 2;
    this.#values = new Float64Array(length);
    this.#ticks = new Float64Array(length);
    this.#places = new Uint8Array(length);
    this.#needs[0] = length;
  }

  /** Takes the next value, a finite number, and returns whether there are `length`. */
  push(value: number): boolean {
    const at = this.#at;
    const places = decimalsOf(value);
    this.#needs[this.#places[at]!]!--;
    this.#needs[places]!++;
    this.#places[at] = places;
    this.#values[at] = value;
    this.#at = at + 1 === this.#length ? 0 : at + 1;
    let decimals = NO_DECIMAL;
    while (decimals > 0 && this.#needs[decimals] === 0) decimals--;
    if (!this.#isExact || decimals === NO_DECIMAL || POWERS[decimals] !== this.scale || !this.#replaceTick(at, value)) {
      this.#isExact = decimals !== NO_DECIMAL && this.#sumTicks(POWERS[decimals]!);
      if (!this.#isExact) this.#sumDoubles();
    }
    if (this.#count < this.#length) this.#count++;
    return this.#count === this.#length;
  }

  #isTick(tick: number): boolean {
    return Math.abs(tick) * this.#weights <= EXACT;
  }

  /** Exchanges the oldest tick for a new one, which takes one weight from every other; false where it is too large. */
  #replaceTick(at: number, value: number): boolean {
    const tick = Math.round(value * this.scale);
    if (!this.#isTick(tick)) return false;
    this.weighted += this.#length * tick - this.sum;
    this.sum += tick - this.#ticks[at]!;
    this.#ticks[at] = tick;
    return true;
  }

  /** Sums the window at a scale that holds all its values; false where the integers grow too large. */
  #sumTicks(scale: number): boolean {
    if (this.#weights * scale > EXACT) return false;
    for (let i = 0; i < this.#length; i++) {
      const tick = Math.round(this.#values[i]! * scale);
      if (!this.#isTick(tick)) return false;
      this.#ticks[i] = tick;
    }
    this.scale = scale;
    this.#sumOver(this.#ticks);
    return true;
  }

  #sumDoubles(): void {
    this.scale = 1;
    this.#sumOver(this.#values);
  }

  #sumOver(values: Float64Array): void {
    const at = this.#at;
    const length = this.#length;
    let sum = 0;
    let weighted = 0;
    for (let i = at; i < length; i++) {
      sum += values[i]!;
      weighted += (i - at + 1) * values[i]!;
    }
    for (let i = 0; i < at; i++) {
      sum += values[i]!;
      weighted += (length - at + i + 1) * values[i]!;
    }
    this.sum = sum;
    this.weighted = weighted;
  }
}
