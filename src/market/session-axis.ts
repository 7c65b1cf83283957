import { type BarTimes, daysOf, INTRADAY_MS, midnight } from './bar-axis.js';
import { type Calendar, lowerBound, type SessionTable } from './calendar.js';
import { getCalendar } from './calendars.js';
import { DAY_MS } from './civil-date.js';
import { type DateRule, sessionsOn, type TimeRule } from './schedule-rules.js';

/**
 * Which session each bar of an axis belongs to. An intraday bar outside hours belongs to the nearer session; a daily, weekly or monthly
 * bar stands for all of its sessions, as if they were one. Nothing here is a secret of the future: calendars are known ahead.
 */
export interface SessionAxis {
  readonly calendar: Calendar;
  /** Returns the instant at which the session of an axis row opens, whether or not it has a bar there. */
  openOf(row: number): number;
  /** Returns the instant at which the session of an axis row closes, early on a half day. */
  closeOf(row: number): number;
  /** Returns whether an axis row is its session's first. */
  opensSession(row: number): boolean;
  /** Returns whether an axis row is its session's last. */
  closesSession(row: number): boolean;
  /**
   * Returns the axis rows at which a schedule runs, ascending, at most one for each session: the first row that is known at or after the
   * rule's time. A session whose time never comes, or after which it has no bar, is left out; daily and longer bars have no time of day.
   * Of an axis that grows only the last row is looked at, which its past and its calendar decide.
   */
  rowsOn(date: DateRule, time: TimeRule, halfDays: boolean): Int32Array;
}

const known = new WeakMap<BarTimes, SessionAxis>();

/** Returns the sessions of an axis, derived when first asked for and kept with it. Throws UsageError `UNKNOWN_CALENDAR`. */
export function sessionAxis(axis: BarTimes): SessionAxis {
  let sessions = known.get(axis);
  if (sessions === undefined) {
    const calendar = calendarOf(axis);
    sessions = axis.grows === true ? new ArrivingSessions(axis, calendar) : sessionsOf(axis, calendar);
    known.set(axis, sessions);
  }
  return sessions;
}

/** Returns the calendar of an axis: the one that came with it, else by name. Throws UsageError `UNKNOWN_CALENDAR`. */
export const calendarOf = ({ calendar, venue }: Pick<BarTimes, 'calendar' | 'venue'>): Calendar =>
  venue ?? getCalendar(calendar);

/** Returns the label of the first session that the venue of an axis holds after the last of its bars; undefined where it holds no more. */
export function sessionAfter(axis: BarTimes): ReturnType<Calendar['sessionOnOrAfter']> {
  const [, end] = daysOf(axis.frequency, midnight(axis.times[axis.length - 1]!));
  return calendarOf(axis).sessionOnOrAfter(end);
}

const sessionsOf = (axis: BarTimes, calendar: Calendar): SessionAxis =>
  axis.frequency in INTRADAY_MS ? new IntradaySessions(axis, calendar) : new WholeBars(axis, calendar);

/** Returns the sessions around an axis that has rows, with whole weeks and months at both ends. Throws UsageError `CALENDAR_RANGE`. */
export function sessionsAround({ times, length }: BarTimes, calendar: Calendar): SessionTable {
  const first = midnight(times[0]!);
  const last = midnight(times[length - 1]!);
  // A month and a week: the longest way from a bar to the beginning of what a rule counts.
  const margin = 40 * DAY_MS;
  return calendar.sessions(
    Math.min(first, Math.max(calendar.firstLabel, first - margin)),
    Math.max(last, Math.min(calendar.lastLabel, last + margin)),
  );
}

/** Bars that stand for one session or more: each is a session of its own. */
class WholeBars implements SessionAxis {
  readonly calendar: Calendar;
  readonly #axis: BarTimes;

  constructor(axis: BarTimes, calendar: Calendar) {
    this.#axis = axis;
    this.calendar = calendar;
  }

  openOf(row: number): number {
    return this.#axis.opens[row]!;
  }

  closeOf(row: number): number {
    return this.#axis.closes[row]!;
  }

  opensSession(): boolean {
    return true;
  }

  closesSession(): boolean {
    return true;
  }

  rowsOn(date: DateRule, _time: TimeRule, halfDays: boolean): Int32Array {
    const { times, length, frequency } = this.#axis;
    const table = sessionsAround(this.#axis, this.calendar);
    const labels = sessionsOn(date, table, halfDays).map((place) => table.labels[place]!);
    const rows: number[] = [];
    for (let row = 0; row < length; row++) {
      const [begin, end] = daysOf(frequency, times[row]!);
      if (lowerBound(labels, begin) < lowerBound(labels, end)) rows.push(row);
    }
    return Int32Array.from(rows);
  }
}

/** Bars within sessions. Keeps a number for each session, none for a bar. */
class IntradaySessions implements SessionAxis {
  readonly calendar: Calendar;
  readonly #axis: BarTimes;
  readonly #table: SessionTable;
  /** Axis row of each session's first bar, and the axis' length; a session without bars begins where the next one does. */
  readonly #begins: Int32Array;
  /** The session that was asked for last: most questions come from its neighbourhood. */
  #at = 0;

  constructor(axis: BarTimes, calendar: Calendar) {
    this.#axis = axis;
    this.calendar = calendar;
    const table = sessionsAround(axis, calendar);
    this.#table = table;
    this.#begins = new Int32Array(table.length + 1);
    for (let session = 1; session < table.length; session++) {
      const between = (table.closes[session - 1]! + table.opens[session]!) / 2;
      this.#begins[session] = lowerBound(axis.times, between);
    }
    this.#begins[table.length] = axis.length;
  }

  openOf(row: number): number {
    return this.#table.opens[this.#sessionOf(row)]!;
  }

  closeOf(row: number): number {
    return this.#table.closes[this.#sessionOf(row)]!;
  }

  opensSession(row: number): boolean {
    return this.#begins[this.#sessionOf(row)] === row;
  }

  closesSession(row: number): boolean {
    return this.#begins[this.#sessionOf(row) + 1] === row + 1;
  }

  rowsOn(date: DateRule, { from, minutes }: TimeRule, halfDays: boolean): Int32Array {
    const { opens, closes } = this.#table;
    const rows: number[] = [];
    for (const session of sessionsOn(date, this.#table, halfDays)) {
      const open = opens[session]!;
      const close = closes[session]!;
      const time = from === 'open' ? open + minutes * MINUTE_MS : close - minutes * MINUTE_MS;
      if (time <= open || time > close) continue;
      const end = this.#begins[session + 1]!;
      const row = this.#knownAt(time, this.#begins[session]!, end);
      if (row < end) rows.push(row);
    }
    return Int32Array.from(rows);
  }

  /** The first row in `[from, to)` that is known at or after an instant; `to` when there is none. */
  #knownAt(instant: number, from: number, to: number): number {
    return from + lowerBound(this.#axis.closes.subarray(from, to), instant);
  }

  #sessionOf(row: number): number {
    const begins = this.#begins;
    if (row >= begins[this.#at]! && row < begins[this.#at + 1]!) return this.#at;
    this.#at = lowerBound(begins, row + 1) - 1;
    return this.#at;
  }
}

/** An axis to which rows are appended: a row and the one before it, with the calendar around them, answer every question. */
class ArrivingSessions implements SessionAxis {
  readonly calendar: Calendar;
  readonly #axis: BarTimes;
  #row = -1;
  /** Of the rows `#row - 1`, if there is one, and `#row`. */
  #pair: SessionAxis | undefined;

  constructor(axis: BarTimes, calendar: Calendar) {
    this.#axis = axis;
    this.calendar = calendar;
  }

  openOf(row: number): number {
    return this.#around(row).openOf(Math.min(row, 1));
  }

  closeOf(row: number): number {
    return this.#around(row).closeOf(Math.min(row, 1));
  }

  opensSession(row: number): boolean {
    return this.#around(row).opensSession(Math.min(row, 1));
  }

  /** By the calendar for the last row, whose successor has not arrived. */
  closesSession(row: number): boolean {
    return row + 1 < this.#axis.length ? this.opensSession(row + 1) : this.#axis.closes[row]! >= this.closeOf(row);
  }

  rowsOn(date: DateRule, time: TimeRule, halfDays: boolean): Int32Array {
    const last = this.#axis.length - 1;
    const rows = this.#around(last).rowsOn(date, time, halfDays);
    return rows.at(-1) === Math.min(last, 1) ? Int32Array.of(last) : new Int32Array(0);
  }

  #around(row: number): SessionAxis {
    if (this.#pair === undefined || row !== this.#row) {
      const { calendar, frequency, times, opens, closes } = this.#axis;
      const from = Math.max(0, row - 1);
      const cut = (column: BarTimes['times']): BarTimes['times'] => column.slice(from, row + 1);
      const pair = {
        calendar,
        frequency,
        length: row + 1 - from,
        times: cut(times),
        opens: cut(opens),
        closes: cut(closes),
      };
      this.#pair = sessionsOf(pair, this.calendar);
      this.#row = row;
    }
    return this.#pair;
  }
}

const MINUTE_MS = 60_000;
