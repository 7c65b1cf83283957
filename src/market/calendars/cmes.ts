import { DAY_MS, Weekday } from '../civil-date.js';
import { fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { nearestWeekday, sundayToMonday } from '../observance.js';
import { createCalendar, type DateRule, WORKDAYS } from '../rule-calendar.js';

const thanksgiving = weekdayInMonth('Thanksgiving', 11, Weekday.Thu, 4);

/** Holidays of the stock exchanges on which futures trade until noon. */
const SHORT_SESSIONS: readonly DateRule[] = [
  weekdayInMonth('Martin Luther King Day', 1, Weekday.Mon, 3, { firstYear: 1998 }),
  weekdayInMonth("Washington's Birthday", 2, Weekday.Mon, 3),
  weekdayInMonth('Memorial Day', 5, Weekday.Mon, -1),
  fixedDate('Juneteenth', 6, 19, { firstYear: 2022, observed: nearestWeekday }),
  fixedDate('Independence Day', 7, 4, { observed: nearestWeekday }),
  weekdayInMonth('Labor Day', 9, Weekday.Mon, 1),
  thanksgiving,
  { name: 'day after Thanksgiving', firstYear: 1993, date: (year) => thanksgiving.date(year)! + DAY_MS },
  fixedDate('Christmas Eve', 12, 24, { on: [Weekday.Mon, Weekday.Tue, Weekday.Wed, Weekday.Thu] }),
];

/**
 * Futures of the Chicago Mercantile Exchange, as one calendar: a session opens at five in the evening before its date and closes a day
 * later, without the pause that products make then. Products differ on holidays; noon is the earliest of their closes.
 */
export const cmes = createCalendar({
  name: 'CMES',
  timeZone: 'America/Chicago',
  sessionsPerYear: 258,
  sessionMinutes: 1440,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '17:00', opensDayBefore: true, close: '17:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, { observed: sundayToMonday }),
    GOOD_FRIDAY,
    fixedDate('Christmas', 12, 25, { observed: nearestWeekday }),
  ],
  closures: [
    '1994-04-27', // mourning for presidents, as the New York Stock Exchange
    '2004-06-11',
    '2007-01-02',
    '2018-12-05',
    '2025-01-09',
  ],
  specialCloses: SHORT_SESSIONS.map((rule) => ({ ...rule, time: '12:00' })),
});
