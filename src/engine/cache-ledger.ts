import {
  CACHE_FLAGS,
  type CacheFlag,
  type CacheLayer,
  FLAG_FACTS,
  type OptimizationSettings,
} from './optimization-config.js';

const COUNTERS = ['hits', 'misses', 'loads', 'evictions', 'bytes', 'failures'] as const;
type Counter = (typeof COUNTERS)[number];

/** What the implementation behind a flag did. Counts are sums over all threads; `bytes` is what they keep now. */
export type CacheCounts = Readonly<Record<Counter, number>>;

/** What one flag chose, and what that did. */
export interface CacheReport extends CacheCounts {
  readonly flag: CacheFlag;
  readonly layer: CacheLayer;
  readonly enabled: boolean;
  /** The implementation in use. */
  readonly choice: string;
  /** Name of the bundle. */
  readonly bundle: string;
  /** hits / (hits + misses); undefined where nothing was asked or counted. */
  readonly hitRate: number | undefined;
}

/** Memory that all threads of a search count in. */
export interface CacheLedgerHandle {
  readonly memory: SharedArrayBuffer;
  /** Whether somebody will read the counts; failures are told in any case. */
  readonly counts: boolean;
}

/** Bytes of the text that says why a cache first failed. */
const REASON_BYTES = 512;
const COUNTS_BYTES = CACHE_FLAGS.length * COUNTERS.length * BigInt64Array.BYTES_PER_ELEMENT;

/** Counts of what caches do and how they fail, in memory that the threads of a search share. */
export class CacheLedger {
  readonly handle: CacheLedgerHandle;
  readonly #counts: BigInt64Array;
  readonly #reasons: Uint8Array;

  constructor(handle: CacheLedgerHandle) {
    this.handle = handle;
    this.#counts = new BigInt64Array(handle.memory, 0, COUNTS_BYTES / BigInt64Array.BYTES_PER_ELEMENT);
    this.#reasons = new Uint8Array(handle.memory, COUNTS_BYTES);
  }

  /** @param counts whether somebody will read the counts */
  static create(counts: boolean): CacheLedger {
    const memory = new SharedArrayBuffer(COUNTS_BYTES + CACHE_FLAGS.length * REASON_BYTES);
    return new CacheLedger({ memory, counts });
  }

  add(flag: CacheFlag, counter: Counter, amount: number): void {
    if (amount !== 0) Atomics.add(this.#counts, placeOf(flag, counter), BigInt(amount));
  }

  /** Notes that a cache failed and the plain way was gone; the first reason of all is kept. */
  fail(flag: CacheFlag, reason: string): void {
    if (Atomics.add(this.#counts, placeOf(flag, 'failures'), 1n) !== 0n) return;
    new TextEncoder().encodeInto(reason, this.#reasons.subarray(...reasonSpan(flag)));
  }

  countsOf(flag: CacheFlag): CacheCounts {
    const count = (counter: Counter): number => Number(Atomics.load(this.#counts, placeOf(flag, counter)));
    return Object.fromEntries(COUNTERS.map((counter) => [counter, count(counter)])) as CacheCounts;
  }

  /** Returns what a user should be told of caches that failed: nothing where all went well. */
  warnings(): string[] {
    return CACHE_FLAGS.flatMap((flag) => {
      const { failures } = this.countsOf(flag);
      if (failures === 0) return [];
      const bytes = this.#reasons.slice(...reasonSpan(flag));
      const reason = new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0) < 0 ? undefined : bytes.indexOf(0)));
      const { variable } = FLAG_FACTS[flag];
      return [
        `${flag} failed ${failures === 1 ? 'once' : `${failures} times`} and was done without, so results are right but slower: ${reason}. ${variable}=0 switches it off.`,
      ];
    });
  }
}

const placeOf = (flag: CacheFlag, counter: Counter): number =>
  CACHE_FLAGS.indexOf(flag) * COUNTERS.length + COUNTERS.indexOf(counter);

const reasonSpan = (flag: CacheFlag): [number, number] => {
  const at = CACHE_FLAGS.indexOf(flag) * REASON_BYTES;
  return [at, at + REASON_BYTES];
};

/** What a cache says of itself. */
export type PartialCounts = Partial<CacheCounts>;

/** Carries what caches count into a ledger: of caches that live longer than a search what they did since, and all that they keep. */
export class CacheMeter {
  readonly #ledger: CacheLedger;
  readonly #sources: ReadonlyMap<CacheFlag, () => PartialCounts>;
  readonly #told = new Map<CacheFlag, PartialCounts>();

  constructor(ledger: CacheLedger, sources: ReadonlyMap<CacheFlag, () => PartialCounts>) {
    this.#ledger = ledger;
    this.#sources = ledger.handle.counts ? sources : new Map();
    for (const [flag, counts] of this.#sources) this.#told.set(flag, { ...counts(), bytes: 0 });
  }

  /** Adds what has happened since the last call. */
  tell(): void {
    for (const [flag, read] of this.#sources) {
      const before = this.#told.get(flag)!;
      const now = read();
      for (const counter of COUNTERS) this.#ledger.add(flag, counter, (now[counter] ?? 0) - (before[counter] ?? 0));
      this.#told.set(flag, now);
    }
  }
}

/** The implementations between which a flag chooses; those of the bundle's memory and of the workers are known only when they are open. */
export const IMPLEMENTATIONS: Readonly<Record<CacheFlag, readonly [on: string, off: string]>> = {
  assetCache: ['CachedAssetList', 'LookedUpAssets'],
  pregroupedColumns: ['PreGroupedData', 'GatheredColumns'],
  indicatorCache: ['MemoIndicators', 'DirectIndicators'],
  arrayReturn: ['arrays', 'labelled rows'],
  historyCache: ['HistoryCache', 'DirectHistory'],
  bundlePool: ['BundlePool', 'opened for each run'],
  sharedBundle: ['shared', 'copied'],
  persistentPool: ['PersistentWorkerPool', 'EphemeralPool'],
};

/** Returns one report a flag. @param chosen what was chosen in place of the usual two */
export const reportCaches = (
  ledger: CacheLedger,
  settings: OptimizationSettings,
  bundle: string,
  chosen: Partial<Readonly<Record<CacheFlag, string>>>,
): CacheReport[] =>
  CACHE_FLAGS.map((flag) => {
    const counts = ledger.countsOf(flag);
    const asked = counts.hits + counts.misses;
    return {
      flag,
      layer: FLAG_FACTS[flag].layer,
      enabled: settings[flag],
      choice: chosen[flag] ?? IMPLEMENTATIONS[flag][settings[flag] ? 0 : 1],
      bundle,
      ...counts,
      hitRate: asked === 0 ? undefined : counts.hits / asked,
    };
  });
