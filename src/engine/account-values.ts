import { type Metrics, RunningSummary } from '../metrics/summary.js';
import type { RoundTripSummary } from '../metrics/trades.js';
import { Stretches } from './stretches.js';

/**
 * Values of a run's accounts at the closes of its bars, each in one asset. No column is written until somebody asks for it, so that a trial of a search neither
 * writes nor keeps one.
 */
export interface RunValues {
  /** What takes the values of each account. */
  readonly accounts: readonly Stretches[];
  /** Starts anew with so much cash in all. */
  begin(startingCash: number): void;
  /** Returns the metrics of the values so far. @param annualization bars a year */
  metrics(annualization: number, roundTrips: RoundTripSummary): Metrics;
  /** Returns a column with the values so far, each at its bar: the next run writes it over. */
  column(): Float64Array;
  /**
   * Writes the values at some bars, or at all of them, without making the column.
   *
   * @param bars ascending; undefined for all
   * @returns `into`
   */
  valuesAt(bars: Int32Array | undefined, into: Float64Array): Float64Array;
}

/** Values of a run's only account. Metrics are summed up as its stretches come. */
export class AccountValues extends Stretches implements RunValues {
  readonly accounts = [this];
  readonly #summary = new RunningSummary();
  readonly #bars: number;
  #column: Float64Array | undefined;
  /** Bars of the present run that are in the column. */
  #written = 0;

  /** @param bars of a run */
  constructor(bars: number) {
    super();
    this.#bars = bars;
  }

  begin(startingCash: number): void {
    this.#summary.begin(startingCash);
    this.clear();
    this.#written = 0;
  }

  override take(to: number, cash: number, units: number): void {
    const from = this.end;
    this.push(to, cash, units);
    const summary = this.#summary;
    if (units === 0) {
      summary.takeFlat(cash, to - from);
      return;
    }
    const { marks, offset } = this;
    const stop = Math.max(from, Math.min(to, marks.length - offset));
    summary.take(marks, from + offset, stop + offset, cash, units);
    if (stop < to) summary.takeFlat(cash + units * marks[marks.length - 1]!, to - stop);
  }

  metrics(annualization: number, roundTrips: RoundTripSummary): Metrics {
    const values = (): Float64Array => this.column().subarray(0, this.#summary.count);
    return this.#summary.metrics(values, annualization, roundTrips);
  }

  column(): Float64Array {
    this.#column ??= new Float64Array(this.#bars);
    this.write(this.#column, 0, this.#written, this.end);
    this.#written = this.end;
    return this.#column;
  }

  valuesAt(bars: Int32Array | undefined, into: Float64Array): Float64Array {
    if (bars === undefined) this.write(into, 0, 0, this.end);
    else this.addAt(bars, into.fill(0));
    return into;
  }
}
