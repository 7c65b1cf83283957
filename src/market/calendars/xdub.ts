import { Weekday } from '../civil-date.js';
import { CHRISTMAS_AND_BOXING_DAY, EASTER_MONDAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { weekendToFriday, weekendToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

const moved = { observed: weekendToMonday };
const shortSince2010 = { firstYear: 2010, observed: weekendToFriday };

/** Euronext Dublin. Irish bank holidays until 2018, when it joined Euronext; the first Monday of May is one again since 2021. */
export const xdub = createCalendar({
  name: 'XDUB',
  timeZone: 'Europe/Dublin',
  sessionsPerYear: 254,
  sessionMinutes: 508,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '08:00', close: '16:28' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, moved),
    fixedDate("Saint Patrick's Day", 3, 17, { lastYear: 2000, ...moved }),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1, { firstYear: 2008, lastYear: 2009, ...moved }),
    fixedDate('Labour Day', 5, 1, { firstYear: 2019, ...moved }),
    weekdayInMonth('May bank holiday', 5, Weekday.Mon, 1, { lastYear: 2018 }),
    weekdayInMonth('May bank holiday', 5, Weekday.Mon, 1, { firstYear: 2021 }),
    weekdayInMonth('June bank holiday', 6, Weekday.Mon, 1, { lastYear: 2018 }),
    fixedDate('Christmas Eve', 12, 24, { lastYear: 2004 }),
    ...CHRISTMAS_AND_BOXING_DAY,
  ],
  closures: ['2018-03-02'], // snow
  specialCloses: [
    { ...fixedDate('last session before Christmas', 12, 24, shortSince2010), time: '12:28' },
    { ...fixedDate('last session of the year', 12, 31, shortSince2010), time: '12:28' },
  ],
  adHocCloses: { '2018-03-01': '12:28' }, // snow
});
