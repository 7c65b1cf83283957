import { midnight } from '../market/bar-axis.js';
import type { Calendar } from '../market/calendar.js';
import { DAY_MS } from '../market/civil-date.js';
import type { GroupRecord } from './manifest.js';

/** Days of sessions that a bundle holds beside its bars: a month and a week, as far as a schedule looks for a period's end. */
const MARGIN = 40 * DAY_MS;

/** Returns the first and last label whose sessions go into a bundle: of all groups of a calendar, with a margin where it knows that. */
export function sessionSpan(
  { firstLabel, lastLabel }: Pick<Calendar, 'firstLabel' | 'lastLabel'>,
  groups: readonly Pick<GroupRecord, 'start' | 'end'>[],
): [number, number] {
  const first = Math.min(...groups.map(({ start }) => midnight(start))) - MARGIN;
  const last = Math.max(...groups.map(({ end }) => midnight(end))) + MARGIN;
  return [Math.max(firstLabel, first), Math.min(lastLabel, last)];
}
