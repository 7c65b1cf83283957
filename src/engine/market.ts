import { wrongKind } from '../core/option-kind.js';
import type { Bundle, Sharing } from '../data/bundle.js';
import { type BundleLease, BundlePool } from '../data/bundle-pool.js';
import { openBundle } from '../data/reader.js';
import { BundleStore } from '../data/store.js';
import { CacheLedger, CacheMeter } from './cache-ledger.js';
import { Fallback } from './fallbacks.js';
import { type MarketView, type ViewOptions, viewOf } from './market-view.js';
import { type OptimizationSettings, settingsOf } from './optimization-config.js';
import { chooseSources, sourceCounts } from './run-caches.js';
import type { RunOptions } from './run-options.js';

/** What to run on, and how. */
export interface MarketOptions extends Omit<ViewOptions, 'rows'>, RunOptions {
  /** Name of an ingested bundle (`us`, or `us@3fa9` for one version), or one that is open. */
  readonly bundle: string | Bundle;
}

/** A view and the right to read its bundle, until disposed of. */
export interface MarketLease extends Disposable {
  readonly view: MarketView;
  /** Adds what the view has made the caches do since it was opened. */
  tell(): void;
}

const pools = new Map<string, BundlePool>();

/**
 * Opens what options name. A bundle given open stays its owner's. Throws UsageError as the store and `viewOf` do.
 *
 * @param settings which caches to use. @defaultValue those of the environment
 * @param ledger counts what they do. @defaultValue nobody reads it
 */
export function openMarket(
  { bundle, ...options }: Pick<MarketOptions, 'bundle'> & ViewOptions,
  settings: OptimizationSettings = settingsOf(undefined),
  ledger: CacheLedger = CacheLedger.create(false),
): MarketLease {
  if (typeof bundle !== 'string' && !Array.isArray((bundle as Bundle | undefined)?.groups)) {
    throw wrongKind('bundle', bundle, 'the name of an ingested bundle or an open one');
  }
  const fallback = new Fallback(ledger, settings.onFailure);
  const sources = chooseSources(settings, typeof bundle !== 'string', fallback);
  const meter = new CacheMeter(ledger, sourceCounts(sources));
  const lease =
    typeof bundle === 'string' ? openNamed(bundle, settings, fallback, ledger) : { bundle, [Symbol.dispose]: () => {} };
  try {
    const view = viewOf(lease.bundle, options, sources);
    meter.tell();
    return { view, tell: () => meter.tell(), [Symbol.dispose]: () => lease[Symbol.dispose]() };
  } catch (error) {
    lease[Symbol.dispose]();
    throw error;
  }
}

function openNamed(
  name: string,
  { bundlePool, sharedBundle }: OptimizationSettings,
  fallback: Fallback,
  ledger: CacheLedger,
): BundleLease {
  const store = new BundleStore();
  const openOwn = (sharing: Sharing | undefined): BundleLease => {
    const bundle = openBundle(store.resolve(name).directory, sharing === undefined ? {} : { sharing });
    ledger.add('bundlePool', 'loads', 1);
    ledger.add('bundlePool', 'misses', 1);
    return { bundle, [Symbol.dispose]: () => bundle[Symbol.dispose]() };
  };
  const acquire = (sharing: Sharing | undefined): BundleLease => {
    const pool = poolOf(store, sharing);
    const { loads } = pool.statistics;
    const lease = pool.acquire(name);
    const loaded = pool.statistics.loads - loads;
    ledger.add('bundlePool', 'loads', loaded);
    ledger.add('bundlePool', loaded === 0 ? 'hits' : 'misses', 1);
    return lease;
  };
  const open = (sharing?: Sharing): BundleLease =>
    bundlePool
      ? fallback.run(
          'bundlePool',
          () => acquire(sharing),
          () => openOwn(sharing),
        )
      : openOwn(sharing);
  return sharedBundle ? fallback.run('sharedBundle', open, () => open('copied')) : open('copied');
}

/** One pool of open bundles for this thread, store and sharing: a bundle is loaded once, however many runs use it. */
function poolOf(store: BundleStore, sharing: Sharing | undefined): BundlePool {
  const key = `${sharing ?? 'default'} ${store.directory}`;
  let pool = pools.get(key);
  if (pool === undefined) {
    pool = new BundlePool({ store, ...(sharing === undefined ? {} : { sharing }) });
    pools.set(key, pool);
  }
  return pool;
}
