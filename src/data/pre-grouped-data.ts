import { assertInteger } from '../core/assert.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/** Which column of which data. */
export interface ColumnName {
  /** Name of the bundle. */
  readonly bundle: string;
  /** SHA-256 of its content. */
  readonly version: string;
  /** Identity of the asset's data: begins with the version. */
  readonly asset: string;
  readonly field: string;
}

/** What a source of columns did so far. */
export interface ColumnStatistics {
  /** Columns given that were there. */
  readonly hits: number;
  /** Columns gathered. */
  readonly misses: number;
  readonly evictions: number;
  /** Bytes kept; a column in shared memory counts as if it were one's own. */
  readonly bytes: number;
}

/** Where runs get the columns of their assets: kept between runs, or gathered for each. */
export interface GroupedColumns {
  readonly statistics: ColumnStatistics;
  /** Returns a column. @param gather reads or makes it; never written to */
  column(name: ColumnName, gather: () => ReadonlyFloat64Array): ReadonlyFloat64Array;
}

interface Kept {
  readonly bundle: string;
  readonly version: string;
  readonly column: ReadonlyFloat64Array;
}

/**
 * Columns by asset and field, kept up to a limit of bytes, the least recently used leaving first. Keys hold the version, which is a hash
 * of the content, so that a stale column cannot be found; when a name has a new version, columns of the old one are let go.
 */
export class PreGroupedData implements GroupedColumns {
  readonly #limit: number;
  /** In order of use, the least recent first. */
  readonly #kept = new Map<string, Kept>();
  readonly #versions = new Map<string, string>();
  #bytes = 0;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** @param limit bytes kept at most. @throws UsageError for anything but a whole number from 0 */
  constructor(limit: number) {
    assertInteger('limit', limit, { min: 0 });
    this.#limit = limit;
  }

  get statistics(): ColumnStatistics {
    return { hits: this.#hits, misses: this.#misses, evictions: this.#evictions, bytes: this.#bytes };
  }

  column(name: ColumnName, gather: () => ReadonlyFloat64Array): ReadonlyFloat64Array {
    const key = `${name.asset}/${name.field}`;
    const known = this.#kept.get(key);
    if (known !== undefined) {
      this.#hits++;
      this.#kept.delete(key);
      this.#kept.set(key, known);
      return known.column;
    }
    this.#misses++;
    const column = gather();
    this.#keep(key, { bundle: name.bundle, version: name.version, column });
    return column;
  }

  #keep(key: string, kept: Kept): void {
    this.#forgetOlder(kept);
    const bytes = bytesOf(kept);
    if (bytes > this.#limit) return;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes + bytes <= this.#limit) break;
      this.#drop(oldest);
      this.#evictions++;
    }
    this.#kept.set(key, kept);
    this.#bytes += bytes;
  }

  #forgetOlder({ bundle, version }: Kept): void {
    const before = this.#versions.get(bundle);
    this.#versions.set(bundle, version);
    if (before === undefined || before === version) return;
    for (const [key, kept] of this.#kept) if (kept.bundle === bundle && kept.version !== version) this.#drop(key);
  }

  #drop(key: string): void {
    this.#bytes -= bytesOf(this.#kept.get(key)!);
    this.#kept.delete(key);
  }
}

const bytesOf = ({ column }: Kept): number => column.length * Float64Array.BYTES_PER_ELEMENT;

/** Gathers every column anew, into memory of its own: the baseline that keeping them is measured against. */
export class GatheredColumns implements GroupedColumns {
  #misses = 0;

  get statistics(): ColumnStatistics {
    return { hits: 0, misses: this.#misses, evictions: 0, bytes: 0 };
  }

  column(_name: ColumnName, gather: () => ReadonlyFloat64Array): ReadonlyFloat64Array {
    this.#misses++;
    return gather().slice();
  }
}
