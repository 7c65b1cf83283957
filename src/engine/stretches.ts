import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { marksSum, writeMarks } from './marks.js';

/** What a stretch holds beside its rows: cash, and units of the asset. */
const DOUBLES = 2;

/**
 * Values of an account in one asset at the closes of a run's bars, as stretches over which cash and units stay the same: two numbers each make the value
 * of any bar, the same to the last bit as one that was written at once.
 */
export class Stretches {
  protected marks: ReadonlyFloat64Array = new Float64Array(0);
  protected offset = 0;
  /** Place behind the last value of each stretch. */
  #ends = new Int32Array(64);
  #parts = new Float64Array(DOUBLES * 64);
  #count = 0;
  /** A stretch that was reached by reading on: most who read go on from there. */
  #cursor = 0;

  /** Forgets all stretches. */
  clear(): void {
    this.#count = 0;
    this.#cursor = 0;
  }

  /** Says by which closes the asset is valued: that of value `i` lies at `i + offset`; behind the last one that one stays. */
  follow(marks: ReadonlyFloat64Array, offset: number): void {
    this.marks = marks;
    this.offset = offset;
  }

  /** Takes the values up to `to`, from where the last stretch ended; no units are an account that holds nothing. */
  take(to: number, cash: number, units: number): void {
    this.push(to, cash, units);
  }

  /** Keeps a stretch. */
  protected push(to: number, cash: number, units: number): void {
    const at = this.#count++;
    if (at === this.#ends.length) this.#grow();
    this.#ends[at] = to;
    this.#parts[DOUBLES * at] = cash;
    this.#parts[DOUBLES * at + 1] = units;
  }

  /** Place behind the last value; 0 before the first. */
  get end(): number {
    return this.#count === 0 ? 0 : this.#ends[this.#count - 1]!;
  }

  /** Place behind the last value of the stretch at `from`, which has one. */
  endAt(from: number): number {
    return this.#ends[this.#seek(from)]!;
  }

  /** Cash of the stretch at `from`. */
  cashAt(from: number): number {
    return this.#parts[DOUBLES * this.#seek(from)]!;
  }

  /** Units of the stretch at `from`. */
  unitsAt(from: number): number {
    return this.#parts[DOUBLES * this.#seek(from) + 1]!;
  }

  /** Writes the values at `[from, to)` into a column that begins with the value at `start`. */
  write(column: Float64Array, start: number, from: number, to: number): void {
    if (from >= to) return;
    const offset = this.offset + start;
    let stretch = this.#seek(from);
    for (let at = from; at < to; stretch++) {
      const end = Math.min(to, this.#ends[stretch]!);
      const cash = this.#parts[DOUBLES * stretch]!;
      const units = this.#parts[DOUBLES * stretch + 1]!;
      if (units === 0) column.fill(cash, at - start, end - start);
      else writeMarks(column, at - start, end - start, cash, units, this.marks, offset);
      at = end;
    }
  }

  /** Adds the values at `[from, to)` to {@link marksSum}, whose first one is that at `from`. */
  addToSum(from: number, to: number): void {
    const offset = this.offset + from;
    let stretch = this.#seek(from);
    for (let at = from; at < to; stretch++) {
      const end = Math.min(to, this.#ends[stretch]!);
      const cash = this.#parts[DOUBLES * stretch]!;
      const units = this.#parts[DOUBLES * stretch + 1]!;
      if (units === 0) marksSum.addCash(at - from, end - from, cash);
      else marksSum.add(at - from, end - from, cash, units, this.marks, offset);
      at = end;
    }
  }

  /** Adds the values at some bars, ascending, to what is there. */
  addAt(bars: Int32Array, into: Float64Array): void {
    const marks = this.marks;
    const last = marks.length - 1;
    for (let i = 0; i < bars.length; i++) {
      const bar = bars[i]!;
      const stretch = this.#seek(bar);
      const cash = this.#parts[DOUBLES * stretch]!;
      const units = this.#parts[DOUBLES * stretch + 1]!;
      into[i] = into[i]! + (units === 0 ? cash : cash + units * marks[Math.min(bar + this.offset, last)]!);
    }
  }

  /** Returns the stretch of a row that has a value. */
  #seek(row: number): number {
    let stretch = this.#cursor;
    if (stretch > 0 && this.#ends[stretch - 1]! > row) stretch = 0;
    while (this.#ends[stretch]! <= row) stretch++;
    this.#cursor = stretch;
    return stretch;
  }

  #grow(): void {
    const ends = new Int32Array(2 * this.#ends.length);
    ends.set(this.#ends);
    this.#ends = ends;
    const parts = new Float64Array(2 * this.#parts.length);
    parts.set(this.#parts);
    this.#parts = parts;
  }
}
