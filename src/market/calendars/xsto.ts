import { EASTER_MONDAY, easterDay, fixedDate, fridayFrom, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Nasdaq Stockholm: closes early on the eves of holidays. */
export const xsto = createCalendar({
  name: 'XSTO',
  timeZone: 'Europe/Stockholm',
  sessionsPerYear: 251,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('Epiphany', 1, 6),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    easterDay('Ascension Day', 39),
    easterDay('Whit Monday', 50, { lastYear: 2004 }),
    fixedDate('National Day', 6, 6, { firstYear: 2005 }),
    fridayFrom('Midsummer Eve', 6, 19),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
  specialCloses: [
    fixedDate('eve of Epiphany', 1, 5),
    easterDay('Maundy Thursday', -3),
    fixedDate('eve of Labour Day', 4, 30),
    easterDay('eve of Ascension', 38),
    fridayFrom("eve of All Saints' Day", 10, 30),
  ].map((rule) => ({ ...rule, time: '13:00' })),
});
