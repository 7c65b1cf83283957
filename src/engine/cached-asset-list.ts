import type { AdjustmentSchedule } from '../data/adjustments.js';
import type { Bundle } from '../data/bundle.js';
import type { DatedEvent, ViewOptions } from './market-view.js';

/** The assets of a run by their places in a bundle, with what restates their past and what happens to an account that holds them. */
export interface ListedAssets {
  /** Places of the groups in the bundle that have the assets: several where they are of several calendars. */
  readonly groups: readonly number[];
  readonly assets: readonly {
    /** Place of the listing in the group, or in that of all of them, see `joinedGroup`. */
    readonly place: number;
    readonly schedule: AdjustmentSchedule | undefined;
    readonly events: readonly DatedEvent[];
  }[];
}

/** What a list of assets did so far. */
export interface AssetListStatistics {
  /** Lists that were known. */
  readonly hits: number;
  /** Lists that were looked up. */
  readonly misses: number;
}

/** Where runs learn which assets they have: remembered, or looked up for each. */
export interface AssetList {
  readonly statistics: AssetListStatistics;
  /** Returns the assets that options name. Throws what `look` throws. */
  list(bundle: Bundle, options: ViewOptions, look: () => ListedAssets): ListedAssets;
}

/** Lists remembered at most, the least recently used leaving first. */
const LISTS_KEPT = 64;

/**
 * Remembers the assets of runs by bundle version, symbols, first date and length of bars. A version is a hash of the content, so a list of
 * other data cannot be found; places instead of listings are kept, so that any opening of the version is served.
 */
export class CachedAssetList implements AssetList {
  readonly #known = new Map<string, ListedAssets>();
  #hits = 0;
  #misses = 0;

  get statistics(): AssetListStatistics {
    return { hits: this.#hits, misses: this.#misses };
  }

  list({ version }: Bundle, { symbols, start, frequency }: ViewOptions, look: () => ListedAssets): ListedAssets {
    const key = JSON.stringify([version, symbols ?? null, start ?? null, frequency ?? null]);
    let listed = this.#known.get(key);
    if (listed === undefined) {
      this.#misses++;
      listed = look();
    } else {
      this.#hits++;
      this.#known.delete(key);
    }
    this.#known.set(key, listed);
    if (this.#known.size > LISTS_KEPT) this.#known.delete(this.#known.keys().next().value!);
    return listed;
  }
}

/** Looks assets up for each run: the baseline that remembering them is measured against. */
export class LookedUpAssets implements AssetList {
  #misses = 0;

  get statistics(): AssetListStatistics {
    return { hits: 0, misses: this.#misses };
  }

  list(_bundle: Bundle, _options: ViewOptions, look: () => ListedAssets): ListedAssets {
    this.#misses++;
    return look();
  }
}
