import { DAY_MS, Weekday, weekdayOf } from '../civil-date.js';
import { CHRISTMAS_AND_BOXING_DAY, EASTER_MONDAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { weekendToFriday, weekendToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** 2022 had no short sessions at its end. */
const isShortYear = (year: number): boolean => year !== 2022;

const beforeChristmas = fixedDate('last session before Christmas', 12, 24, {
  firstYear: 2010,
  observed: weekendToFriday,
});
const lastOfYear = fixedDate('last session of the year', 12, 31, { firstYear: 2010, observed: weekendToFriday });

/** Australian Securities Exchange, Sydney: cash market. */
export const xasx = createCalendar({
  name: 'XASX',
  timeZone: 'Australia/Sydney',
  sessionsPerYear: 253,
  sessionMinutes: 360,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '10:00', close: '16:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, { observed: weekendToMonday }),
    // The Monday on or after January 26th until 1992; in 1993 the states differed and the exchange was open.
    fixedDate('Australia Day', 1, 26, { lastYear: 1992, observed: mondayFrom }),
    fixedDate('Australia Day', 1, 26, { firstYear: 1994, observed: weekendToMonday }),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Anzac Day', 4, 25),
    weekdayInMonth("Sovereign's Birthday", 6, Weekday.Mon, 2),
    ...CHRISTMAS_AND_BOXING_DAY,
  ],
  closures: [
    '1990-12-31',
    '1999-12-31', // tests for the year 2000
    '2010-04-26', // Anzac Day on a Sunday: made good that year only
    '2011-04-26', // Anzac Day and Easter Monday were one
    '2022-09-22', // mourning for Queen Elizabeth II
  ],
  specialCloses: [beforeChristmas, lastOfYear].map((rule) => ({
    ...rule,
    time: '14:10',
    date: (year) => (isShortYear(year) ? rule.date(year) : undefined),
  })),
});

/** Returns the Monday on or after a date. */
function mondayFrom(label: number): number {
  return label + ((8 - weekdayOf(label)) % 7) * DAY_MS;
}
