import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { addExactly, roundedSum } from './exact-sum.js';

/** Powers of ten by which a decimal becomes an integer. */
export const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8] as const;
const MOST_DECIMALS = POWERS.length - 1;
const FINEST = 1e8;
/** A decimal of at most 15 significant digits survives a double; longer integers are no ticks. */
const TICK_MAX = 1e15;
/** With ticks below {@link TICK_MAX}, taking one out of the sum and adding another stays an exact integer. */
const SUM_MAX = 2 ** 52;
/** Its last bit is worth 1: see where it is added. */
const INTEGERS = 1.5 * 2 ** 52;
/** Marks a value that is no decimal of at most 8 places. */
export const NO_DECIMAL = MOST_DECIMALS + 1;
/** 2 ** 27 + 1 splits a double into two halves of 26 bits. */
const SPLITTER = 134_217_729;
const NO_VALUES = new Float64Array(0);

/**
 * The mean of the last `length` values, a pure function of those values: bit for bit the same however long ago the
 * window began.
 *
 * Decimals (at most 15 significant digits, at most 8 places) are summed as integer ticks at the finest scale the window
 * needs and divided once, correctly rounded, so that two averages that are equal on paper are equal here, and the
 * answer does not depend on the scale. Where a value of the window is no such decimal, or the integers grow too large,
 * the exact sum of the doubles is taken instead, kept as two doubles and divided with one rounding.
 */
export class WindowMean {
  readonly #length: number;
  /** The window, a ring; made with the first value, since whole columns need none. */
  #values = NO_VALUES;
  /** The values in ticks of `1 / #scale`; in use while `#isDecimal`. */
  #ticks = NO_VALUES;
  #at = 0;
  #count = 0;
  #isDecimal = true;
  #scale = 1;
  #divisor: number;
  #sum = 0;
  /** The sum of the doubles as `high + low`, high being nearest to it; in use while not `#isDecimal`. */
  #high = 0;
  #low = 0;
  /** Whether `high + low` is the sum to the last bit. */
  #isWhole = true;
  /** By decimals needed, how many values of the window need them; the last counts those that are no decimals. */
  readonly #needs = new Int32Array(NO_DECIMAL + 1);

  /** @param length at least 1 */
  constructor(length: number) {
    this.#length = length;
    this.#divisor = length;
  }

  /**
   * Writes what {@link push} would return for each of a column's values into `out`, faster where they are decimals.
   * To be called on a new mean.
   */
  fill(values: ReadonlyFloat64Array, out: Float64Array): void {
    const scale = writeTicks(values, out, SUM_MAX / this.#length);
    if (scale === undefined) {
      for (let i = 0; i < values.length; i++) out[i] = this.push(values[i]!);
      return;
    }
    const length = this.#length;
    const divisor = length * scale;
    const last = values.length - 1;
    let sum = 0;
    for (let i = Math.max(0, last - length + 1); i <= last; i++) sum += out[i]!;
    // From the end, so that a mean takes the place of a tick that no earlier window needs.
    for (let i = last; i >= length - 1; i--) {
      const tick = out[i]!;
      out[i] = sum / divisor + 0;
      sum += (i >= length ? out[i - length]! : 0) - tick;
    }
    out.fill(Number.NaN, 0, length - 1);
  }

  /** Takes the next value, a finite number, and returns the mean of the last `length`; NaN before there are so many. */
  push(value: number): number {
    if (this.#count === 0) {
      this.#values = new Float64Array(this.#length);
      this.#ticks = new Float64Array(this.#length);
    }
    const at = this.#at;
    if (this.#isDecimal) {
      const tick = Math.round(value * this.#scale);
      // The ring starts as zeros, so nothing special happens while it fills.
      const sum = this.#sum - this.#ticks[at]! + tick;
      if (tick / this.#scale === value && tick <= TICK_MAX && tick >= -TICK_MAX && sum <= SUM_MAX && sum >= -SUM_MAX) {
        this.#values[at] = value;
        this.#ticks[at] = tick;
        this.#sum = sum;
        this.#at = at + 1 === this.#length ? 0 : at + 1;
        if (this.#count < this.#length && ++this.#count < this.#length) return Number.NaN;
        return sum / this.#divisor;
      }
    }
    return this.#pushSlowly(value);
  }

  #pushSlowly(value: number): number {
    const at = this.#at;
    const leaving = this.#values[at]!;
    this.#values[at] = value;
    this.#at = at + 1 === this.#length ? 0 : at + 1;
    if (this.#count < this.#length) this.#count++;
    if (this.#isDecimal) {
      this.#needs.fill(0);
      for (const kept of this.#values) this.#needs[decimalsOf(kept)]!++;
      if (!this.#sumTicks()) this.#sumDoubles();
    } else {
      this.#needs[decimalsOf(leaving)]!--;
      this.#needs[decimalsOf(value)]!++;
      this.#replace(leaving, value);
      if (this.#mayBeDecimal() && this.#sumTicks()) this.#isDecimal = true;
    }
    if (this.#count < this.#length) return Number.NaN;
    return this.#isDecimal ? this.#sum / this.#divisor : quotient(this.#high, this.#low, this.#length);
  }

  /** Sums the window's ticks at the coarsest scale that holds all values; false when they are no decimals or too large. */
  #sumTicks(): boolean {
    const decimals = this.#decimals();
    if (decimals === NO_DECIMAL) return false;
    const scale = POWERS[decimals]!;
    let largest = 0;
    let sum = 0;
    for (const value of this.#values) {
      const tick = Math.round(value * scale);
      largest = Math.max(largest, Math.abs(tick));
      sum += tick;
    }
    if (largest > TICK_MAX) return false;
    // Up to here every partial sum is an integer that a double holds; beyond it, parts of it may be rounded.
    if (largest * this.#length > SUM_MAX) {
      const parts: number[] = [];
      for (const value of this.#values) addExactly(parts, Math.round(value * scale));
      sum = roundedSum(parts);
    }
    // Zeros of both signs average to 0, whatever their order.
    sum += 0;
    if (Math.abs(sum) > SUM_MAX) return false;
    for (let i = 0; i < this.#length; i++) this.#ticks[i] = Math.round(this.#values[i]! * scale);
    this.#isDecimal = true;
    this.#scale = scale;
    this.#divisor = this.#length * scale;
    this.#sum = sum;
    return true;
  }

  /** Whether it is worth summing ticks again: no value of the window forbids it and the sum seems small enough. */
  #mayBeDecimal(): boolean {
    const decimals = this.#decimals();
    return decimals !== NO_DECIMAL && Math.abs(this.#high) * POWERS[decimals]! <= SUM_MAX * 1.001;
  }

  #decimals(): number {
    let decimals = NO_DECIMAL;
    while (decimals > 0 && this.#needs[decimals] === 0) decimals--;
    return decimals;
  }

  #sumDoubles(): void {
    this.#isDecimal = false;
    this.#high = 0;
    this.#low = 0;
    this.#isWhole = true;
    for (let i = 0; i < this.#length && this.#isWhole; i++) this.#isWhole = this.#add(this.#values[i]!);
    if (this.#isWhole) return;
    const parts: number[] = [];
    for (const value of this.#values) addExactly(parts, value);
    this.#high = roundedSum(parts) + 0;
    addExactly(parts, -this.#high);
    this.#low = roundedSum(parts);
    addExactly(parts, -this.#low);
    this.#isWhole = roundedSum(parts) === 0;
  }

  /** Exchanges one value of the sum of doubles; sums anew where two doubles cannot hold it. */
  #replace(leaving: number, entering: number): void {
    if (!this.#isWhole || !this.#add(-leaving) || !this.#add(entering)) this.#sumDoubles();
  }

  /** Adds to `high + low` and returns whether no bit was lost. */
  #add(value: number): boolean {
    const high = this.#high;
    const sum = high + value;
    const y = sum - high;
    const error = high - (sum - y) + (value - y);
    const low = this.#low + error;
    const z = low - error;
    const lost = error - (low - z) + (this.#low - z);
    const total = sum + low;
    this.#high = total;
    this.#low = low - (total - sum);
    // Where `low` exceeds `sum` the fast renormalisation above is not error-free.
    return lost === 0 && (Math.abs(sum) >= Math.abs(low) || sum === 0);
  }
}

/**
 * Writes decimals as integer ticks into `out`, the same length or longer, and returns their scale, the least power of ten
 * at which all are integers of at most `most` in size; undefined where there is none.
 */
export function writeTicks(values: ReadonlyFloat64Array, out: Float64Array, most: number): number | undefined {
  const largest = Math.min(TICK_MAX, most);
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = POWERS[decimals]!;
    let i = 0;
    for (; i < values.length; i++) {
      const value = values[i]!;
      // Adding and taking away a number whose last bit is worth 1 rounds to an integer; a tie is no tick anyway.
      const tick = value * scale + INTEGERS - INTEGERS;
      if (tick / scale !== value || tick > largest || tick < -largest) break;
      out[i] = tick;
    }
    if (i === values.length) return scale;
  }
  return undefined;
}

/**
 * Returns the mean of all values, the bits that {@link WindowMean} gives for a window of them, or undefined where they
 * are no decimals of exact sum.
 */
export function meanOfDecimals(values: ReadonlyFloat64Array): number | undefined {
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = POWERS[decimals]!;
    let sum = 0;
    let i = 0;
    for (; i < values.length; i++) {
      const value = values[i]!;
      const tick = value * scale + INTEGERS - INTEGERS;
      sum += tick;
      if (tick / scale !== value || Math.abs(tick) > TICK_MAX || Math.abs(sum) > SUM_MAX) break;
    }
    if (i === values.length) return sum / (values.length * scale) + 0;
  }
  return undefined;
}

/** Returns the fewest decimals, 0 to 8, that write a value with at most 15 digits; {@link NO_DECIMAL} when none do. */
export function decimalsOf(value: number): number {
  const finest = Math.round(value * FINEST);
  // What fewer decimals write, 8 write too: most values that are no decimals are known by one test.
  if (Math.abs(finest) <= TICK_MAX && finest / FINEST !== value) return NO_DECIMAL;
  for (let decimals = 0; decimals <= MOST_DECIMALS; decimals++) {
    const scale = POWERS[decimals]!;
    const tick = Math.round(value * scale);
    if (Math.abs(tick) > TICK_MAX) return NO_DECIMAL;
    if (tick / scale === value) return decimals;
  }
  return NO_DECIMAL;
}

/** Returns `(high + low) / divisor` rounded once: the quotient of the high part, corrected by its exact remainder. */
function quotient(high: number, low: number, divisor: number): number {
  const estimate = high / divisor;
  const product = estimate * divisor;
  const shifted = estimate * SPLITTER;
  const top = shifted - (shifted - estimate);
  const rest = estimate - top;
  // A divisor below 2 ** 26 needs no split: both partial products are exact.
  const error = top * divisor - product + rest * divisor;
  return estimate + (high - product - error + low) / divisor;
}
