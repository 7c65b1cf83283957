import { UsageError } from '../core/errors.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { Bundle, BundleHandle, Sharing } from './bundle.js';
import { openBundle } from './reader.js';
import type { BundleStore } from './store.js';

/** The right to read a bundle until it is disposed of. Disposing twice is harmless. */
export interface BundleLease extends Disposable {
  readonly bundle: Bundle;
}

/** Settings of a {@link BundlePool}. */
export interface BundlePoolOptions {
  /** Where names are looked up. Without one, only handles can be acquired. */
  readonly store?: BundleStore;
  /** How bundles acquired by name come into memory. @defaultValue the default of `openBundle` */
  readonly sharing?: Sharing;
}

/** What a pool did so far. */
export interface BundlePoolStatistics {
  /** Bundles opened. */
  readonly loads: number;
  /** Leases given for a bundle that was open already. */
  readonly hits: number;
  /** Bundles open now. */
  readonly open: number;
  /** Leases not yet returned. */
  readonly users: number;
}

interface Entry {
  readonly bundle: Bundle;
  users: number;
  /** A newer version of the name is in use: closed when its last user leaves. */
  outdated: boolean;
}

/**
 * Opens each version of each bundle once, however many use it, and keeps it open between users. A name is looked up at every
 * {@link BundlePool.acquire}: when it has a new version, that one is opened, and the old one stays valid for those who hold it.
 * Entries are keyed by version, which is a hash of the content, so a stale one cannot be found. One pool serves one thread.
 */
export class BundlePool implements Disposable {
  readonly #store: BundleStore | undefined;
  readonly #sharing: Sharing | undefined;
  readonly #entries = new Map<string, Entry>();
  #loads = 0;
  #hits = 0;

  constructor(options: BundlePoolOptions = {}) {
    rejectUnknownKeys('BundlePool', options, ['store', 'sharing']);
    this.#store = options.store;
    this.#sharing = options.sharing;
  }

  /** Returns a lease on a bundle: by name (`us`, `us@3fa9`) or by handle. Throws what the store and `openBundle` throw. */
  acquire(source: string | BundleHandle): BundleLease {
    const { key, name, open, newest } = this.#locate(source);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { bundle: open(), users: 0, outdated: false };
      this.#loads++;
      if (newest) this.#retire(name, key);
      this.#entries.set(key, entry);
    } else {
      this.#hits++;
    }
    const held = entry;
    held.users++;
    let returned = false;
    return {
      bundle: held.bundle,
      [Symbol.dispose]: () => {
        if (returned) return;
        returned = true;
        held.users--;
        if (held.outdated && held.users === 0) this.#close(key, held);
      },
    };
  }

  /** Returns what the pool did so far. */
  get statistics(): BundlePoolStatistics {
    const entries = [...this.#entries.values()];
    return {
      loads: this.#loads,
      hits: this.#hits,
      open: entries.length,
      users: entries.reduce((sum, { users }) => sum + users, 0),
    };
  }

  /** Closes every bundle, also those in use. */
  [Symbol.dispose](): void {
    for (const [key, entry] of this.#entries) this.#close(key, entry);
  }

  #locate(source: string | BundleHandle): { key: string; name: string; open: () => Bundle; newest: boolean } {
    if (typeof source === 'object') {
      const key = `${source.name} ${source.version} ${source.sharing}`;
      return { key, name: source.name, open: () => openBundle(source), newest: true };
    }
    if (this.#store === undefined) {
      throw new UsageError('BUNDLE_NOT_FOUND', {
        message: `This pool has no store in which to find '${source}': give it one, or acquire by handle.`,
        details: { name: source },
      });
    }
    const { name, version, directory } = this.#store.resolve(source);
    const sharing = this.#sharing;
    const open = (): Bundle => openBundle(directory, sharing === undefined ? {} : { sharing });
    return { key: `${name} ${version} ${sharing ?? 'default'}`, name, open, newest: !source.includes('@') };
  }

  /** Older versions of the name are closed, at once or when their last user leaves. */
  #retire(name: string, newest: string): void {
    for (const [key, entry] of this.#entries) {
      if (key === newest || entry.bundle.name !== name) continue;
      entry.outdated = true;
      if (entry.users === 0) this.#close(key, entry);
    }
  }

  #close(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    entry.bundle[Symbol.dispose]();
  }
}
