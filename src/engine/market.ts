import type { Bundle } from '../data/bundle.js';
import { BundlePool } from '../data/bundle-pool.js';
import { BundleStore } from '../data/store.js';
import { type MarketView, type ViewOptions, viewOf } from './market-view.js';
import type { RunOptions } from './run-options.js';

/** What to run on, and how. */
export interface MarketOptions extends Omit<ViewOptions, 'rows'>, RunOptions {
  /** Name of an ingested bundle (`us`, or `us@3fa9` for one version), or one that is open. */
  readonly bundle: string | Bundle;
}

/** A view and the right to read its bundle, until disposed of. */
export interface MarketLease extends Disposable {
  readonly view: MarketView;
}

const pools = new Map<string, BundlePool>();

/** Opens what options name. A bundle given open stays its owner's. Throws UsageError as the store and `viewOf` do. */
export function openMarket({ bundle, ...options }: Pick<MarketOptions, 'bundle'> & ViewOptions): MarketLease {
  if (typeof bundle !== 'string') return { view: viewOf(bundle, options), [Symbol.dispose]: () => {} };
  const lease = processPool().acquire(bundle);
  try {
    return { view: viewOf(lease.bundle, options), [Symbol.dispose]: () => lease[Symbol.dispose]() };
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

/** One pool of open bundles for this thread and store: a bundle is loaded once, however many runs use it. */
function processPool(): BundlePool {
  const store = new BundleStore();
  let pool = pools.get(store.directory);
  if (pool === undefined) {
    pool = new BundlePool({ store });
    pools.set(store.directory, pool);
  }
  return pool;
}
