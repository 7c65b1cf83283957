import { createCalendar } from '../rule-calendar.js';

/** Every UTC day is a session, from midnight to midnight: crypto venues. */
export const alwaysOpen = createCalendar({
  name: '24/7',
  timeZone: 'UTC',
  sessionsPerYear: 365,
  sessionMinutes: 1440,
  span: ['1900-01-01', '2099-12-31'],
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  hours: [{ from: '1900-01-01', open: '00:00', close: '24:00' }],
});
