import { DAY_MS, dateLabel, easterSunday, lastWeekday, nthWeekday, Weekday, weekdayOf } from './civil-date.js';
import type { DateRule, Validity } from './rule-calendar.js';

/** A date that moves when it falls on a weekend: see observance.ts. */
export interface Observed extends Validity {
  readonly observed?: (label: number) => number;
  /** The rule holds only where the date, observed or not, falls on one of these days. @defaultValue all */
  readonly on?: readonly Weekday[];
}

/** Returns the rule of the same date in each year. */
export function fixedDate(name: string, month: number, day: number, options: Observed = {}): DateRule {
  const { observed, on, ...validity } = options;
  return {
    name,
    ...validity,
    date: (year) => {
      const date = dateLabel(year, month, day);
      const label = observed?.(date) ?? date;
      return on === undefined || on.includes(weekdayOf(label)) ? label : undefined;
    },
  };
}

/** Returns the rule of the n-th weekday of a month, counted from 1; -1 is the last one. */
export function weekdayInMonth(
  name: string,
  month: number,
  weekday: Weekday,
  n: number,
  validity: Validity = {},
): DateRule {
  return {
    name,
    ...validity,
    date: (year) => (n === -1 ? lastWeekday(year, month, weekday) : nthWeekday(year, month, weekday, n)),
  };
}

/** Returns the rule of the first Friday on or after a date. */
export function fridayFrom(name: string, month: number, day: number): DateRule {
  return {
    name,
    date: (year) => {
      const date = dateLabel(year, month, day);
      return date + ((Weekday.Fri - weekdayOf(date) + 7) % 7) * DAY_MS;
    },
  };
}

/** Returns the rule of a day counted from Easter Sunday: -2 is Good Friday, 1 Easter Monday, 50 Whit Monday. */
export const easterDay = (name: string, days: number, validity: Validity = {}): DateRule => ({
  name,
  ...validity,
  date: (year) => easterSunday(year) + days * DAY_MS,
});

export const GOOD_FRIDAY = easterDay('Good Friday', -2);
export const EASTER_MONDAY = easterDay('Easter Monday', 1);

/** Christmas and Boxing Day as Commonwealth countries keep them: what falls on a weekend is made good on the next two weekdays. */
export const CHRISTMAS_AND_BOXING_DAY: readonly DateRule[] = [
  fixedDate('Christmas', 12, 25),
  fixedDate('Boxing Day', 12, 26),
  fixedDate('in place of Christmas', 12, 27, { on: [1, 2] }),
  fixedDate('in place of Boxing Day', 12, 28, { on: [1, 2] }),
];
