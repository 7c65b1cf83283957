import { LookaheadError, UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Series } from '../indicators/indicator.js';
import type { Clock } from './clock.js';

/** A column read as of now. */
export interface SeriesColumn {
  /** Identity of the values: what an indicator over this series is cached by. */
  readonly key: string;
  /** Listing rows; NaN before the first value. */
  readonly values: ReadonlyFloat64Array;
  /** Axis row of column index 0. */
  readonly first: number;
  /** Bars needed for the first value. */
  readonly warmUp: number;
  /** Rows of the column at whose opening the past is restated, if any, and a value before such a row as restated there. */
  readonly restatement: { readonly rows: Int32Array; value(segment: number, row: number): number } | undefined;
}

/** The getters of a {@link Series} over a column: no allocation, nothing later than the clock. */
export class SeriesReader implements Series {
  readonly #clock: Clock;
  readonly #values: ReadonlyFloat64Array;
  readonly #first: number;
  readonly #column: SeriesColumn;

  constructor(clock: Clock, column: SeriesColumn) {
    this.#clock = clock;
    this.#values = column.values;
    this.#first = column.first;
    this.#column = column;
  }

  get value(): number {
    const row = this.#clock.row - this.#first;
    return row >= 0 && row < this.#values.length ? this.#values[row]! : Number.NaN;
  }

  get ready(): boolean {
    return !Number.isNaN(this.value);
  }

  ago(bars: number): number {
    if (bars < 0) {
      throw new LookaheadError('LOOKAHEAD', {
        message: `ago(${bars}) asks for a bar that is not known yet; 0 is the current bar.`,
      });
    }
    if (!Number.isInteger(bars)) {
      throw new UsageError('INVALID_ARGUMENT', { message: `ago(${bars}) needs a whole number of bars.` });
    }
    const now = this.#clock.row - this.#first;
    const row = now - bars;
    if (row < 0 || now >= this.#values.length) return Number.NaN;
    const { restatement } = this.#column;
    if (restatement !== undefined) {
      const segment = segmentOf(restatement.rows, now);
      if (segment > 0 && row < restatement.rows[segment - 1]!) return restatement.value(segment, row);
    }
    return this.#values[row]!;
  }

  /** The column behind a series that the engine made; undefined for anything else. */
  static columnOf(series: Series): SeriesColumn | undefined {
    return series instanceof SeriesReader ? series.#column : undefined;
  }
}

/** How many of the ascending `rows` are at or before `row`. */
function segmentOf(rows: Int32Array, row: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]! <= row) low = middle + 1;
    else high = middle;
  }
  return low;
}
