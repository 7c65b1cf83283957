import { UsageError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import type { Calendar } from './calendar.js';
import { alwaysOpen } from './calendars/always-open.js';
import { xnys } from './calendars/xnys.js';

const CALENDARS: readonly Calendar[] = [xnys, alwaysOpen];

/** Other names by which traders ask for a calendar. */
const ALIASES: Readonly<Record<string, string>> = { XNAS: 'XNYS', NYSE: 'XNYS', NASDAQ: 'XNYS' };

/** Returns the names of all calendars, aliases left out. */
export function calendarNames(): string[] {
  return CALENDARS.map(({ name }) => name);
}

/**
 * Returns the calendar of a name or alias (XNAS, NASDAQ and NYSE stand for XNYS), whatever its case.
 * @throws UsageError `UNKNOWN_CALENDAR` with the nearest name and the list of all
 */
export function getCalendar(name: string): Calendar {
  const upper = name.toUpperCase();
  const wanted = Object.hasOwn(ALIASES, upper) ? ALIASES[upper] : upper;
  const found = CALENDARS.find((calendar) => calendar.name === wanted);
  if (found !== undefined) return found;
  const near = nearest(name, [...calendarNames(), ...Object.keys(ALIASES)]);
  throw new UsageError('UNKNOWN_CALENDAR', {
    message: `Unknown calendar '${name}'.${near === undefined ? '' : ` Did you mean '${near}'?`} Calendars: ${calendarNames().join(', ')} (XNAS, NASDAQ and NYSE stand for XNYS).`,
    details: { name, known: calendarNames() },
  });
}
