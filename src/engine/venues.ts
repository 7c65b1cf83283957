import type { BarGroup, HomeAxis } from '../data/bundle.js';
import { rowAtHome } from './home-axis.js';
import type { AssetView } from './market-view.js';

/** What happens at an instant of an axis row: some venues open, or their bars are over and show what was within. */
export interface VenueMoment {
  readonly kind: 'opens' | 'closes';
  readonly instant: number;
  /** Places of the venues. */
  readonly venues: readonly number[];
}

/** The venues of an account's assets on an axis that is joined of several, which open and close at instants of their own within a row. */
export class Venues {
  readonly #group: BarGroup;
  readonly #homes: readonly (HomeAxis | undefined)[];
  /** Place of each line's venue. */
  readonly #venueOf: readonly number[];
  #row = -1;
  #moment: VenueMoment | undefined;

  private constructor(group: BarGroup, homes: readonly (HomeAxis | undefined)[], venueOf: readonly number[]) {
    this.#group = group;
    this.#homes = homes;
    this.#venueOf = venueOf;
  }

  /** Returns the venues of some assets; undefined where they have one. */
  static of(group: BarGroup, assets: readonly AssetView[]): Venues | undefined {
    const axes = [...new Set(assets.map(({ listing }) => listing.home?.axis))];
    if (axes.length < 2) return undefined;
    const venueOf = assets.map(({ listing }) => axes.indexOf(listing.home?.axis));
    const homes = axes.map((_, venue) => assets[venueOf.indexOf(venue)]!.listing.home);
    return new Venues(group, homes, venueOf);
  }

  /** Returns what happens on an axis row, in the order of time; what closes at an instant goes before what opens then. */
  momentsOf(row: number): VenueMoment[] {
    const moments: (VenueMoment & { readonly venues: number[] })[] = [];
    for (const kind of ['closes', 'opens'] as const) {
      for (let venue = 0; venue < this.#homes.length; venue++) {
        const instant = this.#instantOf(venue, row, kind);
        const known = moments.find((moment) => moment.kind === kind && moment.instant === instant);
        if (known === undefined) moments.push({ kind, instant, venues: [venue] });
        else known.venues.push(venue);
      }
    }
    return moments.sort((a, b) => a.instant - b.instant);
  }

  /** Says what is happening, while it is done. */
  during(row: number, moment: VenueMoment, happens: () => void): void {
    this.#row = row;
    this.#moment = moment;
    try {
      happens();
    } finally {
      this.#moment = undefined;
    }
  }

  /** Whether the venue of a line's asset takes part in what is happening; of all of them while nothing is. */
  isPresent(line: number): boolean {
    return this.#moment === undefined || this.#moment.venues.includes(this.#venueOf[line]!);
  }

  /**
   * Returns the last axis row whose close of a line's asset is known where a fill is measured as of `row`: that row itself but for what is happening now, when only
   * the bars that are over count.
   */
  lastClose(line: number, row: number): number {
    const moment = this.#moment;
    if (moment === undefined) return row;
    const close = this.#instantOf(this.#venueOf[line]!, this.#row, 'closes');
    // Within a bar, another that ends with it has not ended yet.
    const isWithin = moment.kind === 'closes' && row < this.#row;
    const isOver = isWithin ? close < moment.instant : close <= moment.instant;
    return isOver ? this.#row : this.#row - 1;
  }

  /** The instant at which a venue's bar on an axis row opens, or closes; where it has none, that at which the row does. */
  #instantOf(venue: number, row: number, kind: 'opens' | 'closes'): number {
    const home = this.#homes[venue];
    const own = home === undefined ? -1 : rowAtHome(home, row);
    return own === -1 ? this.#group[kind][row]! : home!.axis[kind][own]!;
  }
}
