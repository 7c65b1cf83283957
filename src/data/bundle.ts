import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { Asset } from '../market/asset.js';
import type { BarTimes } from '../market/bar-axis.js';
import type { Field } from '../market/bars.js';
import type { Calendar } from '../market/calendar.js';
import type { Dividend, Split } from '../market/corporate-actions.js';
import type { BundleManifest } from './manifest.js';

/** How a bundle's columns come into memory: one mapping, one shared copy, or a copy for each opener. */
export type Sharing = 'mapped' | 'shared' | 'copied';

/**
 * What travels to a worker in place of data: a few hundred bytes for `mapped` and `copied`, the shared
 * memory itself (never copied) for `shared`. Plain data that structured clone passes.
 */
export type BundleHandle =
  | {
      readonly sharing: 'mapped' | 'copied';
      readonly directory: string;
      readonly name: string;
      readonly version: string;
    }
  | {
      readonly sharing: 'shared';
      readonly name: string;
      readonly version: string;
      readonly manifest: BundleManifest;
      /** By window of a file: at most 2 GiB of neighbouring columns. */
      readonly files: Readonly<Record<string, SharedArrayBuffer>>;
    };

/** One asset's life on a group's time axis: rows `[first, end)`; column index 0 is axis row `first`. */
export interface Listing {
  readonly asset: Asset;
  /** Axis row of the asset's first bar. */
  readonly first: number;
  /** Axis row after the asset's last bar. */
  readonly end: number;
  /**
   * Returns the asset's column, `end - first` rows, NaN where a bar is missing (volume too).
   * Touched lazily: a column that nobody asks for is never read. Throws UsageError for an unknown name.
   */
  column(field: Field | (string & {})): ReadonlyFloat64Array;
  /** Names of the asset's columns: the five of every asset, and what else the bundle holds. */
  readonly fields: readonly string[];
  /**
   * Returns rows `[from, to)` of a column for hands that may write: without a copy in `mapped`, where `Bundle.restore` undoes
   * a write, and a copy in `shared` and `copied`. Rows must lie within the column.
   */
  view(field: Field | (string & {}), from: number, to: number): ReadonlyFloat64Array;
  /** Where the axis is joined of several: the asset's own. @defaultValue the axis is its own */
  readonly home?: HomeAxis | undefined;
}

/** The axis that an asset has bars on, and where its rows lie on a longer one. */
export interface HomeAxis {
  readonly axis: BarTimes;
  /** Of each row of the asset's own axis, the row of the other. Ascending. */
  readonly rows: Int32Array;
}

/** All bars of one calendar and frequency on one time axis. */
export interface BarGroup extends BarTimes {
  readonly listings: readonly Listing[];
}

/** Immutable, versioned market data, open for reading. Holds no connection: only memory. */
export interface Bundle extends Disposable {
  readonly name: string;
  /** SHA-256 of the canonical manifest, in hex. */
  readonly version: string;
  readonly manifest: BundleManifest;
  /** By sid. */
  readonly assets: readonly Asset[];
  readonly groups: readonly BarGroup[];
  /** The calendars of the groups, by name, with their sessions around the bars as they were when the bundle was written. */
  readonly calendars: readonly Calendar[];
  /** By sid, then ex-date. */
  readonly splits: readonly Split[];
  /** By sid, then ex-date. */
  readonly dividends: readonly Dividend[];
  /** Opens the same bundle in another thread or process (`shared`: another thread). */
  readonly handle: BundleHandle;
  readonly sharing: Sharing;
  /** Undoes what anyone wrote through a view of this bundle's columns in this thread. Cheap when nothing was written. */
  restore(): void;
}
