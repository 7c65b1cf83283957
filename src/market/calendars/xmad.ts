import { EASTER_MONDAY, fixedDate, GOOD_FRIDAY } from '../holiday-rules.js';
import { weekendToMonday } from '../observance.js';
import { createCalendar, type DateRule, WORKDAYS } from '../rule-calendar.js';

const former = { lastYear: 2004 };

/** The rules of the two last days before a holiday in some years. */
const eves = (firstYear: number, lastYear?: number): DateRule[] => {
  const years = { firstYear, ...(lastYear === undefined ? {} : { lastYear }) };
  return [fixedDate('Christmas Eve', 12, 24, years), fixedDate("New Year's Eve", 12, 31, years)];
};

/** Madrid Stock Exchange. National holidays until 2004 to 2006, then those of the European markets. */
export const xmad = createCalendar({
  name: 'XMAD',
  timeZone: 'Europe/Madrid',
  sessionsPerYear: 256,
  sessionMinutes: 510,
  span: ['1990-01-01', '2099-12-31'],
  weekdays: WORKDAYS,
  hours: [{ from: '1990-01-01', open: '09:00', close: '17:30' }],
  holidays: [
    fixedDate("New Year's Day", 1, 1),
    fixedDate('Epiphany', 1, 6, { lastYear: 2006 }),
    GOOD_FRIDAY,
    EASTER_MONDAY,
    fixedDate('Labour Day', 5, 1),
    fixedDate('Assumption', 8, 15, { ...former, observed: weekendToMonday }),
    fixedDate('National Day', 10, 12, former),
    fixedDate("All Saints' Day", 11, 1, former),
    fixedDate('Constitution Day', 12, 6, former),
    fixedDate('Immaculate Conception', 12, 8, former),
    // Free, full in 2011, short and free in turn.
    ...eves(1990, 2010),
    ...eves(2021, 2023),
    fixedDate('Christmas', 12, 25),
    fixedDate('Boxing Day', 12, 26),
  ],
  specialCloses: [...eves(2012, 2020), ...eves(2024)].map((rule) => ({ ...rule, time: '14:00' })),
});
