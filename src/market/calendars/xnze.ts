import { Weekday } from '../civil-date.js';
import { datesByYear } from '../date-tables.js';
import { CHRISTMAS_AND_BOXING_DAY, EASTER_MONDAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { weekendToFriday, weekendToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Matariki, by the schedule of its act of 2022, which goes to 2052: the Friday nearest to a phase of the Māori moon. */
const MATARIKI = {
  2022: '0624',
  2023: '0714',
  2024: '0628',
  2025: '0620',
  2026: '0710',
  2027: '0625',
  2028: '0714',
  2029: '0706',
  2030: '0621',
  2031: '0711',
  2032: '0702',
  2033: '0624',
  2034: '0707',
  2035: '0629',
  2036: '0718',
  2037: '0710',
  2038: '0625',
  2039: '0715',
  2040: '0706',
  2041: '0719',
  2042: '0711',
  2043: '0703',
  2044: '0624',
  2045: '0707',
  2046: '0629',
  2047: '0719',
  2048: '0703',
  2049: '0625',
  2050: '0715',
  2051: '0630',
  2052: '0621',
};

const shortSince2011 = { firstYear: 2011, observed: weekendToFriday };
const onItsDate = { lastYear: 2014 };
const moved = { firstYear: 2015, observed: weekendToMonday };

/** New Zealand Exchange, Wellington. Since 2015 Waitangi and Anzac Day are made good on Monday. */
export const xnze = createCalendar({
  name: 'XNZE',
  timeZone: 'Pacific/Auckland',
  sessionsPerYear: 250,
  sessionMinutes: 405,
  span: ['1990-01-01', '2052-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '10:00', close: '16:45' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate("day after New Year's Day", 1, 2),
    fixedDate("in place of New Year's Day", 1, 3, { on: [Weekday.Mon, Weekday.Tue] }),
    fixedDate('in place of the day after', 1, 4, { on: [Weekday.Mon, Weekday.Tue] }),
    fixedDate('Waitangi Day', 2, 6, onItsDate),
    fixedDate('Waitangi Day', 2, 6, moved),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Anzac Day', 4, 25, onItsDate),
    fixedDate('Anzac Day', 4, 25, moved),
    weekdayInMonth("Sovereign's Birthday", 6, Weekday.Mon, 1),
    weekdayInMonth('Labour Day', 10, Weekday.Mon, 4),
    ...CHRISTMAS_AND_BOXING_DAY,
  ],
  closures: [
    '1990-12-24', // about Christmas and the new year
    '1990-12-31',
    '1991-12-27',
    '1992-01-03',
    '1999-12-31', // eve of the year 2000
    '2022-09-26', // mourning for Queen Elizabeth II
    ...datesByYear(MATARIKI),
  ],
  specialCloses: [
    { ...fixedDate('last session before Christmas', 12, 24, shortSince2011), time: '12:45' },
    { ...fixedDate('last session of the year', 12, 31, shortSince2011), time: '12:45' },
  ],
});
