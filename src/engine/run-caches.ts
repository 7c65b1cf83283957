import type { Bundle, BundleHandle } from '../data/bundle.js';
import { type BundleLease, BundlePool } from '../data/bundle-pool.js';
import { DirectHistory, type HistoryReader } from '../data/history.js';
import { HistoryCache } from '../data/history-cache.js';
import { GatheredColumns, type GroupedColumns, PreGroupedData } from '../data/pre-grouped-data.js';
import { openBundle } from '../data/reader.js';
import { DirectIndicators, type IndicatorSource, SpareColumns } from '../indicators/columns.js';
import { type CacheLedger, CacheMeter, type PartialCounts } from './cache-ledger.js';
import { type AssetList, CachedAssetList, LookedUpAssets } from './cached-asset-list.js';
import { Fallback, FallbackAssets, FallbackColumns, FallbackHistory, FallbackIndicators } from './fallbacks.js';
import { type IndicatorSharing, indicatorSource } from './indicator-sharing.js';
import type { ViewSources } from './market-view.js';
import type { CacheFlag, OptimizationSettings } from './optimization-config.js';

/** Caches that outlive a search: of bundles that this thread has opened itself, and so may keep. */
const threadAssets = new CachedAssetList();
const threadColumns = new Map<number, PreGroupedData>();
const threadBundles = new BundlePool();

/** What runs of one thread read through: for each flag the implementation that it chooses. Once disposed, the memory of its columns is another's: no run may read them then. */
export interface RunCaches extends Disposable {
  readonly settings: OptimizationSettings;
  readonly sources: ViewSources;
  readonly indicators: IndicatorSource;
  readonly history: HistoryReader;
  /** Opens a bundle for this thread, or gives the one that is open. */
  readonly open: (bundle: Bundle | BundleHandle) => BundleLease;
  /** Adds what the caches did to the ledger. */
  readonly tell: () => void;
}

/**
 * Chooses what runs read through: the only place that looks at the flags of layers 1 and 2 and at the pool of bundles.
 *
 * @param bundle an open one is its caller's: nothing of it is kept when the caches go
 */
export function chooseCaches(parts: {
  readonly settings: OptimizationSettings;
  readonly bundle: Bundle | BundleHandle;
  readonly indicators: IndicatorSharing;
  readonly ledger: CacheLedger;
}): RunCaches {
  const { settings, ledger } = parts;
  const memory = new SpareColumns();
  const fallback = new Fallback(ledger, settings.onFailure);
  const sources = chooseSources(settings, isOpen(parts.bundle), fallback);
  const counts = sourceCounts(sources);
  let indicators: IndicatorSource;
  if (parts.indicators.kind === 'direct') {
    // What is computed anew for each run has memory of its own, which goes with the run.
    const direct = new DirectIndicators();
    indicators = direct;
    counts.set('indicatorCache', () => countsOf(direct));
  } else {
    const fast = fallback.run<IndicatorSource>(
      'indicatorCache',
      () => indicatorSource(parts.indicators, memory),
      () => new DirectIndicators(),
    );
    indicators = new FallbackIndicators(fast, new DirectIndicators(), fallback);
    counts.set('indicatorCache', () => countsOf(fast));
  }
  let history: HistoryReader = new DirectHistory();
  if (settings.historyCache) {
    const { historyWindows: windows, historyEntries: entries, historyBytes: bytes } = settings.limits;
    const cached = new HistoryCache({ windows, entries, bytes });
    history = new FallbackHistory(cached, history, fallback);
    counts.set('historyCache', () => cached.statistics);
  }
  const opener = openerOf(settings, fallback);
  counts.set('bundlePool', opener.counts);
  const meter = new CacheMeter(ledger, counts);
  return {
    settings,
    sources,
    indicators,
    history,
    open: opener.open,
    tell: () => meter.tell(),
    [Symbol.dispose]: () => memory[Symbol.dispose](),
  };
}

/** Returns what sources of views count, by flag. */
export const sourceCounts = ({ assets, columns }: ViewSources): Map<CacheFlag, () => PartialCounts> =>
  new Map<CacheFlag, () => PartialCounts>([
    ['assetCache', () => assets.statistics],
    ['pregroupedColumns', () => columns.statistics],
  ]);

function countsOf(source: IndicatorSource): PartialCounts {
  const { computed = 0, hits = 0, bytes = 0 } = source.statistics?.() ?? {};
  return { misses: computed, hits, bytes };
}

/** Chooses where views get their assets and columns from. */
export function chooseSources(
  { assetCache, pregroupedColumns, limits }: OptimizationSettings,
  isCallers: boolean,
  fallback: Fallback,
): ViewSources {
  const assets = (): AssetList => new FallbackAssets(isCallers ? new CachedAssetList() : threadAssets, fallback);
  const columns = (): GroupedColumns => {
    let kept = isCallers ? undefined : threadColumns.get(limits.columnBytes);
    if (kept === undefined) {
      kept = new PreGroupedData(limits.columnBytes);
      if (!isCallers) threadColumns.set(limits.columnBytes, kept);
    }
    return new FallbackColumns(kept, fallback);
  };
  return {
    assets: assetCache ? assets() : new LookedUpAssets(),
    columns: pregroupedColumns ? columns() : new GatheredColumns(),
  };
}

/** Whether a bundle is open, or a handle to open it by. */
const isOpen = (bundle: Bundle | BundleHandle): bundle is Bundle => 'groups' in bundle;

function openerOf({ bundlePool }: OptimizationSettings, fallback: Fallback) {
  let loads = 0;
  const openOwn = (handle: BundleHandle): BundleLease => {
    const bundle = openBundle(handle);
    loads++;
    return { bundle, [Symbol.dispose]: () => bundle[Symbol.dispose]() };
  };
  if (!bundlePool) {
    return {
      open: (bundle: Bundle | BundleHandle): BundleLease =>
        openShared(isOpen(bundle) ? bundle.handle : bundle, fallback, openOwn),
      counts: (): PartialCounts => ({ loads, misses: loads }),
    };
  }
  const acquire = (handle: BundleHandle): BundleLease =>
    fallback.run(
      'bundlePool',
      () => threadBundles.acquire(handle),
      () => openOwn(handle),
    );
  return {
    open: (bundle: Bundle | BundleHandle): BundleLease =>
      isOpen(bundle) ? { bundle, [Symbol.dispose]: () => {} } : openShared(bundle, fallback, acquire),
    counts: (): PartialCounts => {
      const pooled = threadBundles.statistics;
      return { loads: pooled.loads + loads, hits: pooled.hits, misses: pooled.loads };
    },
  };
}

/** Opens a bundle by its handle; where files cannot be mapped, with columns of its own. */
function openShared(
  handle: BundleHandle,
  fallback: Fallback,
  open: (handle: BundleHandle) => BundleLease,
): BundleLease {
  if (handle.sharing !== 'mapped') return open(handle);
  return fallback.run(
    'sharedBundle',
    () => open(handle),
    () => open({ ...handle, sharing: 'copied' }),
  );
}
