import { dateLabel } from '../civil-date.js';
import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { weekendToFriday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

const former = { lastYear: 2018 };

/** Vienna Stock Exchange. Catholic holidays until 2018. */
export const xwbo = createCalendar({
  name: 'XWBO',
  timeZone: 'Europe/Vienna',
  sessionsPerYear: 254,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('Epiphany', 1, 6, former),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    easterDay('Ascension Day', 39, former),
    easterDay('Whit Monday', 50, { lastYear: 2022 }),
    easterDay('Corpus Christi', 60, former),
    fixedDate('Labour Day', 5, 1),
    fixedDate('Assumption', 8, 15, former),
    fixedDate('National Day', 10, 26),
    fixedDate("All Saints' Day", 11, 1, former),
    fixedDate('Immaculate Conception', 12, 8, former),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate("Saint Stephen's Day", 12, 26),
    // Until 2015 the last weekday of each year was free.
    fixedDate("New Year's Eve", 12, 31, { lastYear: 2015, observed: weekendToFriday }),
    fixedDate("New Year's Eve", 12, 31, { firstYear: 2016 }),
  ],
  specialCloses: [
    {
      name: 'last session of the year',
      firstYear: 2017,
      time: '14:15',
      date: (year) => weekendToFriday(dateLabel(year, 12, 30)),
    },
  ],
});
