import { DAY_MS, Weekday, weekdayOf } from './civil-date.js';

/** Returns the weekday on which a weekend holiday is observed: Saturday on Friday, Sunday on Monday. */
export function nearestWeekday(label: number): number {
  const day = weekdayOf(label);
  if (day === Weekday.Sat) return label - DAY_MS;
  return day === Weekday.Sun ? label + DAY_MS : label;
}

/** Returns the Monday for a holiday on Sunday, else the date itself: a Saturday's holiday is lost. */
export function sundayToMonday(label: number): number {
  return weekdayOf(label) === Weekday.Sun ? label + DAY_MS : label;
}

/** Returns the Monday for a holiday on Saturday or Sunday, else the date itself. */
export function weekendToMonday(label: number): number {
  const day = weekdayOf(label);
  if (day === Weekday.Sat) return label + 2 * DAY_MS;
  return day === Weekday.Sun ? label + DAY_MS : label;
}

/** Returns the Friday before for a Saturday or Sunday, else the date itself: the last weekday up to it. */
export function weekendToFriday(label: number): number {
  const day = weekdayOf(label);
  if (day === Weekday.Sat) return label - DAY_MS;
  return day === Weekday.Sun ? label - 2 * DAY_MS : label;
}
