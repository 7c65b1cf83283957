import { easterDay, fixedDate } from '../holiday-rules.js';
import { euronext } from './euronext.js';

const former = { lastYear: 2002 };

/** Euronext Lisbon. The holidays of the single Euronext market since 2003, Portuguese ones before. */
export const xlis = euronext({
  name: 'XLIS',
  timeZone: 'Europe/Lisbon',
  hours: ['08:00', '16:30', '13:05'],
  formerHolidays: [
    easterDay('Carnival', -47, former),
    easterDay('Corpus Christi', 60, former),
    fixedDate('Liberty Day', 4, 25, former),
    fixedDate('Portugal Day', 6, 10, former),
    fixedDate("Saint Anthony's Day", 6, 13, { lastYear: 2001 }),
    fixedDate('Assumption', 8, 15, former),
    fixedDate('Republic Day', 10, 5, former),
    fixedDate("All Saints' Day", 11, 1, former),
    fixedDate('Restoration of Independence', 12, 1, former),
    fixedDate('Immaculate Conception', 12, 8, former),
    fixedDate('Christmas Eve', 12, 24, former),
  ],
  shortSessions: [fixedDate('Christmas Eve', 12, 24, { firstYear: 2003 }), fixedDate("New Year's Eve", 12, 31)],
});
