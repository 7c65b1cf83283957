import { RunError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { AdjustmentSchedule } from '../data/adjustments.js';
import type { Listing } from '../data/bundle.js';
import type { HistoryReader } from '../data/history.js';
import type { ColumnName, GroupedColumns } from '../data/pre-grouped-data.js';
import type { WindowMemory } from '../data/window-memory.js';
import type { AnyIndicator, IndicatorColumns, IndicatorInputs, IndicatorSource } from '../indicators/columns.js';
import type { CacheLedger } from './cache-ledger.js';
import type { AssetList, ListedAssets } from './cached-asset-list.js';
import type { CacheFlag, OptimizationSettings } from './optimization-config.js';

/**
 * Goes the plain way where a cache fails. What fails on both ways is the caller's own mistake, and is thrown as the plain way throws it; what
 * fails on the fast way alone is a fault of the cache: noted and done without, or, where a fault must not hide, thrown.
 */
export class Fallback {
  readonly #ledger: CacheLedger;
  readonly #rule: OptimizationSettings['onFailure'];

  constructor(ledger: CacheLedger, rule: OptimizationSettings['onFailure']) {
    this.#ledger = ledger;
    this.#rule = rule;
  }

  run<R>(flag: CacheFlag, fast: () => R, plain: () => R): R {
    try {
      return fast();
    } catch (error) {
      return this.after(flag, error, plain);
    }
  }

  /** Goes the plain way after the fast one threw. @throws RunError `CACHE_FAILED` where a fault must not hide */
  after<R>(flag: CacheFlag, cause: unknown, plain: () => R): R {
    const result = plain();
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (this.#rule === 'throw') {
      throw new RunError('CACHE_FAILED', {
        message: `${flag} failed where the plain way does not: ${reason}`,
        details: { flag },
        cause,
      });
    }
    this.#ledger.fail(flag, reason);
    return result;
  }
}

/** Windows from a cache, and from the columns where it fails. */
export class FallbackHistory implements HistoryReader {
  readonly #fast: HistoryReader;
  readonly #plain: HistoryReader;
  readonly #fallback: Fallback;

  constructor(fast: HistoryReader, plain: HistoryReader, fallback: Fallback) {
    this.#fast = fast;
    this.#plain = plain;
    this.#fallback = fallback;
  }

  window(
    listing: Listing,
    schedule: AdjustmentSchedule | undefined,
    field: string,
    endRow: number,
    count: number,
    view: boolean,
    memory?: WindowMemory,
  ): ReadonlyFloat64Array {
    // Asked on every bar: two functions for each question would be garbage of each.
    try {
      return this.#fast.window(listing, schedule, field, endRow, count, view, memory);
    } catch (error) {
      return this.#fallback.after('historyCache', error, () =>
        this.#plain.window(listing, schedule, field, endRow, count, view, memory),
      );
    }
  }
}

/** Columns of indicators from a cache, computed where it fails. */
export class FallbackIndicators implements IndicatorSource {
  readonly #fast: IndicatorSource;
  readonly #plain: IndicatorSource;
  readonly #fallback: Fallback;

  constructor(fast: IndicatorSource, plain: IndicatorSource, fallback: Fallback) {
    this.#fast = fast;
    this.#plain = plain;
    this.#fallback = fallback;
  }

  columns(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns {
    try {
      return this.#fast.columns(recipe, inputs);
    } catch (error) {
      return this.#fallback.after('indicatorCache', error, () => this.#plain.columns(recipe, inputs));
    }
  }
}

/** Columns of assets from a cache, gathered where it fails. */
export class FallbackColumns implements GroupedColumns {
  readonly #fast: GroupedColumns;
  readonly #fallback: Fallback;

  constructor(fast: GroupedColumns, fallback: Fallback) {
    this.#fast = fast;
    this.#fallback = fallback;
  }

  get statistics(): GroupedColumns['statistics'] {
    return this.#fast.statistics;
  }

  column(name: ColumnName, gather: () => ReadonlyFloat64Array): ReadonlyFloat64Array {
    return this.#fallback.run('pregroupedColumns', () => this.#fast.column(name, gather), gather);
  }
}

/** Assets of a run from a cache, looked up where it fails. */
export class FallbackAssets implements AssetList {
  readonly #fast: AssetList;
  readonly #fallback: Fallback;

  constructor(fast: AssetList, fallback: Fallback) {
    this.#fast = fast;
    this.#fallback = fallback;
  }

  get statistics(): AssetList['statistics'] {
    return this.#fast.statistics;
  }

  list(...[bundle, options, look]: Parameters<AssetList['list']>): ListedAssets {
    return this.#fallback.run('assetCache', () => this.#fast.list(bundle, options, look), look);
  }
}
