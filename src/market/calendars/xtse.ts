import { DAY_MS, dateLabel, Weekday, weekdayOf } from '../civil-date.js';
import { CHRISTMAS_AND_BOXING_DAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { weekendToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Returns the last Monday up to May 24th. */
function victoriaDay(year: number): number {
  const last = dateLabel(year, 5, 24);
  return last - ((weekdayOf(last) + 6) % 7) * DAY_MS;
}

/** Toronto Stock Exchange. */
export const xtse = createCalendar({
  name: 'XTSE',
  timeZone: 'America/Toronto',
  sessionsPerYear: 251,
  sessionMinutes: 390,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:30', close: '16:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, { observed: weekendToMonday }),
    weekdayInMonth('Family Day', 2, Weekday.Mon, 3, { firstYear: 2008 }),
    GOOD_FRIDAY,
    { name: 'Victoria Day', date: victoriaDay },
    fixedDate('Canada Day', 7, 1, { observed: weekendToMonday }),
    weekdayInMonth('Civic Holiday', 8, Weekday.Mon, 1),
    weekdayInMonth('Labour Day', 9, Weekday.Mon, 1),
    weekdayInMonth('Thanksgiving', 10, Weekday.Mon, 2),
    ...CHRISTMAS_AND_BOXING_DAY,
  ],
  closures: ['2001-09-11', '2001-09-12'], // attacks of September 11th
  specialCloses: [{ ...fixedDate('Christmas Eve', 12, 24, { firstYear: 2010 }), time: '13:00' }],
});
