import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { type BarTimes, INTRADAY_MS } from '../market/bar-axis.js';
import { getCalendar } from '../market/calendars.js';
import { calendarOf, sessionAxis } from '../market/session-axis.js';
import type { MarketView, RunView } from './market-view.js';
import type { ResolvedRunOptions } from './run-options.js';

/** Returns the row of the run at which each session ends; undefined where each bar is a session or more. */
export function sessionEnds({ group, from, to }: RunView): Int32Array | undefined {
  if (isWhole(group)) return undefined;
  const sessions = sessionAxis(group);
  const ends: number[] = [];
  for (let row = from; row < to; row++) if (row === to - 1 || sessions.closesSession(row)) ends.push(row - from);
  return Int32Array.from(ends);
}

/** Writes the account value at the end of each session. @param equity one value for each bar of the run */
export function gatherSessionValues(
  ends: Int32Array | undefined,
  equity: ReadonlyFloat64Array,
  into: Float64Array,
): Float64Array {
  if (ends === undefined) into.set(equity as Float64Array);
  else for (let session = 0; session < ends.length; session++) into[session] = equity[ends[session]!]!;
  return into;
}

/** Returns how many sessions, or bars where each is one or more, make a year. */
export function sessionsPerYear(
  { group }: RunView,
  { annualization }: Pick<ResolvedRunOptions, 'annualization'>,
): number {
  if (isWhole(group) && annualization !== undefined) return annualization;
  if (group.frequency === '1w') return 52;
  return group.frequency === '1mo' ? 12 : getCalendar(group.calendar).sessionsPerYear;
}

const isWhole = ({ frequency }: RunView['group']): boolean => ['1d', '1w', '1mo'].includes(frequency);

/** Returns how many bars of a run make a year: as it was told, else by its calendar. */
export const annualizationOf = (
  { group, share = 1 }: RunView & Pick<MarketView, 'share'>,
  { annualization }: Pick<ResolvedRunOptions, 'annualization'>,
): number => (annualization === undefined ? barsPerYear(group) : annualization * share);

/** Returns how many bars make a year: the calendar's sessions a year times the bars of a full session. */
export function barsPerYear(axis: BarTimes): number {
  const calendar = calendarOf(axis);
  const { frequency } = axis;
  if (frequency === '1d') return calendar.sessionsPerYear;
  if (frequency === '1w') return 52;
  if (frequency === '1mo') return 12;
  return calendar.sessionsPerYear * Math.ceil((calendar.sessionMinutes * 60_000) / INTRADAY_MS[frequency]!);
}
