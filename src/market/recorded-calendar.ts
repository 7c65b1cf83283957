import { assertWithin, type Calendar, cutTable, joinTables, lowerBound, type SessionTable } from './calendar.js';

/** What a calendar is besides its sessions. */
export type CalendarFacts = Pick<
  Calendar,
  'name' | 'timeZone' | 'sessionsPerYear' | 'sessionMinutes' | 'weekdays' | 'firstLabel' | 'lastLabel'
>;

/**
 * Returns a calendar whose sessions were compiled elsewhere: of a bundle, which reads the same when a calendar's rules are corrected.
 *
 * @param readTable returns all sessions from `firstLabel` to `lastLabel`; asked when they are needed, and not written to
 */
export function recordedCalendar(facts: CalendarFacts, readTable: () => SessionTable): Calendar {
  return new RecordedCalendar(facts, readTable);
}

class RecordedCalendar implements Calendar {
  readonly name: string;
  readonly timeZone: string;
  readonly sessionsPerYear: number;
  readonly sessionMinutes: number;
  readonly weekdays: Calendar['weekdays'];
  readonly firstLabel: number;
  readonly lastLabel: number;
  readonly #readTable: () => SessionTable;

  constructor(facts: CalendarFacts, readTable: () => SessionTable) {
    this.name = facts.name;
    this.timeZone = facts.timeZone;
    this.sessionsPerYear = facts.sessionsPerYear;
    this.sessionMinutes = facts.sessionMinutes;
    this.weekdays = facts.weekdays;
    this.firstLabel = facts.firstLabel;
    this.lastLabel = facts.lastLabel;
    this.#readTable = readTable;
  }

  sessions(from: number, to: number): SessionTable {
    assertWithin(this, from, to);
    return joinTables([cutTable(this.#readTable(), from, to)]);
  }

  isSession(label: number): boolean {
    const { labels } = this.#readTable();
    return labels[lowerBound(labels, label)] === label;
  }

  sessionOnOrAfter(label: number): number | undefined {
    const { labels } = this.#readTable();
    return labels[lowerBound(labels, label)];
  }
}
