import { dateLabel, Weekday } from '../civil-date.js';
import { CHRISTMAS_AND_BOXING_DAY, EASTER_MONDAY, fixedDate, GOOD_FRIDAY, weekdayInMonth } from '../holiday-rules.js';
import { weekendToFriday, weekendToMonday } from '../observance.js';
import { createCalendar, type DateRule, WORKDAYS } from '../rule-calendar.js';

/** A rule without the years in which its holiday was moved for an occasion: those dates stand among the closures. */
const except = (years: readonly number[], rule: DateRule): DateRule => ({
  ...rule,
  date: (year) => (years.includes(year) ? undefined : rule.date(year)),
});

/** London Stock Exchange: bank holidays of England and Wales. */
export const xlon = createCalendar({
  name: 'XLON',
  timeZone: 'Europe/London',
  sessionsPerYear: 253,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '08:00', close: '16:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, { observed: weekendToMonday }),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    except([1995, 2020], weekdayInMonth('early May bank holiday', 5, Weekday.Mon, 1)),
    except([2002, 2012, 2022], weekdayInMonth('spring bank holiday', 5, Weekday.Mon, -1)),
    weekdayInMonth('summer bank holiday', 8, Weekday.Mon, -1),
    ...CHRISTMAS_AND_BOXING_DAY,
  ],
  closures: [
    '1995-05-08', // 50 years since the end of the war in Europe, in place of May 1st
    '1999-12-31', // eve of the year 2000
    '2002-06-03', // golden jubilee, with the spring bank holiday
    '2002-06-04',
    '2011-04-29', // royal wedding
    '2012-06-04', // diamond jubilee, with the spring bank holiday
    '2012-06-05',
    '2020-05-08', // 75 years since the end of the war in Europe, in place of May 4th
    '2022-06-02', // platinum jubilee, with the spring bank holiday
    '2022-06-03',
    '2022-09-19', // funeral of Queen Elizabeth II
    '2023-05-08', // coronation of King Charles III
  ],
  specialCloses: [
    { name: 'last session before Christmas', time: '12:30', date: (year) => weekendToFriday(dateLabel(year, 12, 24)) },
    { name: 'last session of the year', time: '12:30', date: (year) => weekendToFriday(dateLabel(year, 12, 31)) },
  ],
});
