import type { Calendar } from '../calendar.js';
import { EASTER_MONDAY, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, type DateRule, type SpecialTimeRule, WORKDAYS } from '../rule-calendar.js';

/** What one market of Euronext has of its own. */
export interface EuronextMarket {
  readonly name: string;
  readonly timeZone: string;
  /** Local hours; those of short sessions are half a day. */
  readonly hours: readonly [open: string, close: string, shortClose: string];
  /** Holidays that it kept beside the common ones, before it joined them. */
  readonly formerHolidays: readonly DateRule[];
  /** Days before Christmas and the new year on which sessions are short. */
  readonly shortSessions: readonly DateRule[];
}

/** Holidays that all markets keep, and since 2002 to 2003 alone. */
const COMMON: readonly DateRule[] = [
  fixedDate("New Year's Day", 1, 1),
  GOOD_FRIDAY,
  EASTER_MONDAY,
  fixedDate('Labour Day', 5, 1),
  fixedDate('Christmas', 12, 25),
  fixedDate('Boxing Day', 12, 26),
];

/** Returns the calendar of a market of Euronext. */
export function euronext({ name, timeZone, hours, formerHolidays, shortSessions }: EuronextMarket): Calendar {
  const [open, close, shortClose] = hours;
  return createCalendar({
    name,
    timeZone,
    sessionsPerYear: 256,
    sessionMinutes: 510,
    span: ['1990-01-01', '2099-12-31'],
    weekdays: WORKDAYS,
    hours: [{ from: '1990-01-01', open, close }],
    holidays: [...COMMON, ...formerHolidays],
    specialCloses: shortSessions.map((rule): SpecialTimeRule => ({ ...rule, time: shortClose })),
  });
}

/** Hours of the continent. */
export const CONTINENTAL_HOURS = ['09:00', '17:30', '14:05'] as const;

/** New Year's Eve was a holiday on the continent until 2001. */
export const FORMER_NEW_YEARS_EVE = fixedDate("New Year's Eve", 12, 31, { lastYear: 2001 });

/** Short sessions on the continent. */
export const CONTINENTAL_SHORT_SESSIONS: readonly DateRule[] = [
  fixedDate('Christmas Eve', 12, 24),
  fixedDate("New Year's Eve", 12, 31, { firstYear: 2002 }),
];
