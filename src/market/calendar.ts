import { UsageError } from '../core/errors.js';
import { formatDate, type Weekday } from './civil-date.js';

/** The columns of a {@link SessionTable}, in the order in which bundles store them. */
export const SESSION_COLUMNS = ['labels', 'opens', 'closes', 'breakStarts', 'breakEnds', 'halfDays'] as const;

/** Sessions in ascending order, column by column. Instants are UTC milliseconds. */
export interface SessionTable {
  readonly length: number;
  /** Session labels: UTC midnight of the session's date. A session that opens the evening before has the date on which it closes. */
  readonly labels: Float64Array;
  /** Instants of the opening. */
  readonly opens: Float64Array;
  /** Instants of the close. */
  readonly closes: Float64Array;
  /** Instants at which trading pauses; NaN for a session without a break. */
  readonly breakStarts: Float64Array;
  /** Instants at which trading goes on; NaN for a session without a break. */
  readonly breakEnds: Float64Array;
  /** 1 for a half day, a session that closes before its usual hour; else 0. */
  readonly halfDays: Float64Array;
}

/** Which sessions a venue holds, and their hours. */
export interface Calendar {
  /** The venue's ISO 10383 code, `24/7`, `24/5`, or the name in a calendar file. */
  readonly name: string;
  /** IANA name of the zone in which the venue keeps its hours. */
  readonly timeZone: string;
  /** Sessions of a usual year: the default annualisation of daily statistics. */
  readonly sessionsPerYear: number;
  /** Minutes of trading in a usual session, without its break: with `sessionsPerYear` the default annualisation of intraday statistics. */
  readonly sessionMinutes: number;
  /** Days of the week on which sessions are held. */
  readonly weekdays: readonly Weekday[];
  /** First label for which the calendar knows the venue's sessions, inclusive. */
  readonly firstLabel: number;
  /** Last label for which the calendar answers, inclusive. */
  readonly lastLabel: number;
  /**
   * Returns the sessions with labels from `from` to `to`, both inclusive, in arrays of the caller's own.
   * @throws UsageError `CALENDAR_RANGE` when a bound lies outside the calendar's years
   */
  sessions(from: number, to: number): SessionTable;
  /** Returns whether a label is a session; false outside the calendar's years and for what is no UTC midnight. */
  isSession(label: number): boolean;
  /** Returns the label of the first session at or after a label, undefined when the calendar ends before it. */
  sessionOnOrAfter(label: number): number | undefined;
}

/** Returns the index of the first element at or above `value` in an ascending column; its length when there is none. */
export function lowerBound(column: ArrayLike<number>, value: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Returns the parts of a table, cut to labels from `from` to `to`; the memory is the table's. */
export function cutTable(table: SessionTable, from: number, to: number): SessionTable {
  const begin = lowerBound(table.labels, from);
  const end = Math.max(begin, lowerBound(table.labels, to + 1));
  return mapTable(end - begin, (column) => table[column].subarray(begin, end));
}

/** Returns tables one after another, in memory of their own. */
export function joinTables(tables: readonly SessionTable[]): SessionTable {
  const length = tables.reduce((sum, table) => sum + table.length, 0);
  return mapTable(length, (column) => {
    const all = new Float64Array(length);
    let offset = 0;
    for (const table of tables) {
      all.set(table[column], offset);
      offset += table.length;
    }
    return all;
  });
}

/** Returns a table of the given length, whose columns the function gives. */
export function mapTable(
  length: number,
  columnOf: (column: (typeof SESSION_COLUMNS)[number]) => Float64Array,
): SessionTable {
  const [labels, opens, closes, breakStarts, breakEnds, halfDays] = SESSION_COLUMNS.map(columnOf);
  return {
    length,
    labels: labels!,
    opens: opens!,
    closes: closes!,
    breakStarts: breakStarts!,
    breakEnds: breakEnds!,
    halfDays: halfDays!,
  };
}

/** Throws UsageError `CALENDAR_RANGE` unless a calendar knows all labels from `from` to `to`. */
export function assertWithin(
  { name, firstLabel, lastLabel }: Pick<Calendar, 'name' | 'firstLabel' | 'lastLabel'>,
  from: number,
  to: number,
): void {
  if (from >= firstLabel && to <= lastLabel) return;
  throw new UsageError('CALENDAR_RANGE', {
    message: `Calendar ${name} knows sessions from ${formatDate(firstLabel)} to ${formatDate(lastLabel)}, but ${describe(from)} to ${describe(to)} was asked for.`,
    details: { calendar: name, from, to, firstLabel, lastLabel },
  });
}

function describe(label: number): string {
  return Number.isFinite(label) && Math.abs(label) <= 8.64e15 ? formatDate(label) : String(label);
}
