import { EASTER_MONDAY, easterDay, fixedDate, fridayFrom, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Nasdaq Helsinki. */
export const xhel = createCalendar({
  name: 'XHEL',
  timeZone: 'Europe/Helsinki',
  sessionsPerYear: 251,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '10:00', close: '18:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('Epiphany', 1, 6),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    easterDay('Ascension Day', 39),
    fridayFrom('Midsummer Eve', 6, 19),
    fixedDate('Independence Day', 12, 6),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
});
