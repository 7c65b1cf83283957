import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Oslo Børs. */
export const xosl = createCalendar({
  name: 'XOSL',
  timeZone: 'Europe/Oslo',
  sessionsPerYear: 251,
  sessionMinutes: 440,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '16:20' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    easterDay('Maundy Thursday', -3),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    fixedDate('Constitution Day', 5, 17),
    easterDay('Ascension Day', 39),
    easterDay('Whit Monday', 50),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
  specialCloses: [{ ...easterDay('Wednesday before Easter', -4, { firstYear: 2011 }), time: '13:00' }],
});
