import { LookaheadError, UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { segmentAt } from '../data/adjustments.js';
import type { Series } from '../indicators/indicator.js';
import { Clock } from './clock.js';

/** A column read as of now. */
export interface SeriesColumn {
  /** Identity of the values: what an indicator over this series is cached by. */
  readonly key: string;
  /** Listing rows; NaN before the first value. */
  readonly values: ReadonlyFloat64Array;
  /** Axis row of column index 0. */
  readonly first: number;
  /** What was computed of what, whatever the asset: `close`, or a recipe's identity. */
  readonly shape: string;
  /**
   * Whether the last value stands where bars are missing: indicators, not fields. It stands after the last bar too, because only later
   * bars tell a gap from the end.
   */
  readonly carries: boolean;
  /** Rows of the column at whose opening the past is restated, if any, and a value before such a row as restated there. */
  readonly restatement: { readonly rows: Int32Array; value(segment: number, row: number): number } | undefined;
}

/** No value: what a series holds while the strategy still declares. */
const NOTHING: ReadonlyFloat64Array = new Float64Array([Number.NaN]);
/** First row of a series without values: no bar comes after it. */
const REST = 2 ** 30;
/** Stands at the one row of {@link NOTHING}, wherever the clock of the account goes on to. */
const RESTING = new Clock(0);
RESTING.moveTo(0);

/**
 * The getters of a {@link Series} over a column: no allocation, nothing later than the clock.
 *
 * `value` is one expression because the compiler inlines an accessor of at most 26 bytes of bytecode everywhere and
 * a longer one almost never: measured, it makes half of the time of a bar. Hence what it reads lies in its own class; and it is
 * private at run time too, for the column holds tomorrow, and not every strategy is type-checked.
 */
abstract class ColumnReader implements Series {
  readonly #clock: Clock;
  readonly #column: SeriesColumn;
  #values: ReadonlyFloat64Array = NOTHING;
  #first = REST;
  #isDeclared = false;

  constructor(clock: Clock, column: SeriesColumn) {
    this.#clock = clock;
    this.#column = column;
  }

  abstract get value(): number;

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
    if (row < 0) return Number.NaN;
    const { length } = this.#values;
    if (row >= length) return this.#column.carries ? this.#values[length - 1]! : Number.NaN;
    const { restatement } = this.#column;
    if (restatement !== undefined) {
      const segment = segmentAt(restatement.rows, now);
      if (segment > 0 && row < restatement.rows[segment - 1]!) return restatement.value(segment, row);
    }
    return this.#values[row]!;
  }

  /** Makes the series one of the present run, in which it has no value until {@link begin}. */
  declare(): void {
    this.#isDeclared = true;
  }

  /** Ends the declaring: from now on the series has its values. */
  begin(): void {
    this.#values = this.#column.values;
    this.#first = this.#column.first;
  }

  /** Ends a run: until another one declares the series and begins there is no value. */
  rest(): void {
    this.#isDeclared = false;
    this.#values = NOTHING;
    this.#first = REST;
  }

  /** Whether the engine made it. */
  static isOurs(value: unknown): boolean {
    return value instanceof ColumnReader;
  }

  /** The column of a series that the present run has declared, by a clock; undefined for one of another run or another account, and for anything else. */
  static columnDeclared(series: unknown, clock: Clock): SeriesColumn | undefined {
    if (!(series instanceof ColumnReader) || series.#clock !== clock || !series.#isDeclared) return undefined;
    return series.#column;
  }

  /** The column that a series reads now, by a clock; undefined for one that another run or another account has declared, and for anything else. */
  static columnRead(series: unknown, clock: Clock): SeriesColumn | undefined {
    if (!(series instanceof ColumnReader) || series.#clock !== clock) return undefined;
    return series.#values === series.#column.values ? series.#column : undefined;
  }
}

/** A series whose column has a row for every bar on which the strategy is asked. */
class WholeReader extends ColumnReader {
  readonly #own: Clock;
  readonly #column: SeriesColumn;
  #clock = RESTING;
  #values = NOTHING;

  constructor(clock: Clock, column: SeriesColumn) {
    super(clock, column);
    this.#own = clock;
    this.#column = column;
  }

  get value(): number {
    return this.#values[this.#clock.at]!;
  }

  override begin(): void {
    super.begin();
    this.#clock = this.#own;
    this.#values = this.#column.values;
  }

  override rest(): void {
    super.rest();
    this.#clock = RESTING;
    this.#values = NOTHING;
  }
}

/** A series of an asset that is listed later or ends earlier than others of its account. */
class PartialReader extends ColumnReader {
  readonly #own: Clock;
  readonly #column: SeriesColumn;
  #clock = RESTING;
  #values = NOTHING;

  constructor(clock: Clock, column: SeriesColumn) {
    super(clock, column);
    this.#own = clock;
    this.#column = column;
  }

  get value(): number {
    return this.#values[this.#clock.row - this.#column.first] ?? this.ago(0);
  }

  override begin(): void {
    super.begin();
    this.#clock = this.#own;
    this.#values = this.#column.values;
  }

  override rest(): void {
    super.rest();
    this.#clock = RESTING;
    this.#values = NOTHING;
  }
}

/** What the engine keeps of the series it made. */
export interface DeclaredSeries extends Series {
  declare(): void;
  begin(): void;
  rest(): void;
}

/** Returns a series over a column. `isWhole`: the column has a row for every bar on which it will be read. */
export function seriesOver(clock: Clock, column: SeriesColumn, isWhole: boolean): DeclaredSeries {
  // Frozen, because it lives for many runs: what one strategy would add, the next would see.
  return Object.freeze(isWhole ? new WholeReader(clock, column) : new PartialReader(clock, column));
}

/** Whether a value is a series that the engine made. */
export const isSeries = (value: unknown): boolean => ColumnReader.isOurs(value);

/** The column of a series that the present run has declared, by a clock; see {@link ColumnReader.columnDeclared}. */
export const columnDeclared = (series: unknown, clock: Clock): SeriesColumn | undefined =>
  ColumnReader.columnDeclared(series, clock);

/** The column that a series reads now, by a clock; see {@link ColumnReader.columnRead}. */
export const columnRead = (series: unknown, clock: Clock): SeriesColumn | undefined =>
  ColumnReader.columnRead(series, clock);
