import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { HomeAxis, Listing } from '../data/bundle.js';
import type { BarTimes } from '../market/bar-axis.js';
import { lowerBound } from '../market/calendar.js';
import { sessionAxis } from '../market/session-axis.js';
import type { RunView } from './market-view.js';

/** Where an asset has bars of its own: the axis of a run may be joined of several. */
type AtHome = Pick<Listing, 'home'>;

/** Returns the row of an asset's own axis that lies at a row of the joined one; -1 where its own calendar has no bar. */
export function rowAtHome({ rows }: HomeAxis, row: number): number {
  const own = lowerBound(rows, row);
  return rows[own] === row ? own : -1;
}

/**
 * Returns the last axis row up to `row` that is one of the asset's own axis: where its calendar has none at `row`, the row of its last bar before. The row itself for an asset that has
 * ended before it.
 */
export function lastRowAtHome({ home, end }: Pick<Listing, 'home' | 'end'>, row: number): number {
  if (home === undefined || end <= row) return row;
  return home.rows[lowerBound(home.rows, row + 1) - 1] ?? row;
}

/** A row that no axis reaches. */
const NEVER = 2 ** 31 - 1;

/** Returns the axis row by which so many of the asset's own bars have followed an axis row, at least one; one that no axis reaches where it has not as many. */
export function rowAfter({ home }: AtHome, row: number, bars: number): number {
  if (home === undefined) return row + bars;
  return home.rows[lowerBound(home.rows, row + 1) - 1 + bars] ?? NEVER;
}

/** Returns whether an axis row is the last of a session of the asset's own venue. */
export function closesSessionOf({ home }: AtHome, axis: BarTimes, row: number): boolean {
  if (home === undefined) return sessionAxis(axis).closesSession(row);
  const own = rowAtHome(home, row);
  return own !== -1 && sessionAxis(home.axis).closesSession(own);
}

/** Returns the instant at which the asset's bar on an axis row opens, or closes; where its own calendar has none, that at which the row does. */
export function instantOf({ home }: AtHome, axis: BarTimes, row: number, moment: 'opens' | 'closes'): number {
  const own = home === undefined ? -1 : rowAtHome(home, row);
  return own === -1 ? axis[moment][row]! : home!.axis[moment][own]!;
}

/** Returns the labels of an axis as an asset's own has them: weeks and months end on other days at other venues. */
export function labelsAtHome({ home }: AtHome, { times, frequency }: BarTimes): ReadonlyFloat64Array {
  if (home === undefined || !(frequency === '1w' || frequency === '1mo')) return times;
  const labels = Float64Array.from(times as Float64Array);
  for (let own = 0; own < home.axis.length; own++) labels[home.rows[own]!] = home.axis.times[own]!;
  return labels as unknown as ReadonlyFloat64Array;
}

/** Says when the bar of an asset on an axis row opens, or closes: see {@link instantOf}. */
export function instantsOf({ group, assets }: RunView): (opens: boolean, row: number, sid: number) => number {
  if (group.isJoined !== true) return (opens, row) => (opens ? group.opens : group.closes)[row]!;
  const listings = new Map(assets.map(({ asset, listing }) => [asset.sid as number, listing]));
  return (opens, row, sid) => instantOf(listings.get(sid)!, group, row, opens ? 'opens' : 'closes');
}
