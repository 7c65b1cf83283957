import { UsageError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import type { Calendar } from './calendar.js';
import { alwaysOpen } from './calendars/always-open.js';
import { bvmf } from './calendars/bvmf.js';
import { cmes } from './calendars/cmes.js';
import { weekdays } from './calendars/weekdays.js';
import { xams } from './calendars/xams.js';
import { xasx } from './calendars/xasx.js';
import { xbom } from './calendars/xbom.js';
import { xbru } from './calendars/xbru.js';
import { xcse } from './calendars/xcse.js';
import { xdub } from './calendars/xdub.js';
import { xetr } from './calendars/xetr.js';
import { xhel } from './calendars/xhel.js';
import { xhkg } from './calendars/xhkg.js';
import { xjse } from './calendars/xjse.js';
import { xkrx } from './calendars/xkrx.js';
import { xlis } from './calendars/xlis.js';
import { xlon } from './calendars/xlon.js';
import { xmad } from './calendars/xmad.js';
import { xmex } from './calendars/xmex.js';
import { xmil } from './calendars/xmil.js';
import { xnys } from './calendars/xnys.js';
import { xnze } from './calendars/xnze.js';
import { xosl } from './calendars/xosl.js';
import { xpar } from './calendars/xpar.js';
import { xses } from './calendars/xses.js';
import { xshg } from './calendars/xshg.js';
import { xsto } from './calendars/xsto.js';
import { xswx } from './calendars/xswx.js';
import { xtai } from './calendars/xtai.js';
import { xtks } from './calendars/xtks.js';
import { xtse } from './calendars/xtse.js';
import { xwbo } from './calendars/xwbo.js';

const CALENDARS: readonly Calendar[] = [
  xnys,
  xlon,
  xetr,
  xpar,
  xtks,
  xhkg,
  xasx,
  xtse,
  xbom,
  xshg,
  xams,
  xbru,
  xlis,
  xmad,
  xmil,
  xswx,
  xwbo,
  xsto,
  xhel,
  xcse,
  xosl,
  xdub,
  bvmf,
  xmex,
  xjse,
  xnze,
  xses,
  xkrx,
  xtai,
  cmes,
  weekdays,
  alwaysOpen,
];

/** Other names by which traders ask for a calendar: venues that keep the same sessions, and names that are not codes. */
const ALIASES: Readonly<Record<string, string>> = {
  XNAS: 'XNYS',
  NYSE: 'XNYS',
  NASDAQ: 'XNYS',
  ARCX: 'XNYS',
  LSE: 'XLON',
  XETRA: 'XETR',
  XFRA: 'XETR',
  JPX: 'XTKS',
  HKEX: 'XHKG',
  ASX: 'XASX',
  TSX: 'XTSE',
  BSE: 'XBOM',
  XNSE: 'XBOM',
  SSE: 'XSHG',
  XSHE: 'XSHG',
  BME: 'XMAD',
  SIX: 'XSWX',
  B3: 'BVMF',
  BMV: 'XMEX',
  JSE: 'XJSE',
  NZX: 'XNZE',
  SGX: 'XSES',
  KRX: 'XKRX',
  TWSE: 'XTAI',
  CME: 'CMES',
  CBOT: 'CMES',
  NYMEX: 'CMES',
  COMEX: 'CMES',
};

/** Returns the names of all calendars, aliases left out. */
export function calendarNames(): string[] {
  return CALENDARS.map(({ name }) => name);
}

/** Returns the other names of calendars, each with the calendar that it stands for. */
export const calendarAliases = (): Readonly<Record<string, string>> => ALIASES;

/**
 * Returns the calendar of a name or alias (NYSE, NASDAQ and XNAS stand for XNYS), whatever its case.
 * @throws UsageError `UNKNOWN_CALENDAR` with the nearest name and the list of all
 */
export function getCalendar(name: string): Calendar {
  const upper = name.toUpperCase();
  const wanted = Object.hasOwn(ALIASES, upper) ? ALIASES[upper] : upper;
  const found = CALENDARS.find((calendar) => calendar.name === wanted);
  if (found !== undefined) return found;
  const near = nearest(name, [...calendarNames(), ...Object.keys(ALIASES)]);
  throw new UsageError('UNKNOWN_CALENDAR', {
    message: `Unknown calendar '${name}'.${near === undefined ? '' : ` Did you mean '${near}'?`} Calendars: ${calendarNames().join(', ')}; other names: ${Object.keys(ALIASES).join(', ')}. A file (.json, .yaml) can hold another.`,
    details: { name, known: calendarNames() },
  });
}
