import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** SIX Swiss Exchange, Zurich. */
export const xswx = createCalendar({
  name: 'XSWX',
  timeZone: 'Europe/Zurich',
  sessionsPerYear: 251,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate("Berchtold's Day", 1, 2),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    easterDay('Ascension Day', 39),
    easterDay('Whit Monday', 50),
    fixedDate('National Day', 8, 1),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate("Saint Stephen's Day", 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
});
