/**
 * Dates without a zone, as session labels: milliseconds of the date's UTC midnight.
 * Arithmetic on the proleptic Gregorian calendar; no locale, no clock.
 */

export { formatDate } from '../core/time.js';

/** Milliseconds of a day. */
export const DAY_MS = 86_400_000;

/** Days of the week as {@link weekdayOf} numbers them. */
export const Weekday = { Sun: 0, Mon: 1, Tue: 2, Wed: 3, Thu: 4, Fri: 5, Sat: 6 } as const;

/** One of the days of {@link Weekday}, from 0 for Sunday. */
export type Weekday = (typeof Weekday)[keyof typeof Weekday];

/** Returns the label of a date; month from 1, day from 1. Days beyond the month's run into the next one. */
export function dateLabel(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day);
}

/** Returns the label of a written date `YYYY-MM-DD`, or NaN when it is none (an impossible day included). */
export function parseDateLabel(text: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match === null ? Number.NaN : checkedLabel(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** Returns the label of a date, or NaN when the month has no such day or the year is before 1000 (more likely two digits). */
export function checkedLabel(year: number, month: number, day: number): number {
  if (year < 1000 || month < 1 || month > 12 || day < 1 || day > 31) return Number.NaN;
  const label = dateLabel(year, month, day);
  return new Date(label).getUTCMonth() === month - 1 ? label : Number.NaN;
}

/** Returns the year of a label. */
export function yearOf(label: number): number {
  return new Date(label).getUTCFullYear();
}

/** Returns the day of the week of a label, 0 for Sunday. */
export function weekdayOf(label: number): Weekday {
  const day = (Math.floor(label / DAY_MS) + 4) % 7;
  return (day < 0 ? day + 7 : day) as Weekday;
}

/** Returns the n-th (from 1) given weekday of a month. */
export function nthWeekday(year: number, month: number, weekday: Weekday, n: number): number {
  const first = dateLabel(year, month, 1);
  const ahead = (weekday - weekdayOf(first) + 7) % 7;
  return first + (ahead + 7 * (n - 1)) * DAY_MS;
}

/** Returns the last given weekday of a month. */
export function lastWeekday(year: number, month: number, weekday: Weekday): number {
  const last = dateLabel(year, month + 1, 0);
  return last - ((weekdayOf(last) - weekday + 7) % 7) * DAY_MS;
}

/** Returns Easter Sunday of the western churches, by the anonymous Gregorian computus (Meeus, Astronomical Algorithms, ch. 8). */
export function easterSunday(year: number): number {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = Math.floor(b / 4);
  const e = b % 4;
  const g = Math.floor((8 * b + 13) / 25);
  const h = (19 * a + b - d - g + 15) % 30;
  const i = Math.floor(c / 4);
  const k = c % 4;
  const l = (32 + 2 * e + 2 * i - h - k) % 7;
  const m = Math.floor((a + 11 * h + 19 * l) / 433);
  const month = Math.floor((h + l - 7 * m + 90) / 25);
  const day = (h + l - 7 * m + 33 * month + 19) % 32;
  return dateLabel(year, month, day);
}
