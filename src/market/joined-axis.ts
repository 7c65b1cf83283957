import { UsageError } from '../core/errors.js';
import { formatDate, formatInstant } from '../core/time.js';
import { type BarTimes, INTRADAY_MS, period } from './bar-axis.js';
import type { Calendar } from './calendar.js';
import { DAY_MS } from './civil-date.js';
import { joinCalendars } from './joined-calendar.js';
import { calendarOf } from './session-axis.js';

/** One time axis made of several, and where the bars of each lie on it. */
export interface JoinedAxis extends BarTimes {
  readonly venue: Calendar;
  /** By axis, in the order in which they were given: the row here of each of its rows. Ascending. */
  readonly rows: readonly Int32Array[];
}

/** A year and a month: as far beyond the bars as a calendar is asked. */
const MARGIN = 396 * DAY_MS;

/**
 * Returns the axis of all bars of several axes of one frequency, none of them empty: a row for each label that any of them has, of weeks and months for each that any of them has, whose
 * label is then the last one. A row opens with the first of its bars and is known when the last of them is complete.
 *
 * @throws UsageError `MIXED_TIME_AXES` where a row is known only after the next one has opened, so that what is decided on it would be filled in its past, where an axis has two bars of one
 * week or month, or where sessions of two dates overlap
 */
export function joinAxes(axes: readonly BarTimes[]): JoinedAxis {
  const [{ frequency }] = axes as readonly [BarTimes, ...BarTimes[]];
  const calendars = axes.map(calendarOf);
  const begins = axes.map(beginsOf);
  const all = merged(begins);
  const times = new Float64Array(all.length).fill(Number.NEGATIVE_INFINITY);
  const opens = new Float64Array(all.length).fill(Number.POSITIVE_INFINITY);
  const closes = new Float64Array(all.length);
  const rows = axes.map((axis, place) => {
    const own = new Int32Array(axis.length);
    let row = 0;
    for (let k = 0; k < axis.length; k++) {
      const begin = begins[place]![k]!;
      while (all[row]! < begin) row++;
      if (k > 0 && own[k - 1] === row) throw overlap(calendars, frequency, axis.times, k);
      own[k] = row;
      times[row] = Math.max(times[row]!, axis.times[k]!);
      opens[row] = Math.min(opens[row]!, axis.opens[k]!);
      closes[row] = Math.max(closes[row]!, axis.closes[k]!);
    }
    return own;
  });
  for (let row = 1; row < times.length; row++) {
    if (closes[row - 1]! > opens[row]!) throw overlap(calendars, frequency, times, row);
  }
  const venue = joinCalendars(calendars, times[0]! - MARGIN, times.at(-1)! + MARGIN);
  return { calendar: venue.name, venue, frequency, length: times.length, times, opens, closes, isJoined: true, rows };
}

/** What makes bars of several axes one row: their labels, of weeks and months the midnight that these begin at. Venues end them on days of their own. */
function beginsOf({ frequency, times }: BarTimes): Float64Array {
  return frequency === '1w' || frequency === '1mo'
    ? Float64Array.from(times as Float64Array, (label) => period(frequency, label)[0])
    : (times as Float64Array);
}

/** All values of several ascending columns, ascending, each once. */
function merged(columns: readonly Float64Array[]): Float64Array {
  const all = new Float64Array(columns.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const column of columns) {
    all.set(column, end);
    end += column.length;
  }
  all.sort();
  return all.filter((value, at) => value !== all[at - 1]);
}

function overlap(
  calendars: readonly Calendar[],
  frequency: BarTimes['frequency'],
  times: BarTimes['times'],
  row: number,
): UsageError {
  const text = frequency in INTRADAY_MS ? formatInstant : formatDate;
  const [before, after] = [text(times[row - 1]!), text(times[row]!)];
  const names = calendars.map(({ name }) => name);
  return new UsageError('MIXED_TIME_AXES', {
    message:
      `${frequency} bars of ${names.join(' and ')} overlap: that of ${before} is complete only after that of ${after} has opened, so that a decision would be ` +
      'filled in its past. Choose symbols of one calendar with --symbols, or bars that end together with --frequency.',
    details: { calendars: names, frequency, before, after },
  });
}
