import { easterDay, fixedDate } from '../holiday-rules.js';
import { CONTINENTAL_HOURS, CONTINENTAL_SHORT_SESSIONS, euronext, FORMER_NEW_YEARS_EVE } from './euronext.js';

/** Euronext Brussels. The holidays of the single Euronext market since 2002, Belgian ones before. */
export const xbru = euronext({
  name: 'XBRU',
  timeZone: 'Europe/Brussels',
  hours: CONTINENTAL_HOURS,
  formerHolidays: [
    easterDay('Ascension Day', 39, { lastYear: 2000 }),
    easterDay('Whit Monday', 50, { lastYear: 2001 }),
    fixedDate('National Day', 7, 21, { lastYear: 2001 }),
    FORMER_NEW_YEARS_EVE,
  ],
  shortSessions: CONTINENTAL_SHORT_SESSIONS,
});
