import { DataError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Frequency } from './bars.js';
import { type Calendar, lowerBound, type SessionTable } from './calendar.js';
import { DAY_MS, formatDate, weekdayOf } from './civil-date.js';

/** Milliseconds of an intraday bar, by frequency. */
export const INTRADAY_MS: Readonly<Partial<Record<Frequency, number>>> = {
  '1m': 60_000,
  '3m': 180_000,
  '5m': 300_000,
  '10m': 600_000,
  '15m': 900_000,
  '30m': 1_800_000,
  '1h': 3_600_000,
  '2h': 7_200_000,
  '4h': 14_400_000,
  '6h': 21_600_000,
  '8h': 28_800_000,
  '12h': 43_200_000,
};

/** The time axis of some bars of one calendar and frequency. */
export interface BarTimes {
  readonly calendar: string;
  /** The calendar with the sessions that came with the bars. @defaultValue the calendar of Hindcast with that name */
  readonly venue?: Calendar;
  readonly frequency: Frequency;
  /** Rows of the axis. */
  readonly length: number;
  /** Labels: UTC midnight of the session for daily bars, the bar's start for intraday bars. Ascending. */
  readonly times: ReadonlyFloat64Array;
  /** Instants at which each bar opens. */
  readonly opens: ReadonlyFloat64Array;
  /** Instants from which each bar is complete and may be known. */
  readonly closes: ReadonlyFloat64Array;
  /** Whether rows are appended while bars arrive. @defaultValue false */
  readonly grows?: boolean;
  /** Whether the axis is joined of several: no calendar says how many bars or sessions a year it has, for its parts begin and end. @defaultValue false */
  readonly isJoined?: boolean | undefined;
}

/** Instants at which the bars of an axis open and are complete, row by row. */
export interface AxisInstants {
  readonly opens: Float64Array;
  readonly closes: Float64Array;
}

/**
 * Returns the instants of the bars with the given labels (ascending). Daily: open and close of the session.
 * Intraday: from the label to the label plus the bar's length, cut at the session's open and close and at its break where the bar
 * overlaps them; a bar wholly outside hours or within a break keeps its length. Weekly and monthly: first open and last close of the
 * sessions in the week (Monday to Sunday) or month of the label.
 * @throws DataError `NOT_A_SESSION` for a label without a session
 */
export function compileAxis(calendar: Calendar, frequency: Frequency, times: ArrayLike<number>): AxisInstants {
  const opens = new Float64Array(times.length);
  const closes = new Float64Array(times.length);
  if (times.length === 0) return { opens, closes };
  const length = INTRADAY_MS[frequency];
  const first = times[0]!;
  const last = times[times.length - 1]!;
  // A session may belong to another UTC date than its bars, and a month's sessions surround its label.
  const margin = (frequency === '1mo' ? 32 : 8) * DAY_MS;
  const table = calendar.sessions(
    Math.max(calendar.firstLabel, midnight(first) - margin),
    Math.min(calendar.lastLabel, midnight(last) + margin),
  );
  for (let row = 0; row < times.length; row++) {
    const label = times[row]!;
    if (length !== undefined) {
      const session = lowerBound(table.closes, label + 1);
      let open = label;
      let close = label + length;
      if (table.opens[session]! < close) {
        open = Math.max(open, table.opens[session]!);
        close = Math.min(close, table.closes[session]!);
        const pause = table.breakStarts[session]!;
        const resume = table.breakEnds[session]!;
        if (open < pause && close > pause && close <= resume) close = pause;
        if (open >= pause && open < resume && close > resume) open = resume;
      }
      opens[row] = open;
      closes[row] = close;
    } else {
      const [begin, end] = daysOf(frequency, label);
      const from = lowerBound(table.labels, begin);
      const to = lowerBound(table.labels, end);
      if (from === to || (frequency === '1d' && table.labels[from] !== label))
        throw notASession(calendar, table, label, row);
      opens[row] = table.opens[from]!;
      closes[row] = table.closes[to - 1]!;
    }
  }
  return { opens, closes };
}

/** Returns the days that a daily, weekly or monthly bar stands for: first midnight, inclusive, to the last one's end. */
export function daysOf(frequency: Frequency, label: number): [number, number] {
  if (frequency === '1w' || frequency === '1mo') return period(frequency, label);
  return [label, label + DAY_MS];
}

/** Returns the week (Monday to Sunday) or month of a label: from its first midnight, inclusive, to the next one's. */
export function period(frequency: '1w' | '1mo', label: number): [number, number] {
  if (frequency === '1w') {
    const monday = midnight(label) - ((weekdayOf(label) + 6) % 7) * DAY_MS;
    return [monday, monday + 7 * DAY_MS];
  }
  const date = new Date(label);
  return [
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1),
    Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1),
  ];
}

/** Returns the UTC midnight at or before an instant. */
export const midnight = (instant: number): number => Math.floor(instant / DAY_MS) * DAY_MS;

function notASession(calendar: Calendar, table: SessionTable, label: number, row: number): DataError {
  const next = table.labels[lowerBound(table.labels, label)];
  return new DataError('NOT_A_SESSION', {
    message: `${formatDate(label)} (row ${row} of the time axis) is no session of calendar ${calendar.name}${next === undefined ? '' : `; the next one is ${formatDate(next)}`}. Ingest with a calendar that holds it, or leave the row out.`,
    details: { calendar: calendar.name, label, row },
  });
}
