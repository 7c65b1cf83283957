import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { AdjustmentSchedule } from '../data/adjustments.js';
import type { Indicator, InputFields } from './indicator.js';

/** A recipe of any shape. */
export type AnyIndicator = Indicator<InputFields, string>;

/** What restates an input column at an event: the price factors, the volume factors, or nothing. */
export type InputKind = 'price' | 'volume' | 'none';

/** How the past of an input that is itself a restated series changes at events. */
export interface InputRestatement {
  /** Rows of the input at whose opening its past is restated, ascending. Segment k begins at `rows[k - 1]`. */
  readonly rows: Int32Array;
  /** Returns the value of a row before a segment's first as restated as of that segment. */
  value(segment: number, row: number): number;
}

/** What an indicator is applied to: columns of one listing, or of other series with rows in common. */
export interface IndicatorInputs {
  /** Identity of the data as seen (bundle version, group and sid; or the keys of the series): equal keys, equal data. */
  readonly key: string;
  /** Rows. */
  readonly length: number;
  /** In the order of the recipe's inputs, each of `length` rows, NaN where a bar is missing. */
  readonly columns: readonly ReadonlyFloat64Array[];
  /** In the order of the recipe's inputs. */
  readonly kinds: readonly InputKind[];
  /** Events that restate the past, in rows of the columns; undefined without any. */
  readonly schedule: AdjustmentSchedule | undefined;
  /**
   * In the order of the recipe's inputs, for inputs that are series with a restated past: pairs, an indicator of an
   * indicator. Their kind is `'none'`. @defaultValue no input has one
   */
  readonly restatements?: readonly (InputRestatement | undefined)[];
}

/**
 * An indicator's values as of every row: row i holds what the indicator is over history restated as of i, NaN before the
 * first value; a missing bar repeats the value before it.
 *
 * A segment is the span between events: segment 0 ends before the first event's row, segment k begins at the k-th.
 */
export interface IndicatorColumns {
  /** SHA-256 of the data's identity and the recipe's, in hex. */
  readonly key: string;
  /** Input bars needed for the first value, the current one included. */
  readonly warmUp: number;
  /** First row at which every output has a value; the number of rows where there is none. */
  readonly firstReady: number;
  /** Rows at whose opening the past is restated, ascending, each within (0, number of rows). */
  readonly rows: Int32Array;
  /** By name of the output. */
  readonly outputs: Readonly<Record<string, Float64Array>>;
  /**
   * Returns all values of the rows before a segment as restated as of that segment, by name of the output, computed anew
   * for each call. Empty for segment 0.
   */
  restated(segment: number): Readonly<Record<string, Float64Array>>;
  /**
   * Returns one value of a row before a segment as restated as of that segment: what `ago(n)` across an event reads.
   * The values near the event are computed once and remembered.
   */
  restatedValue(segment: number, output: string, row: number): number;
}

/** Where columns of indicators come from: computed, remembered, or shared between threads. All give the same bits. */
export interface IndicatorSource {
  /** Whether inputs are still arriving: columns grow with them, and `IndicatorInputs.length` says nothing. @defaultValue false */
  readonly grows?: boolean;
  /** Returns a recipe's columns. Throws what the recipe throws for arguments it refuses. */
  columns(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns;
  /** Returns what this source did so far. @defaultValue it does not count */
  statistics?(): IndicatorStatistics;
}

/** What a source of indicator columns did so far. */
export interface IndicatorStatistics {
  /** Columns computed here. */
  readonly computed: number;
  /** Requests answered with columns that were there. */
  readonly hits: number;
  /** Bytes of columns that this source computed and keeps. */
  readonly bytes: number;
}

export { DirectIndicators } from './direct-indicators.js';
export { MemoIndicators } from './memo-indicators.js';
export { SharedIndicators } from './shared-indicators.js';
export { type ColumnMemory, SpareColumns } from './spare-columns.js';
export { type StreamedColumns, StreamedIndicators } from './streamed-indicators.js';
