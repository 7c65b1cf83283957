import { UsageError } from '../core/errors.js';
import { DAY_MS } from './civil-date.js';

const clocks = new Map<string, ZoneClock>();

/**
 * Returns the clock of an IANA time zone (`America/New_York`, `UTC`), one for each zone.
 * @throws UsageError `UNKNOWN_TIMEZONE`
 */
export function zoneClock(timeZone: string): ZoneClock {
  let clock = clocks.get(timeZone);
  if (clock === undefined) {
    clock = new ZoneClock(timeZone);
    clocks.set(timeZone, clock);
  }
  return clock;
}

/**
 * Converts wall-clock times of one zone to instants. Offsets come from Intl and are remembered by week and by UTC day: a week or day that
 * begins and ends with the same offset is taken to keep it. No zone of the database has changed twice within a week since 1970.
 */
export class ZoneClock {
  readonly timeZone: string;
  readonly #format: Intl.DateTimeFormat | undefined;
  readonly #atMidnight = new Map<number, number>();
  /** The day that {@link occursTwice} was asked about last, and whether clocks keep their offset around it. */
  #day = Number.NaN;
  #isSteady = false;

  constructor(timeZone: string) {
    this.timeZone = timeZone;
    if (timeZone === 'UTC') return;
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        era: 'short',
      });
    } catch (cause) {
      throw new UsageError('UNKNOWN_TIMEZONE', {
        message: `Unknown time zone '${timeZone}'. Give an IANA name such as UTC, America/New_York or Europe/London.`,
        details: { timeZone },
        cause,
      });
    }
  }

  /** Returns the zone's offset from UTC in milliseconds at an instant, positive east of Greenwich. */
  offsetAt(instant: number): number {
    if (this.#format === undefined) return 0;
    const day = Math.floor(instant / DAY_MS);
    const week = Math.floor(day / 7) * 7;
    const weekly = this.#midnightOffset(week);
    if (day >= 0 && weekly === this.#midnightOffset(week + 7)) return weekly;
    const before = this.#midnightOffset(day);
    return before === this.#midnightOffset(day + 1) ? before : this.#offsetFromIntl(instant);
  }

  /**
   * Returns the instant of a wall-clock time, given as the milliseconds it would be in UTC. A time that occurs twice
   * (autumn) means its first occurrence; a time that is skipped (spring) is NaN.
   */
  toInstant(wallClock: number): number {
    const earlier = this.offsetAt(wallClock - DAY_MS);
    const later = this.offsetAt(wallClock + DAY_MS);
    // Offset before the change gives the first of two occurrences, so it is tried first.
    if (this.offsetAt(wallClock - earlier) === earlier) return wallClock - earlier;
    if (this.offsetAt(wallClock - later) === later) return wallClock - later;
    return Number.NaN;
  }

  /** Returns the second occurrence of a wall-clock time that occurs twice; of any other time what {@link toInstant} returns. */
  toLaterInstant(wallClock: number): number {
    const later = this.offsetAt(wallClock + DAY_MS);
    return this.offsetAt(wallClock - later) === later ? wallClock - later : this.toInstant(wallClock);
  }

  /** Whether a wall-clock time occurs twice: those that follow each other are told fast. */
  occursTwice(wallClock: number): boolean {
    const day = Math.floor(wallClock / DAY_MS);
    if (day !== this.#day) {
      this.#day = day;
      this.#isSteady = this.offsetAt((day - 2) * DAY_MS) === this.offsetAt((day + 3) * DAY_MS);
    }
    return !this.#isSteady && this.toLaterInstant(wallClock) > this.toInstant(wallClock);
  }

  /** Returns the wall-clock time of an instant, as the milliseconds it would be in UTC. */
  toWallClock(instant: number): number {
    return instant + this.offsetAt(instant);
  }

  #midnightOffset(day: number): number {
    let offset = this.#atMidnight.get(day);
    if (offset === undefined) {
      offset = this.#offsetFromIntl(day * DAY_MS);
      this.#atMidnight.set(day, offset);
    }
    return offset;
  }

  #offsetFromIntl(instant: number): number {
    // Intl prints whole seconds; drop the rest so that the difference is the offset alone.
    const second = Math.floor(instant / 1000) * 1000;
    const part: Record<string, number> = {};
    let isBeforeChrist = false;
    for (const { type, value } of this.#format!.formatToParts(second)) {
      if (type === 'era') isBeforeChrist = value.startsWith('B');
      else part[type] = Number(value);
    }
    const year = isBeforeChrist ? 1 - part.year! : part.year!;
    return Date.UTC(year, part.month! - 1, part.day, part.hour, part.minute, part.second) - second;
  }
}
