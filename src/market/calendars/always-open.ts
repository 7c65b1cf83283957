import { createCalendar } from '../calendar.js';

/** Every UTC day is a session, from midnight to midnight: crypto venues. */
export const alwaysOpen = createCalendar({
  name: '24/7',
  timeZone: 'UTC',
  sessionsPerYear: 365,
  sessionMinutes: 1440,
  years: [1900, 2099],
  weekdays: [0, 1, 2, 3, 4, 5, 6],
  hours: [{ from: '1900-01-01', open: '00:00', close: '24:00' }],
  holidays: [],
  closures: [],
  specialCloses: [],
  adHocCloses: {},
  adHocOpens: {},
});
