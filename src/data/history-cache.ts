import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { type AdjustmentSchedule, isRestated } from './adjustments.js';
import type { Listing } from './bundle.js';
import { assertWindow, copyTo, DirectHistory, fillWindow, type HistoryReader } from './history.js';
import { separateWindows } from './window-memory.js';

/** Limits of a {@link HistoryCache}. */
export interface HistoryCacheOptions {
  /** Lengths that are kept as sliding windows, ascending; a shorter request is served from the next longer one. @defaultValue [20, 50, 200] */
  readonly windows?: readonly number[];
  /** Longer windows kept at most, the least recently used leaving first. @defaultValue 256 */
  readonly entries?: number;
  /** Bytes of both tiers at most. @defaultValue 64 MiB */
  readonly bytes?: number;
}

/** What a cache did so far. */
export interface HistoryCacheStatistics {
  /** Requests answered from cached memory, new bars appended where time had moved on. */
  readonly hits: number;
  /** Requests for which a window was read and restated whole. */
  readonly misses: number;
  /** Requests for a view: they go past the cache and count as neither. */
  readonly views: number;
  /** hits / (hits + misses); 0 before the first request. */
  readonly hitRate: number;
  readonly evictions: number;
  /** Windows held, both tiers. */
  readonly entries: number;
  /** Bytes held, both tiers. */
  readonly bytes: number;
}

/**
 * Keeps windows in two tiers: usual lengths slide along with time, so that a new bar costs one append; longer ones are kept as asked for.
 * Keys hold the listing and schedule themselves, never a name, so a changed bundle cannot meet an old value. What is returned is always
 * a copy: a strategy that writes into its window reaches neither the cache nor another trial.
 */
export class HistoryCache implements HistoryReader {
  readonly #windows: readonly number[];
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  readonly #direct = new DirectHistory();
  readonly #columns = new WeakMap<Listing, Map<string, ColumnCache>>();
  /** In order of use, the least recent first. */
  readonly #sliding = new Set<Sliding>();
  readonly #kept = new Map<string, Kept>();
  #ids = 0;
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #views = 0;
  #evictions = 0;

  constructor(options: HistoryCacheOptions = {}) {
    rejectUnknownKeys('HistoryCache', options, ['windows', 'entries', 'bytes']);
    const { windows = [20, 50, 200], entries = 256, bytes = 64 * 1024 * 1024 } = options;
    const isAscending = windows.every((length, i) => Number.isInteger(length) && length > (windows[i - 1] ?? 0));
    if (!isAscending || !Number.isInteger(entries) || entries < 0 || !(bytes >= 0)) {
      throw new UsageError('HISTORY_CACHE', {
        message: `A history cache needs ascending whole window lengths and limits of at least 0, not windows ${windows.join(', ')}, entries ${entries}, bytes ${bytes}.`,
        details: { windows, entries, bytes },
      });
    }
    this.#windows = windows;
    this.#maxEntries = entries;
    this.#maxBytes = bytes;
  }

  /** What the cache did so far. */
  get statistics(): HistoryCacheStatistics {
    const requests = this.#hits + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      views: this.#views,
      hitRate: requests === 0 ? 0 : this.#hits / requests,
      evictions: this.#evictions,
      entries: this.#sliding.size + this.#kept.size,
      bytes: this.#bytes,
    };
  }

  window(
    listing: Listing,
    schedule: AdjustmentSchedule | undefined,
    field: string,
    endRow: number,
    count: number,
    view: boolean,
    memory = separateWindows,
  ): ReadonlyFloat64Array {
    if (view) {
      this.#views++;
      return this.#direct.window(listing, schedule, field, endRow, count, true);
    }
    assertWindow(endRow, count);
    const cache = this.#columnCache(listing, field);
    for (const length of this.#windows) {
      if (count <= length) return this.#slide(cache, schedule, endRow, memory.take(count), length);
    }
    return this.#keep(cache, schedule, endRow, memory.take(count));
  }

  #slide(
    cache: ColumnCache,
    schedule: AdjustmentSchedule | undefined,
    endRow: number,
    out: Float64Array,
    length: number,
  ): Float64Array {
    let entry = cache.sliding.get(length);
    if (entry === undefined) {
      const bytes = 2 * length * Float64Array.BYTES_PER_ELEMENT;
      if (bytes > this.#maxBytes) {
        this.#misses++;
        return readWindow(cache, schedule, endRow, out);
      }
      entry = new Sliding(cache, length);
      cache.sliding.set(length, entry);
      this.#bytes += bytes;
    }
    this.#sliding.delete(entry);
    this.#sliding.add(entry);
    if (entry.moveTo(endRow, schedule)) this.#hits++;
    else this.#misses++;
    entry.copyLast(out);
    this.#shrink();
    return out;
  }

  #keep(cache: ColumnCache, schedule: AdjustmentSchedule | undefined, endRow: number, out: Float64Array): Float64Array {
    const key = `${cache.id} ${endRow} ${out.length}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#drop(key, kept);
      if (kept.schedule === schedule) {
        this.#hold(key, kept);
        this.#hits++;
        return copyTo(out, kept.values, 0);
      }
    }
    this.#misses++;
    readWindow(cache, schedule, endRow, out);
    this.#hold(key, { schedule, values: out.slice() });
    this.#shrink();
    return out;
  }

  #columnCache(listing: Listing, field: string): ColumnCache {
    let fields = this.#columns.get(listing);
    if (fields === undefined) {
      fields = new Map();
      this.#columns.set(listing, fields);
    }
    let cache = fields.get(field);
    if (cache === undefined) {
      cache = { id: this.#ids++, field, column: listing.column(field), sliding: new Map() };
      fields.set(field, cache);
    }
    return cache;
  }

  #hold(key: string, kept: Kept): void {
    this.#kept.set(key, kept);
    this.#bytes += kept.values.byteLength;
  }

  #drop(key: string, kept: Kept): void {
    this.#kept.delete(key);
    this.#bytes -= kept.values.byteLength;
  }

  /** Long windows leave first: they are the ones that are seldom asked for twice. */
  #shrink(): void {
    for (const [key, kept] of this.#kept) {
      if (this.#kept.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return;
      this.#drop(key, kept);
      this.#evictions++;
    }
    for (const entry of this.#sliding) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#sliding.delete(entry);
      entry.cache.sliding.delete(entry.length);
      this.#bytes -= 2 * entry.length * Float64Array.BYTES_PER_ELEMENT;
      this.#evictions++;
    }
  }
}

interface ColumnCache {
  readonly id: number;
  readonly field: string;
  readonly column: ReadonlyFloat64Array;
  readonly sliding: Map<number, Sliding>;
}

interface Kept {
  readonly schedule: AdjustmentSchedule | undefined;
  readonly values: Float64Array;
}

function readWindow(
  { column, field }: ColumnCache,
  schedule: AdjustmentSchedule | undefined,
  endRow: number,
  out: Float64Array,
): Float64Array {
  fillWindow(column, schedule, field, endRow, out);
  return out;
}

/** The last `length` rows as of a row that moves forward, in a buffer of twice the length so that most moves copy nothing. */
class Sliding {
  readonly cache: ColumnCache;
  readonly length: number;
  readonly #buffer: Float64Array;
  #schedule: AdjustmentSchedule | undefined;
  /** Row of the last value. A small integer from the start: an index that was once NaN makes every access slow. */
  #row = 0;
  #isFilled = false;
  /** Index after the last value. */
  #end = 0;

  constructor(cache: ColumnCache, length: number) {
    this.cache = cache;
    this.length = length;
    this.#buffer = new Float64Array(2 * length);
  }

  /** Makes `row` the last one. Returns false when the window had to be read anew: far or backward moves, and events on the way. */
  moveTo(row: number, schedule: AdjustmentSchedule | undefined): boolean {
    const { column, field } = this.cache;
    const steps = row - this.#row;
    const isNear = this.#isFilled && steps >= 0 && steps < this.length;
    if (!isNear || schedule !== this.#schedule || isRestated(schedule, this.#row, row)) {
      fillWindow(column, schedule, field, row, this.#buffer.subarray(0, this.length));
      this.#end = this.length;
      this.#row = row;
      this.#isFilled = true;
      this.#schedule = schedule;
      return false;
    }
    for (let next = this.#row + 1; next <= row; next++) {
      if (this.#end === this.#buffer.length) {
        this.#buffer.copyWithin(0, this.#end - this.length, this.#end);
        this.#end = this.length;
      }
      this.#buffer[this.#end++] = next >= 0 && next < column.length ? column[next]! : Number.NaN;
    }
    this.#row = row;
    return true;
  }

  copyLast(out: Float64Array): void {
    copyTo(out, this.#buffer, this.#end - out.length);
  }
}
