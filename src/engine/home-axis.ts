import type { Listing } from '../data/bundle.js';
import type { BarTimes } from '../market/bar-axis.js';
import { lowerBound } from '../market/calendar.js';
import { sessionAxis } from '../market/session-axis.js';
import type { RunView } from './market-view.js';

/** Where an asset has bars of its own: the axis of a run may be joined of several. */
type AtHome = Pick<Listing, 'home'>;

/** Returns the row of the asset's own axis, or of the run's where that is its own; -1 where its own calendar has no bar. */
function ownRow({ home }: AtHome, row: number): number {
  if (home === undefined) return row;
  const own = lowerBound(home.rows, row);
  return home.rows[own] === row ? own : -1;
}

/** Returns whether an axis row is the last of a session of the asset's own venue. */
export function closesSessionOf(listing: AtHome, axis: BarTimes, row: number): boolean {
  const own = ownRow(listing, row);
  return own !== -1 && sessionAxis(listing.home?.axis ?? axis).closesSession(own);
}

/** Returns the instant at which the asset's bar on an axis row opens; where its own calendar has none, that at which the row does. */
export function opensAtOf(listing: AtHome, axis: BarTimes, row: number): number {
  const own = ownRow(listing, row);
  return own === -1 ? axis.opens[row]! : (listing.home?.axis ?? axis).opens[own]!;
}

/** Says when the bar of an asset on an axis row opens, or closes: where its own calendar has none, as at the end of its listing, when the row does. */
export function instantsOf({ group, assets }: RunView): (opens: boolean, row: number, sid: number) => number {
  const listings = new Map(assets.map(({ asset, listing }) => [asset.sid as number, listing]));
  if (assets.every(({ listing }) => listing.home === undefined)) {
    return (opens, row) => (opens ? group.opens : group.closes)[row]!;
  }
  return (opens, row, sid) => {
    const listing = listings.get(sid)!;
    const own = ownRow(listing, row);
    const axis = own === -1 ? group : (listing.home?.axis ?? group);
    return (opens ? axis.opens : axis.closes)[own === -1 ? row : own]!;
  };
}
