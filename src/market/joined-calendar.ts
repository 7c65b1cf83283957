import { UsageError } from '../core/errors.js';
import { type Calendar, SESSION_COLUMNS, type SessionTable } from './calendar.js';
import { DAY_MS, formatDate } from './civil-date.js';
import { recordedCalendar } from './recorded-calendar.js';

/**
 * Returns the calendar of all sessions that any of several venues holds, with labels from `from` to `to`, both inclusive. Sessions of one date are one, from the first
 * opening to the last close; it has a break where all of them pause, and is a half day where all of them are. `sessionsPerYear` is counted over the dates that all
 * calendars know, where those are a year or more, and never less than the largest; `sessionMinutes` are those of most sessions.
 *
 * @throws UsageError `MIXED_TIME_AXES` where sessions of two dates overlap
 */
export function joinCalendars(calendars: readonly Calendar[], from: number, to: number): Calendar {
  const name = calendars.map((calendar) => calendar.name).join('+');
  const firstLabel = Math.max(from, Math.min(...calendars.map((calendar) => calendar.firstLabel)));
  const lastLabel = Math.min(to, Math.max(...calendars.map((calendar) => calendar.lastLabel)));
  const table = joinSessions(calendars, firstLabel, lastLabel);
  for (let row = 1; row < table.length; row++) {
    if (table.opens[row]! >= table.closes[row - 1]!) continue;
    throw new UsageError('MIXED_TIME_AXES', {
      message: `Sessions of ${name} overlap: that of ${formatDate(table.labels[row]!)} opens before the one before it has closed. Choose symbols of one calendar with --symbols.`,
      details: { calendars: calendars.map((calendar) => calendar.name), session: formatDate(table.labels[row]!) },
    });
  }
  const zones = new Set(calendars.map(({ timeZone }) => timeZone));
  const facts = {
    name,
    timeZone: zones.size === 1 ? calendars[0]!.timeZone : 'UTC',
    sessionsPerYear: sessionsPerYear(calendars, table),
    sessionMinutes: usualMinutes(table),
    weekdays: [...new Set(calendars.flatMap(({ weekdays }) => weekdays))].sort((a, b) => a - b),
  };
  return recordedCalendar({ ...facts, firstLabel, lastLabel }, () => table);
}

function joinSessions(calendars: readonly Calendar[], from: number, to: number): SessionTable {
  const tables = calendars.map((calendar) =>
    calendar.sessions(Math.max(from, calendar.firstLabel), Math.max(from, Math.min(to, calendar.lastLabel))),
  );
  const labels = [...new Set(tables.flatMap((table) => [...table.labels]))].sort((a, b) => a - b);
  const joined = Object.fromEntries(SESSION_COLUMNS.map((column) => [column, new Float64Array(labels.length)]));
  const places = tables.map(() => 0);
  for (const [row, label] of labels.entries()) {
    const held = tables.flatMap((table, k) => {
      const place = places[k]!;
      if (table.labels[place] !== label) return [];
      places[k] = place + 1;
      return [Object.fromEntries(SESSION_COLUMNS.map((column) => [column, table[column][place]!]))];
    });
    const all = (column: (typeof SESSION_COLUMNS)[number]): number[] => held.map((session) => session[column]!);
    const pause = Math.max(...all('breakStarts'));
    const resume = Math.min(...all('breakEnds'));
    joined.labels![row] = label;
    joined.opens![row] = Math.min(...all('opens'));
    joined.closes![row] = Math.max(...all('closes'));
    joined.breakStarts![row] = pause < resume ? pause : Number.NaN;
    joined.breakEnds![row] = pause < resume ? resume : Number.NaN;
    joined.halfDays![row] = Math.min(...all('halfDays'));
  }
  return { length: labels.length, ...joined } as unknown as SessionTable;
}

function sessionsPerYear(calendars: readonly Calendar[], { labels }: SessionTable): number {
  const from = Math.max(labels[0] ?? 0, ...calendars.map(({ firstLabel }) => firstLabel));
  const to = Math.min(labels.at(-1) ?? 0, ...calendars.map(({ lastLabel }) => lastLabel));
  const days = (to - from) / DAY_MS + 1;
  const most = Math.max(...calendars.map((calendar) => calendar.sessionsPerYear));
  if (days < 365) return most;
  const held = labels.filter((label) => label >= from && label <= to).length;
  return Math.max(most, Math.round((held * YEAR_DAYS) / days));
}

const YEAR_DAYS = 365.25;

/** Minutes of trading in most of the sessions, the longer ones where as many are as long. */
function usualMinutes({ length, opens, closes, breakStarts, breakEnds }: SessionTable): number {
  const counts = new Map<number, number>();
  for (let row = 0; row < length; row++) {
    const pause = breakEnds[row]! - breakStarts[row]!;
    const minutes = (closes[row]! - opens[row]! - (pause > 0 ? pause : 0)) / 60_000;
    counts.set(minutes, (counts.get(minutes) ?? 0) + 1);
  }
  return [...counts].sort(([a, countA], [b, countB]) => countB - countA || b - a)[0]?.[0] ?? 0;
}
