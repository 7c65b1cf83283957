import { UsageError } from '../core/errors.js';
import { DAY_MS, dateLabel, formatDate, parseDateLabel, type Weekday, weekdayOf, yearOf } from './civil-date.js';
import { type ZoneClock, zoneClock } from './zone-clock.js';

/** Sessions in ascending order, column by column. */
export interface SessionTable {
  readonly length: number;
  /** Session labels: UTC midnight of the session's date. */
  readonly labels: Float64Array;
  /** Instants of the opening, UTC milliseconds. */
  readonly opens: Float64Array;
  /** Instants of the close, UTC milliseconds. */
  readonly closes: Float64Array;
  /** 1 for a half day, a session that closes before its usual hour; else 0. */
  readonly halfDays: Uint8Array;
}

/** Which sessions a venue holds, and their hours. */
export interface Calendar {
  /** The venue's ISO 10383 code, or `24/7`. */
  readonly name: string;
  /** IANA name of the zone in which the venue keeps its hours. */
  readonly timeZone: string;
  /** Sessions of a usual year: the default annualisation of daily statistics. */
  readonly sessionsPerYear: number;
  /** Minutes of a usual session: with `sessionsPerYear` the default annualisation of intraday statistics. */
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

/** Years in which a rule holds, both inclusive; open where absent. */
export interface Validity {
  readonly firstYear?: number;
  readonly lastYear?: number;
}

/** A rule that names one date of a year. */
export interface DateRule extends Validity {
  readonly name: string;
  /** Returns the label in a year, observance applied; undefined in a year without one. May fall into a neighbouring year. */
  readonly date: (year: number) => number | undefined;
}

/** Sessions that open or close at another hour, by rule. */
export interface SpecialTimeRule extends DateRule {
  /** Local time, `HH:MM`. */
  readonly time: string;
}

/** Usual hours from a date on. */
export interface RegularHours {
  /** First date of these hours, `YYYY-MM-DD`; the first entry holds from the calendar's beginning. */
  readonly from: string;
  /** Local opening time `HH:MM` on the session's date. */
  readonly open: string;
  /** Local closing time `HH:MM` on the session's date; `24:00` is the following midnight. */
  readonly close: string;
}

/** All that makes a calendar, as a venue publishes it. Sessions with a break or that open the evening before extend {@link RegularHours}. */
export interface CalendarRules {
  readonly name: string;
  readonly timeZone: string;
  readonly sessionsPerYear: number;
  readonly sessionMinutes: number;
  /** First and last year that the rules cover, both inclusive. */
  readonly years: readonly [number, number];
  /** Days of the week on which sessions are held. */
  readonly weekdays: readonly Weekday[];
  /** Ascending by date. */
  readonly hours: readonly RegularHours[];
  readonly holidays: readonly DateRule[];
  /** Closed days that no rule foretells, `YYYY-MM-DD`. */
  readonly closures: readonly string[];
  readonly specialCloses: readonly SpecialTimeRule[];
  /** Early closes that no rule foretells: date `YYYY-MM-DD` to local time `HH:MM`. */
  readonly adHocCloses: Readonly<Record<string, string>>;
  /** Late openings that no rule foretells: date `YYYY-MM-DD` to local time `HH:MM`. */
  readonly adHocOpens: Readonly<Record<string, string>>;
}

/** Returns the calendar that follows the rules. Years are compiled when first asked for and kept. */
export function createCalendar(rules: CalendarRules): Calendar {
  return new RuleCalendar(rules);
}

class RuleCalendar implements Calendar {
  readonly name: string;
  readonly timeZone: string;
  readonly sessionsPerYear: number;
  readonly sessionMinutes: number;
  readonly weekdays: readonly Weekday[];
  readonly firstLabel: number;
  readonly lastLabel: number;
  readonly #rules: CalendarRules;
  readonly #clock: ZoneClock;
  readonly #years = new Map<number, SessionTable>();

  constructor(rules: CalendarRules) {
    this.name = rules.name;
    this.timeZone = rules.timeZone;
    this.sessionsPerYear = rules.sessionsPerYear;
    this.sessionMinutes = rules.sessionMinutes;
    this.weekdays = rules.weekdays;
    this.firstLabel = dateLabel(rules.years[0], 1, 1);
    this.lastLabel = dateLabel(rules.years[1], 12, 31);
    this.#rules = rules;
    this.#clock = zoneClock(rules.timeZone);
  }

  sessions(from: number, to: number): SessionTable {
    if (!(from >= this.firstLabel && to <= this.lastLabel)) {
      throw new UsageError('CALENDAR_RANGE', {
        message: `Calendar ${this.name} knows sessions from ${formatDate(this.firstLabel)} to ${formatDate(this.lastLabel)}, but ${describe(from)} to ${describe(to)} was asked for.`,
        details: { calendar: this.name, from, to, firstLabel: this.firstLabel, lastLabel: this.lastLabel },
      });
    }
    const years: SessionTable[] = [];
    let length = 0;
    for (let year = yearOf(from); from <= to && year <= yearOf(to); year++) {
      const { labels, opens, closes, halfDays } = this.#year(year);
      const begin = lowerBound(labels, from);
      const end = lowerBound(labels, to + 1);
      years.push({
        length: end - begin,
        labels: labels.subarray(begin, end),
        opens: opens.subarray(begin, end),
        closes: closes.subarray(begin, end),
        halfDays: halfDays.subarray(begin, end),
      });
      length += end - begin;
    }
    return {
      length,
      labels: joined(years, 'labels', new Float64Array(length)),
      opens: joined(years, 'opens', new Float64Array(length)),
      closes: joined(years, 'closes', new Float64Array(length)),
      halfDays: joined(years, 'halfDays', new Uint8Array(length)),
    };
  }

  isSession(label: number): boolean {
    if (!(label >= this.firstLabel && label <= this.lastLabel)) return false;
    const { labels } = this.#year(yearOf(label));
    return labels[lowerBound(labels, label)] === label;
  }

  sessionOnOrAfter(label: number): number | undefined {
    const start = Math.max(label, this.firstLabel);
    // No venue of rules is closed for a whole year, so that this year or the next has the answer.
    for (let year = yearOf(start); year <= this.#rules.years[1]; year++) {
      const { labels } = this.#year(year);
      const found = labels[lowerBound(labels, start)];
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #year(year: number): SessionTable {
    let table = this.#years.get(year);
    if (table === undefined) {
      table = this.#compile(year);
      this.#years.set(year, table);
    }
    return table;
  }

  #compile(year: number): SessionTable {
    const { weekdays, holidays, closures, specialCloses, adHocCloses, adHocOpens, hours } = this.#rules;
    const closed = new Set(closures.map(parseDateLabel));
    const closesAt = new Map<number, string>();
    // An observed holiday may fall into the year before or after its own.
    for (const ruleYear of [year - 1, year, year + 1]) {
      for (const rule of holidays) {
        const date = dateOf(rule, ruleYear);
        if (date !== undefined) closed.add(date);
      }
      for (const rule of specialCloses) {
        const date = dateOf(rule, ruleYear);
        if (date !== undefined) closesAt.set(date, rule.time);
      }
    }
    for (const [date, time] of Object.entries(adHocCloses)) closesAt.set(parseDateLabel(date), time);

    const labels: number[] = [];
    const opens: number[] = [];
    const closes: number[] = [];
    const halfDays: number[] = [];
    const end = dateLabel(year + 1, 1, 1);
    for (let label = dateLabel(year, 1, 1); label < end; label += DAY_MS) {
      if (!weekdays.includes(weekdayOf(label)) || closed.has(label)) continue;
      const usual = hours.findLast(({ from }) => parseDateLabel(from) <= label) ?? hours[0]!;
      labels.push(label);
      opens.push(this.#clock.toInstant(label + minutesMs(adHocOpens[formatDate(label)] ?? usual.open)));
      const close = minutesMs(closesAt.get(label) ?? usual.close);
      closes.push(this.#clock.toInstant(label + close));
      halfDays.push(close < minutesMs(usual.close) ? 1 : 0);
    }
    return {
      length: labels.length,
      labels: Float64Array.from(labels),
      opens: Float64Array.from(opens),
      closes: Float64Array.from(closes),
      halfDays: Uint8Array.from(halfDays),
    };
  }
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

function dateOf(rule: DateRule, year: number): number | undefined {
  const { firstYear = Number.NEGATIVE_INFINITY, lastYear = Number.POSITIVE_INFINITY } = rule;
  return year >= firstYear && year <= lastYear ? rule.date(year) : undefined;
}

function minutesMs(time: string): number {
  const [hour, minute] = time.split(':');
  return (Number(hour) * 60 + Number(minute)) * 60_000;
}

/** Fills `all` with one column of the tables, one after another. */
function joined<C extends 'labels' | 'opens' | 'closes' | 'halfDays'>(
  tables: readonly SessionTable[],
  column: C,
  all: SessionTable[C],
): SessionTable[C] {
  let offset = 0;
  for (const table of tables) {
    all.set(table[column], offset);
    offset += table.length;
  }
  return all;
}

function describe(label: number): string {
  return Number.isFinite(label) && Math.abs(label) <= 8.64e15 ? formatDate(label) : String(label);
}
