import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Nasdaq Copenhagen. */
export const xcse = createCalendar({
  name: 'XCSE',
  timeZone: 'Europe/Copenhagen',
  sessionsPerYear: 251,
  sessionMinutes: 480,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    easterDay('Maundy Thursday', -3),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    easterDay('General Prayer Day', 26, { lastYear: 2023 }),
    easterDay('Ascension Day', 39),
    easterDay('day after Ascension', 40, { firstYear: 2009 }),
    easterDay('Whit Monday', 50),
    fixedDate('Constitution Day', 6, 5),
    fixedDate('Christmas Eve', 12, 24),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
    fixedDate("New Year's Eve", 12, 31),
  ],
});
