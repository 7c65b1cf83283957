import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { BarTimes } from '../market/bar-axis.js';
import { joinAxes } from '../market/joined-axis.js';
import { sessionAfter } from '../market/session-axis.js';
import type { BarGroup, Bundle, HomeAxis, Listing } from './bundle.js';

const known = new WeakMap<Bundle, Map<string, BarGroup>>();

/**
 * Returns the bars of several groups of one frequency on one time axis, where an asset has a missing bar on each row that its own group lacks; of one group the group itself. Made once for
 * all runs over a bundle; what a column needs in memory beside the bundle's is taken when it is first asked for, and nothing for assets whose rows all groups share.
 *
 * @param places of the groups in the bundle
 * @throws UsageError `MIXED_TIME_AXES` where the bars or sessions of two groups overlap
 */
export function joinedGroup(bundle: Bundle, places: readonly number[]): BarGroup {
  const groups = places.map((place) => bundle.groups[place]!);
  if (groups.length === 1) return groups[0]!;
  const ofBundle = known.get(bundle) ?? new Map<string, BarGroup>();
  known.set(bundle, ofBundle);
  const key = places.join();
  let joined = ofBundle.get(key);
  if (joined === undefined) {
    const { rows, ...axis } = joinAxes(groups);
    const listings = groups.flatMap((group, k) =>
      group.listings.map(
        (listing) => new JoinedListing(listing, { axis: group, rows: rows[k]! }, axis, () => bundle.restore()),
      ),
    );
    joined = { ...axis, listings } as BarGroup;
    ofBundle.set(key, joined);
  }
  return joined;
}

/** A listing on an axis that has rows which its own lacks. */
class JoinedListing implements Listing {
  readonly asset: Listing['asset'];
  readonly first: number;
  readonly end: number;
  readonly fields: readonly string[];
  readonly home: HomeAxis;
  readonly #own: Listing;
  readonly #isWhole: boolean;
  readonly #beforeReading: () => void;
  readonly #columns = new Map<string, Float64Array>();

  constructor(own: Listing, home: HomeAxis, joined: BarTimes, beforeReading: () => void) {
    this.asset = own.asset;
    this.fields = own.fields;
    this.home = home;
    this.#own = own;
    this.#beforeReading = beforeReading;
    this.first = home.rows[own.first]!;
    // Behind the last session of its own venue an asset has not ended: rows of others come, and its next one would.
    const isOver = own.end < home.axis.length || missesSession(home.axis, joined);
    this.end = isOver ? home.rows[own.end - 1]! + 1 : joined.length;
    this.#isWhole = this.end - this.first === own.end - own.first;
  }

  column(field: string): ReadonlyFloat64Array {
    return this.#isWhole ? this.#own.column(field) : (this.#spread(field) as ReadonlyFloat64Array);
  }

  /** A copy where the asset has gaps here: these columns are nobody's to write to. */
  view(field: string, from: number, to: number): ReadonlyFloat64Array {
    if (this.#isWhole) return this.#own.view(field, from, to);
    return this.#spread(field).slice(from, to) as ReadonlyFloat64Array;
  }

  #spread(field: string): Float64Array {
    let column = this.#columns.get(field);
    if (column === undefined) {
      const own = this.#own.column(field);
      this.#beforeReading();
      column = new Float64Array(this.end - this.first).fill(Number.NaN);
      const { rows } = this.home;
      for (let row = 0; row < own.length; row++) column[rows[this.#own.first + row]! - this.first] = own[row]!;
      this.#columns.set(field, column);
    }
    return column;
  }
}

/** Whether a venue holds a session between the last bar of its axis and the last row of a longer one. */
function missesSession(own: BarTimes, joined: BarTimes): boolean {
  const next = sessionAfter(own);
  return next !== undefined && next <= joined.times[joined.length - 1]!;
}
