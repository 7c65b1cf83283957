import { createCalendar, WORKDAYS } from '../rule-calendar.js';

/** Monday to Friday in UTC, each from midnight to midnight: currencies, as daily files have them. */
export const weekdays = createCalendar({
  name: '24/5',
  timeZone: 'UTC',
  sessionsPerYear: 260,
  sessionMinutes: 1440,
  span: ['1900-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1900-01-01', open: '00:00', close: '24:00' }],
});
