import type { LayoutName } from './layouts.js';
import type { CellProblem, NumberStyle } from './number-cell.js';
import type { StampKind } from './time-stamps.js';

/** One value of a row: text as the source has it, a number of a typed source, or null where there is none. */
export type Cell = string | number | null;

/** A column of a source. */
export interface SourceColumn {
  /** As the source names it; in messages and for recognising what it means. */
  readonly name: string;
  /**
   * What numbers of this column are, where it holds the time: milliseconds of a date's label (UTC midnight), of a wall-clock time as if
   * in UTC, or of an instant. Text is read by its own form. Needed only where cells of the time are numbers.
   */
  readonly stamps?: StampKind;
  /** The midnight, in milliseconds, from which the milliseconds of this column count, where it holds the time. @defaultValue none */
  readonly stampsFrom?: number;
  /** Whether a typed source has text here: prices of such a column are refused, since somebody lost their types. @defaultValue false */
  readonly isText?: boolean;
  /** What prices of this column are divided by: 10,000 where a source writes them as integers. @defaultValue 1 */
  readonly divisor?: number;
}

/** Consecutive rows of a source. The reader asks row by row, each cell at most a few times, and keeps nothing of the batch. */
export interface RowBatch {
  readonly rows: number;
  /** Returns how many cells a row has: another number than the source has columns is a ragged row. */
  width(row: number): number;
  /** Returns a cell by row of the batch and by column, both from 0 and within bounds. Spaces around text are trimmed. */
  cell(row: number, column: number): Cell;
  /** Returns what is wrong with a row as a whole, for sources that know more of it than its cells. */
  problem?(row: number): CellProblem | undefined;
}

/** An open source: a table of rows, whatever it is made of. */
export interface RowSource {
  readonly columns: readonly SourceColumn[];
  /** The rows in order, blank ones left out. Can be read once. Throws DataError where the source breaks off or is damaged. */
  readonly batches: AsyncIterable<RowBatch>;
  /** How text cells write numbers. @defaultValue 'plain' */
  readonly numbers?: NumberStyle;
  /** The layout that the source's form tells, and why. @defaultValue told by the names of columns */
  readonly layout?: { readonly name: LayoutName; readonly reason: string };
  /** Further facts for the report: decimal commas, a header that is missing. */
  readonly remarks?: string;
  /** A better symbol than the one that the source is named after. */
  readonly symbol?: string;
  /** Zone of stamps without an offset, where the source's form fixes it. @defaultValue the one asked for, else the calendar's */
  readonly timezone?: string;
}

/**
 * A place that bars come from: a file, a member of an archive, a server. This is all that ingest knows of it: the reader of bars finds
 * out what the columns mean, checks every cell, and names file, row and column of what is wrong. A new kind of source is one module that
 * makes these, and one line in `inputs.ts`.
 */
export interface BarInput {
  /** Short name for messages and reports: a file without its folder. */
  readonly name: string;
  /** The symbol that the source is named after, for rows that name none; undefined where it has no such name. */
  readonly symbol: string | undefined;
  /**
   * Opens the source, passes it to `read`, closes it whatever happens, and returns what `read` returned.
   * @throws UsageError, DataError or RunError where the source as a whole cannot be read
   */
  use<T>(read: (source: RowSource) => Promise<T>): Promise<T>;
}
