import { easterDay, fixedDate } from '../holiday-rules.js';
import { CONTINENTAL_HOURS, CONTINENTAL_SHORT_SESSIONS, euronext, FORMER_NEW_YEARS_EVE } from './euronext.js';

/** Euronext Paris. The holidays of the single Euronext market since 2002, French ones before. */
export const xpar = euronext({
  name: 'XPAR',
  timeZone: 'Europe/Paris',
  hours: CONTINENTAL_HOURS,
  formerHolidays: [
    easterDay('Whit Monday', 50, { lastYear: 2001 }),
    fixedDate('Bastille Day', 7, 14, { lastYear: 2001 }),
    FORMER_NEW_YEARS_EVE,
  ],
  shortSessions: CONTINENTAL_SHORT_SESSIONS,
});
