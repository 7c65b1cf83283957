import { EASTER_MONDAY, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { sundayToMonday } from '../observance.js';
import { createCalendar, WORKDAYS } from '../rule-calendar.js';

const moved = { observed: sundayToMonday };

/** Johannesburg Stock Exchange. The holidays of the act of 1994 for all years; elections are holidays too. */
export const xjse = createCalendar({
  name: 'XJSE',
  timeZone: 'Africa/Johannesburg',
  sessionsPerYear: 250,
  sessionMinutes: 480,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:00' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1, moved),
    fixedDate('Human Rights Day', 3, 21, moved),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Freedom Day', 4, 27, moved),
    fixedDate("Workers' Day", 5, 1, moved),
    fixedDate('Youth Day', 6, 16, moved),
    fixedDate("National Women's Day", 8, 9, moved),
    fixedDate('Heritage Day', 9, 24, moved),
    fixedDate('Day of Reconciliation', 12, 16, moved),
    fixedDate('Christmas', 12, 25, moved),
    fixedDate('Day of Goodwill', 12, 26, moved),
  ],
  closures: [
    '2004-04-14', // elections
    '2006-03-01', // elections
    '2008-05-02', // Workers' Day and Ascension were one
    '2009-04-22', // elections
    '2011-05-18', // elections
    '2011-12-27', // Christmas on a Sunday
    '2014-05-07', // elections
    '2016-08-03', // elections
    '2016-12-27', // Christmas on a Sunday
    '2019-05-08', // elections
  ],
});
