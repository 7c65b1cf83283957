import type { Frequency } from '../../market/bars.js';
import type { Calendar } from '../../market/calendar.js';
import { calendarNames, getCalendar } from '../../market/calendars.js';
import { DAY_MS } from '../../market/civil-date.js';
import type { Bundle } from '../bundle.js';
import type { CalendarChoice } from './axis-choice.js';
import type { AssetLife } from './events.js';

/** Returns the calendar that a bundle has bars of this length of a symbol in, or all its bars of this length; nothing where it has several. */
export function calendarIn(base: Bundle | undefined, symbol: string, frequency: Frequency): CalendarChoice | undefined {
  if (base === undefined) return undefined;
  const groups = base.groups.filter((group) => group.frequency === frequency);
  const [group] = groups.filter(({ listings }) => listings.some(({ asset }) => asset.symbol === symbol));
  const found = group ?? (groups.length === 1 ? groups[0] : undefined);
  return found === undefined
    ? undefined
    : { calendar: wholeCalendar(found.calendar, base.calendars), reason: 'as in the bundle' };
}

/** Returns a calendar of a bundle by its rules where Hindcast has them, else as the bundle recorded it: around its bars. */
export function wholeCalendar(name: string, recorded: readonly Calendar[]): Calendar {
  return calendarNames().includes(name) ? getCalendar(name) : recorded.find((calendar) => calendar.name === name)!;
}

/** Returns the lives of assets with those that they have in a bundle already. */
export function extendedLives(lives: Map<string, AssetLife>, base: Bundle | undefined): Map<string, AssetLife> {
  const day = (time: number): number => Math.floor(time / DAY_MS) * DAY_MS;
  for (const { calendar, times, listings } of base?.groups ?? []) {
    for (const { asset, first, end } of listings) {
      const known = lives.get(asset.symbol);
      lives.set(asset.symbol, {
        calendar: known?.calendar ?? wholeCalendar(calendar, base!.calendars),
        firstSession: Math.min(known?.firstSession ?? Number.POSITIVE_INFINITY, day(times[first]!)),
        lastSession: Math.max(known?.lastSession ?? Number.NEGATIVE_INFINITY, day(times[end - 1]!)),
      });
    }
  }
  return lives;
}

/**
 * Returns what tells the label of the last bar that a bundle has of a symbol at a frequency, a day where none is named. A server is asked from
 * it on: where it has restated its prices since, after a split for one, the bar contradicts the bundle.
 */
export function lastBarIn(
  base: Bundle | undefined,
  {
    symbol: given,
    frequency = '1d',
  }: { readonly symbol: string | undefined; readonly frequency: Frequency | undefined },
): (symbol: string) => number | undefined {
  return (symbol) => {
    for (const group of base?.groups ?? []) {
      const own = group.listings.find(({ asset }) => asset.symbol === (given ?? symbol));
      if (own !== undefined && group.frequency === frequency) return group.times[own.end - 1];
    }
    return undefined;
  };
}
