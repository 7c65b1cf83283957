import { easterDay, fixedDate } from '../holiday-rules.js';
import { CONTINENTAL_HOURS, CONTINENTAL_SHORT_SESSIONS, euronext, FORMER_NEW_YEARS_EVE } from './euronext.js';

/** Euronext Amsterdam. The holidays of the single Euronext market since 2002, Dutch ones before. */
export const xams = euronext({
  name: 'XAMS',
  timeZone: 'Europe/Amsterdam',
  hours: CONTINENTAL_HOURS,
  formerHolidays: [
    easterDay('Ascension Day', 39, { lastYear: 2000 }),
    easterDay('Whit Monday', 50, { lastYear: 2001 }),
    fixedDate("Queen's Day", 4, 30, { lastYear: 2001 }),
    FORMER_NEW_YEARS_EVE,
  ],
  shortSessions: CONTINENTAL_SHORT_SESSIONS,
});
