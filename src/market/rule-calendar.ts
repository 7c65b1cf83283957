import {
  assertWithin,
  type Calendar,
  cutTable,
  joinTables,
  lowerBound,
  mapTable,
  SESSION_COLUMNS,
  type SessionTable,
} from './calendar.js';
import { DAY_MS, dateLabel, parseDateLabel, type Weekday, weekdayOf, yearOf } from './civil-date.js';
import { zoneClock } from './zone-clock.js';

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

/** Sessions that open or close at another hour, by rule. Local time `HH:MM`, from `from` on where hours of special days changed. */
export interface SpecialTimeRule extends DateRule {
  readonly time: string;
}

/** Usual hours from a date on. All times are local, `HH:MM`. */
export interface RegularHours {
  /** First date of these hours, `YYYY-MM-DD`; the first entry holds from the calendar's beginning. */
  readonly from: string;
  /** Opening time on the session's date, or on the day before it. */
  readonly open: string;
  /** Whether the session opens on the evening before its date. @defaultValue false */
  readonly opensDayBefore?: boolean;
  /** Closing time on the session's date; `24:00` is the following midnight. */
  readonly close: string;
  /** First and last minute of a pause in trading, `[start, end]`. @defaultValue none */
  readonly break?: readonly [string, string];
}

/** All that makes a calendar, as a venue publishes it. */
export interface CalendarRules {
  readonly name: string;
  readonly timeZone: string;
  readonly sessionsPerYear: number;
  readonly sessionMinutes: number;
  /** First and last date that the rules cover, both inclusive, `YYYY-MM-DD`. */
  readonly span: readonly [string, string];
  /** Days of the week on which sessions are held. */
  readonly weekdays: readonly Weekday[];
  /** Ascending by date. */
  readonly hours: readonly RegularHours[];
  readonly holidays?: readonly DateRule[];
  /** Closed days that no rule foretells, `YYYY-MM-DD`. */
  readonly closures?: readonly string[];
  /** Sessions on days of the week that usually have none, `YYYY-MM-DD`. */
  readonly extraSessions?: readonly string[];
  readonly specialOpens?: readonly SpecialTimeRule[];
  readonly specialCloses?: readonly SpecialTimeRule[];
  /** Openings at another hour that no rule foretells: date `YYYY-MM-DD` to local time `HH:MM`. */
  readonly adHocOpens?: Readonly<Record<string, string>>;
  /** Closes at another hour that no rule foretells: date `YYYY-MM-DD` to local time `HH:MM`. */
  readonly adHocCloses?: Readonly<Record<string, string>>;
}

/** Monday to Friday. */
export const WORKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5];

/**
 * Returns the calendar that follows the rules. Years are compiled when first asked for and kept.
 *
 * An extra session comes before a closure or holiday, a date of its own before a rule, and of two rules the later one in the list holds.
 * A special opening is on the day on which the usual hours open. A break that a special hour cuts is left out.
 */
export function createCalendar(rules: CalendarRules): Calendar {
  return new RuleCalendar(rules);
}

/** Hours in milliseconds from the midnight of the session's date; a break of NaN is none. */
interface Hours {
  readonly from: number;
  readonly open: number;
  readonly close: number;
  readonly breakStart: number;
  readonly breakEnd: number;
  /** What the opening counts from: 0, or the midnight a day before. */
  readonly openDay: number;
}

/** Returns the rules that a calendar was made of; undefined for one that was not made of rules. */
export const rulesOf = (calendar: Calendar): CalendarRules | undefined =>
  calendar instanceof RuleCalendar ? calendar.rules : undefined;

class RuleCalendar implements Calendar {
  readonly name: string;
  readonly timeZone: string;
  readonly sessionsPerYear: number;
  readonly sessionMinutes: number;
  readonly weekdays: readonly Weekday[];
  readonly firstLabel: number;
  readonly lastLabel: number;
  readonly rules: CalendarRules;
  readonly #hours: readonly Hours[];
  readonly #closures: ReadonlySet<number>;
  readonly #extra: ReadonlySet<number>;
  readonly #years = new Map<number, SessionTable>();

  constructor(rules: CalendarRules) {
    this.name = rules.name;
    this.timeZone = rules.timeZone;
    this.sessionsPerYear = rules.sessionsPerYear;
    this.sessionMinutes = rules.sessionMinutes;
    this.weekdays = rules.weekdays;
    this.firstLabel = parseDateLabel(rules.span[0]);
    this.lastLabel = parseDateLabel(rules.span[1]);
    this.rules = rules;
    this.#hours = rules.hours.map(hoursOf);
    this.#closures = new Set(rules.closures?.map(parseDateLabel));
    this.#extra = new Set(rules.extraSessions?.map(parseDateLabel));
  }

  sessions(from: number, to: number): SessionTable {
    assertWithin(this, from, to);
    const years: SessionTable[] = [];
    for (let year = yearOf(from); from <= to && year <= yearOf(to); year++) {
      years.push(cutTable(this.#year(year), from, to));
    }
    return joinTables(years);
  }

  isSession(label: number): boolean {
    if (!(label >= this.firstLabel && label <= this.lastLabel)) return false;
    const { labels } = this.#year(yearOf(label));
    return labels[lowerBound(labels, label)] === label;
  }

  sessionOnOrAfter(label: number): number | undefined {
    const start = Math.max(label, this.firstLabel);
    for (let year = yearOf(start); start <= this.lastLabel && year <= yearOf(this.lastLabel); year++) {
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
    const { weekdays, holidays = [], specialOpens = [], specialCloses = [] } = this.rules;
    const closed = new Set(this.#closures);
    const opensAt = new Map<number, string>();
    const closesAt = new Map<number, string>();
    // An observed holiday may fall into the year before or after its own.
    for (const ruleYear of [year - 1, year, year + 1]) {
      for (const date of datesIn(holidays, ruleYear)) closed.add(date.label);
      for (const { label, rule } of datesIn(specialOpens, ruleYear)) opensAt.set(label, rule.time);
      for (const { label, rule } of datesIn(specialCloses, ruleYear)) closesAt.set(label, rule.time);
    }
    for (const [date, time] of Object.entries(this.rules.adHocOpens ?? {})) opensAt.set(parseDateLabel(date), time);
    for (const [date, time] of Object.entries(this.rules.adHocCloses ?? {})) closesAt.set(parseDateLabel(date), time);

    const columns = SESSION_COLUMNS.map((): number[] => []);
    const first = Math.max(dateLabel(year, 1, 1), this.firstLabel);
    const last = Math.min(dateLabel(year, 12, 31), this.lastLabel);
    for (let label = first; label <= last; label += DAY_MS) {
      const isUsual = weekdays.includes(weekdayOf(label)) && !closed.has(label);
      if (!isUsual && !this.#extra.has(label)) continue;
      const session = this.#session(label, opensAt.get(label), closesAt.get(label));
      for (const [place, value] of session.entries()) columns[place]!.push(value);
    }
    return mapTable(columns[0]!.length, (name) => Float64Array.from(columns[SESSION_COLUMNS.indexOf(name)]!));
  }

  /** Returns the values of {@link SESSION_COLUMNS}. */
  #session(label: number, openTime: string | undefined, closeTime: string | undefined): number[] {
    const usual = this.#hours.findLast(({ from }) => from <= label) ?? this.#hours[0]!;
    const open = openTime === undefined ? usual.open : usual.openDay + minutesMs(openTime);
    const close = closeTime === undefined ? usual.close : minutesMs(closeTime);
    const pauses = open < usual.breakStart && close > usual.breakEnd;
    return [
      label,
      this.#instant(label + open),
      this.#instant(label + close),
      pauses ? this.#instant(label + usual.breakStart) : Number.NaN,
      pauses ? this.#instant(label + usual.breakEnd) : Number.NaN,
      close < usual.close ? 1 : 0,
    ];
  }

  /** An hour that clocks skip in spring means the instant at which they do: an hour later by the clock. */
  #instant(wallClock: number): number {
    // Asked for when sessions are: Intl takes milliseconds for a zone, and every process knows all calendars.
    const clock = zoneClock(this.timeZone);
    const instant = clock.toInstant(wallClock);
    return Number.isNaN(instant) ? wallClock - clock.offsetAt(wallClock - DAY_MS) : instant;
  }
}

function hoursOf({ from, open, opensDayBefore, close, break: pause }: RegularHours): Hours {
  const openDay = opensDayBefore === true ? -DAY_MS : 0;
  return {
    from: parseDateLabel(from),
    openDay,
    open: openDay + minutesMs(open),
    close: minutesMs(close),
    breakStart: pause === undefined ? Number.NaN : minutesMs(pause[0]),
    breakEnd: pause === undefined ? Number.NaN : minutesMs(pause[1]),
  };
}

function* datesIn<R extends DateRule>(rules: readonly R[], year: number): Generator<{ label: number; rule: R }> {
  for (const rule of rules) {
    const { firstYear = Number.NEGATIVE_INFINITY, lastYear = Number.POSITIVE_INFINITY } = rule;
    const label = year >= firstYear && year <= lastYear ? rule.date(year) : undefined;
    if (label !== undefined) yield { label, rule };
  }
}

/** Returns a local time `HH:MM` as milliseconds from midnight. */
function minutesMs(time: string): number {
  const [hour, minute] = time.split(':');
  return (Number(hour) * 60 + Number(minute)) * 60_000;
}
