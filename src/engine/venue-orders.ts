import { RestingOrders, type Special } from './resting-orders.js';
import type { VenueMoment, Venues } from './venues.js';

/**
 * Orders for assets of venues that open at instants of their own within an axis row: what happens on a row happens in the order of time, so that a sale pays for no
 * purchase before it. What a bar shows after its opening counts as of its close.
 */
export class VenueOrders extends RestingOrders {
  readonly #venues: Venues;
  /** The row that has begun, and what is still to happen on it. */
  #row = -1;
  #left: readonly VenueMoment[] = [];

  constructor(venues: Venues, ...parts: ConstructorParameters<typeof RestingOrders>) {
    super(...parts);
    this.#venues = venues;
  }

  /** A row that has begun is not idle: of some venues it is over. */
  override isIdle(row: number): boolean {
    return row !== this.#row && super.isIdle(row);
  }

  /** The openings of a row's bars, and what is over before the last of them. */
  override open(row: number): void {
    const moments = this.#venues.momentsOf(row);
    const rest = moments.findLastIndex(({ kind }) => kind === 'opens') + 1;
    this.#row = row;
    this.#left = moments.slice(rest);
    for (const moment of moments.slice(0, rest)) this.#happen(row, moment);
  }

  /** The rest of a row. */
  override within(row: number): void {
    const left = row === this.#row ? this.#left : this.#venues.momentsOf(row).filter(({ kind }) => kind === 'closes');
    this.#row = -1;
    for (const moment of left) this.#happen(row, moment);
  }

  protected override inPlay(row: number): Special[] {
    return super.inPlay(row).filter(({ line }) => this.#venues.isPresent(line));
  }

  #happen(row: number, moment: VenueMoment): void {
    this.#venues.during(row, moment, () => {
      if (moment.kind === 'opens') super.open(row);
      else super.within(row);
    });
  }
}
