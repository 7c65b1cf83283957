import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { type Metrics, RunningSummary } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import { writeMarks } from './marks.js';

/** What a stretch holds beside its rows: cash, and units of the asset. */
const DOUBLES = 2;

/**
 * Values of an account in one asset at the closes of a run's bars, as stretches over which cash and units stay the same. Metrics are summed up as the stretches
 * come; a column is made when somebody asks for it, so that a trial of a search neither writes nor keeps one.
 */
export class AccountValues {
  readonly #summary = new RunningSummary();
  readonly #bars: number;
  #marks: ReadonlyFloat64Array = new Float64Array(0);
  #offset = 0;
  /** Place behind the last value of each stretch. */
  #ends = new Int32Array(64);
  #parts = new Float64Array(DOUBLES * 64);
  #stretches = 0;
  #column: Float64Array | undefined;
  /** Stretches of the present run that are in the column. */
  #written = 0;

  /** @param bars of a run */
  constructor(bars: number) {
    this.#bars = bars;
  }

  /** Starts anew for an account with so much cash. */
  begin(startingCash: number): void {
    this.#summary.begin(startingCash);
    this.#stretches = 0;
    this.#written = 0;
  }

  /** Says by which closes the asset is valued: that of value `i` lies at `i + offset`; behind the last one that one stays. */
  follow(marks: ReadonlyFloat64Array, offset: number): void {
    this.#marks = marks;
    this.#offset = offset;
  }

  /** Adds the values at `[from, to)`, `from` being where the last stretch ended; no units are an account that holds nothing. */
  add(from: number, to: number, cash: number, units: number): void {
    const at = this.#stretches++;
    if (at === this.#ends.length) this.#grow();
    this.#ends[at] = to;
    this.#parts[DOUBLES * at] = cash;
    this.#parts[DOUBLES * at + 1] = units;
    const summary = this.#summary;
    if (units === 0) {
      summary.takeFlat(cash, to - from);
      return;
    }
    const marks = this.#marks;
    const offset = this.#offset;
    const stop = Math.max(from, Math.min(to, marks.length - offset));
    summary.take(marks, from + offset, stop + offset, cash, units);
    if (stop < to) summary.takeFlat(cash + units * marks[marks.length - 1]!, to - stop);
  }

  /** Returns the metrics of the values so far. @param annualization bars a year */
  metrics(annualization: number, roundTrips: RoundTripSummary): Metrics {
    const values = (): Float64Array => this.column().subarray(0, this.#summary.count);
    return this.#summary.metrics(values, annualization, roundTrips);
  }

  /** Returns a column with the values so far, each at its bar: the next run writes it over. */
  column(): Float64Array {
    this.#column ??= new Float64Array(this.#bars);
    this.#write(this.#column, this.#written);
    this.#written = this.#stretches;
    return this.#column;
  }

  /**
   * Writes the values at some bars, or at all of them, without making the column.
   *
   * @param bars ascending; undefined for all
   * @returns `into`
   */
  valuesAt(bars: Int32Array | undefined, into: Float64Array): Float64Array {
    if (bars === undefined) {
      this.#write(into, 0);
      return into;
    }
    const marks = this.#marks;
    const last = marks.length - 1;
    let stretch = 0;
    for (let i = 0; i < bars.length; i++) {
      const bar = bars[i]!;
      while (this.#ends[stretch]! <= bar) stretch++;
      const cash = this.#parts[DOUBLES * stretch]!;
      const units = this.#parts[DOUBLES * stretch + 1]!;
      into[i] = units === 0 ? cash : cash + units * marks[Math.min(bar + this.#offset, last)]!;
    }
    return into;
  }

  /** Writes the values from a stretch on. */
  #write(column: Float64Array, first: number): void {
    let from = first === 0 ? 0 : this.#ends[first - 1]!;
    for (let stretch = first; stretch < this.#stretches; stretch++) {
      const to = this.#ends[stretch]!;
      const cash = this.#parts[DOUBLES * stretch]!;
      const units = this.#parts[DOUBLES * stretch + 1]!;
      if (units === 0) column.fill(cash, from, to);
      else writeMarks(column, from, to, cash, units, this.#marks, this.#offset);
      from = to;
    }
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
