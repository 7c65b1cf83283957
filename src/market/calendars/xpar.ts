import { EASTER_MONDAY, easterDay, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Euronext Paris. The holidays of the single Euronext market since 2002, French ones before. */
export const xpar = createCalendar({
  name: 'XPAR',
  timeZone: 'Europe/Paris',
  sessionsPerYear: 256,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    easterDay('Whit Monday', 50, { lastYear: 2001 }),
    fixedDate('Labour Day', 5, 1),
    fixedDate('Bastille Day', 7, 14, { lastYear: 2001 }),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
    fixedDate("New Year's Eve", 12, 31, { lastYear: 2001 }),
  ],
  specialCloses: [
    { ...fixedDate('Christmas Eve', 12, 24), time: '14:05' },
    { ...fixedDate("New Year's Eve", 12, 31, { firstYear: 2002 }), time: '14:05' },
  ],
});
