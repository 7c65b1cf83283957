import { dateLabel } from '../civil-date.js';
import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { weekendToFriday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Returns the last weekday before December 31st, on which the exchange is closed. */
const lastSessionOfYear = (year: number): number => weekendToFriday(dateLabel(year, 12, 30));

/** Xetra, Frankfurt. */
export const xetr = createCalendar({
  name: 'XETR',
  timeZone: 'Europe/Berlin',
  sessionsPerYear: 254,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    easterDay('Whit Monday', 50, { firstYear: 2015, lastYear: 2021 }),
    fixedDate('Day of German Unity', 10, 3, { firstYear: 2014, lastYear: 2021 }),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('second day of Christmas', 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
  closures: [
    '2007-05-28', // Whit Monday, that year only
    '2017-10-31', // 500 years of the Reformation
  ],
  specialCloses: [{ name: 'last session of the year', firstYear: 2010, time: '14:00', date: lastSessionOfYear }],
});
