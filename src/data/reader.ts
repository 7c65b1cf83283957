import { readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { DataError, RunError, UsageError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { didYouMean, rejectUnknownKeys } from '../core/suggest.js';
import type { Asset } from '../market/asset.js';
import { type Calendar, mapTable } from '../market/calendar.js';
import { recordedCalendar } from '../market/recorded-calendar.js';
import type { BarGroup, Bundle, BundleHandle, Listing, Sharing } from './bundle.js';
import { type ColumnMemory, WindowPlan } from './column-memory.js';
import { CopiedMemory } from './copied-memory.js';
import {
  type BundleManifest,
  type CalendarRecord,
  type ColumnRecord,
  fileSizes,
  type GroupRecord,
  type ListingRecord,
  MANIFEST_FILE,
  parseManifest,
} from './manifest.js';
import { MappedMemory } from './mapped-memory.js';
import { nativeMemory } from './native-memory.js';
import { readShared, type SharedFiles, SharedMemory } from './shared-memory.js';
import { WindowView } from './window-view.js';

/** Settings of {@link openBundle}. */
export interface OpenOptions {
  /** How the columns come into memory. @defaultValue the handle's own, else {@link defaultSharing} */
  readonly sharing?: Sharing;
}

const SHARINGS: readonly Sharing[] = ['mapped', 'shared', 'copied'];

/** Returns `mapped` where files can be mapped (Linux with koffi), else `shared`. */
export const defaultSharing = (): Sharing => (nativeMemory() === undefined ? 'shared' : 'mapped');

/**
 * Opens a bundle for reading: a version's directory, or the handle that another thread's bundle gave. Only the manifest is read, and its
 * hash compared with the version; `shared` also reads all columns, unless a handle brings them.
 *
 * Throws UsageError `BUNDLE_NOT_FOUND` without a manifest, `SHARING_UNKNOWN`, `UNKNOWN_OPTION`, `BUNDLE_FORMAT`; DataError
 * `BUNDLE_DAMAGED`; RunError `MAP_UNAVAILABLE` when `mapped` was asked for where files cannot be mapped.
 * @param onClose Called once, when the bundle has let its memory go.
 */
export function openBundle(
  source: string | BundleHandle,
  options: OpenOptions = {},
  onClose: () => void = () => {},
): Bundle {
  rejectUnknownKeys('openBundle', options, ['sharing']);
  if (typeof source === 'object' && source.sharing === 'shared' && (options.sharing ?? 'shared') === 'shared') {
    const { name, version, manifest, files } = source;
    return new OpenBundle(name, version, manifest, new SharedMemory(new WindowPlan(manifest), files), source, onClose);
  }
  if (typeof source === 'object' && source.sharing === 'shared') {
    throw new UsageError('SHARING_UNKNOWN', {
      message: `The handle of bundle '${source.name}' brings shared memory and cannot be opened as '${options.sharing}'.`,
    });
  }
  const directory = resolve(typeof source === 'string' ? source : source.directory);
  const sharing = options.sharing ?? (typeof source === 'string' ? defaultSharing() : source.sharing);
  assertReadable(sharing);
  const version = basename(directory);
  const name = typeof source === 'string' ? basename(dirname(directory)) : source.name;
  const manifest = readManifest(directory, version);
  const plan = new WindowPlan(manifest);
  const sizes = fileSizes(manifest);
  if (sharing === 'shared') {
    const files: SharedFiles = readShared(directory, plan, sizes);
    const handle: BundleHandle = { sharing, name, version, manifest, files };
    return new OpenBundle(name, version, manifest, new SharedMemory(plan, files), handle, onClose);
  }
  const memory = sharing === 'mapped' ? new MappedMemory(directory, plan, sizes) : new CopiedMemory(directory, sizes);
  return new OpenBundle(name, version, manifest, memory, { sharing, directory, name, version }, onClose);
}

/** Returns the checked manifest of a version's directory, whose name must be the manifest's hash. */
export function readManifest(directory: string, version: string): BundleManifest {
  const path = join(directory, MANIFEST_FILE);
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError('BUNDLE_NOT_FOUND', {
      message: `${directory} holds no bundle (${(error as NodeJS.ErrnoException).code}). See 'hindcast bundles list'.`,
      details: { directory },
      cause: error,
    });
  }
  if (sha256(bytes) !== version) {
    throw new DataError('BUNDLE_DAMAGED', {
      message: `${path} is damaged: its hash is not the version of the bundle. Ingest the bundle again.`,
      details: { file: path, version },
    });
  }
  return parseManifest(bytes.toString(), path);
}

function assertReadable(sharing: Sharing): void {
  if (!SHARINGS.includes(sharing)) {
    throw new UsageError('SHARING_UNKNOWN', {
      message: `'${sharing}' is no way to share a bundle.${didYouMean(sharing, SHARINGS)}`,
      details: { sharing, known: SHARINGS },
    });
  }
  if (sharing === 'mapped' && nativeMemory() === undefined) {
    throw new RunError('MAP_UNAVAILABLE', {
      message: `Files cannot be mapped here: koffi does not load, the system is not Linux, or HINDCAST_NO_MMAP is set. Use sharing 'shared'.`,
      details: { platform: process.platform },
    });
  }
  if (endianness() !== 'LE') {
    throw new RunError('BYTE_ORDER', { message: 'Bundles hold little-endian numbers; this machine is big-endian.' });
  }
}

/** A bundle over one of the column memories. */
class OpenBundle implements Bundle {
  readonly assets: readonly Asset[];
  readonly groups: readonly BarGroup[];
  readonly calendars: readonly Calendar[];
  readonly name: string;
  readonly version: string;
  readonly manifest: BundleManifest;
  readonly handle: BundleHandle;
  readonly #columns: Columns;

  constructor(
    name: string,
    version: string,
    manifest: BundleManifest,
    memory: ColumnMemory,
    handle: BundleHandle,
    onClose: () => void,
  ) {
    this.name = name;
    this.version = version;
    this.manifest = manifest;
    this.handle = handle;
    this.#columns = new Columns(memory, name, onClose);
    // Strategies hold them: what one changed, all others would trade by.
    for (const asset of manifest.assets) Object.freeze(asset);
    this.assets = manifest.assets;
    this.calendars = manifest.calendars.map((record) => openCalendar(record, this.#columns));
    this.groups = manifest.groups.map((record) => {
      const venue = this.calendars.find(({ name: known }) => known === record.calendar)!;
      return new OpenGroup(record, venue, manifest.assets, this.#columns);
    });
  }

  get sharing(): Sharing {
    return this.handle.sharing;
  }

  get splits(): Bundle['splits'] {
    return this.manifest.splits;
  }

  get dividends(): Bundle['dividends'] {
    return this.manifest.dividends;
  }

  restore(): void {
    this.#columns.restore();
  }

  [Symbol.dispose](): void {
    this.#columns.close();
  }
}

/** A calendar whose sessions are read when they are first asked for. */
function openCalendar({ first, last, sessions, ...facts }: CalendarRecord, columns: Columns): Calendar {
  const touched = columns.touchedOf(sessions);
  return recordedCalendar({ ...facts, firstLabel: first, lastLabel: last }, () =>
    mapTable(
      sessions.labels.rows,
      (column) => (touched.get(column) ?? columns.touch(sessions, column, sessions[column])) as Float64Array,
    ),
  );
}

class OpenGroup implements BarGroup {
  readonly calendar: string;
  readonly venue: Calendar;
  readonly frequency: BarGroup['frequency'];
  readonly length: number;
  readonly listings: readonly Listing[];
  readonly #record: GroupRecord;
  readonly #columns: Columns;
  readonly #touched: ReadonlyMap<string, ReadonlyFloat64Array>;

  constructor(record: GroupRecord, venue: Calendar, assets: readonly Asset[], columns: Columns) {
    this.calendar = record.calendar;
    this.venue = venue;
    this.frequency = record.frequency;
    this.length = record.rows;
    this.#record = record;
    this.#columns = columns;
    this.#touched = columns.touchedOf(record);
    this.listings = record.listings.map((listing) => new OpenListing(listing, assets[listing.sid]!, columns));
  }

  get times(): ReadonlyFloat64Array {
    return this.#touched.get('times') ?? this.#columns.touch(this.#record, 'times', this.#record.times);
  }

  get opens(): ReadonlyFloat64Array {
    return this.#touched.get('opens') ?? this.#columns.touch(this.#record, 'opens', this.#record.opens);
  }

  get closes(): ReadonlyFloat64Array {
    return this.#touched.get('closes') ?? this.#columns.touch(this.#record, 'closes', this.#record.closes);
  }
}

class OpenListing implements Listing {
  readonly asset: Asset;
  readonly first: number;
  readonly end: number;
  readonly fields: readonly string[];
  readonly #records: ReadonlyMap<string, ColumnRecord>;
  readonly #columns: Columns;
  /** One look-up for the many reads of a column after its first. */
  readonly #touched: ReadonlyMap<string, Float64Array>;

  constructor({ first, end, columns: records }: ListingRecord, asset: Asset, columns: Columns) {
    this.asset = asset;
    this.first = first;
    this.end = end;
    this.#records = new Map(Object.entries(records));
    this.fields = [...this.#records.keys()];
    this.#columns = columns;
    this.#touched = columns.touchedOf(this.#records);
  }

  column(field: string): ReadonlyFloat64Array {
    return this.#touched.get(field) ?? this.#columns.touch(this.#records, field, this.#record(field));
  }

  view(field: string, from: number, to: number): ReadonlyFloat64Array {
    const record = this.#record(field);
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from <= to && to <= record.rows)) {
      throw new UsageError('ROWS_OUTSIDE', {
        message: `Rows ${from} to ${to} lie outside the ${record.rows} rows of ${this.asset.symbol}.`,
        details: { symbol: this.asset.symbol, field, from, to, rows: record.rows },
      });
    }
    return this.#columns.view(record, this.column(field), from, to);
  }

  #record(field: string): ColumnRecord {
    const record = this.#records.get(field);
    if (record !== undefined) return record;
    throw new UsageError('FIELD_UNKNOWN', {
      message: `${this.asset.symbol} has no column '${field}'.${didYouMean(field, this.fields)}`,
      details: { symbol: this.asset.symbol, field, known: this.fields },
    });
  }
}

/** The columns touched so far: each is one typed array for the life of the bundle. */
class Columns {
  readonly #memory: ColumnMemory;
  readonly #name: string;
  readonly #onClose: () => void;
  /** By owner (a calendar, a group or a listing), then name. */
  readonly #touched = new Map<object, Map<string, Float64Array>>();
  #closed = false;

  constructor(memory: ColumnMemory, name: string, onClose: () => void) {
    this.#memory = memory;
    this.#name = name;
    this.#onClose = onClose;
  }

  /** Returns the owner's columns so far; empty once closed. */
  touchedOf(owner: object): ReadonlyMap<string, Float64Array> {
    const touched = new Map<string, Float64Array>();
    this.#touched.set(owner, touched);
    return touched;
  }

  touch(owner: object, name: string, record: ColumnRecord): Float64Array {
    this.#assertOpen();
    const column = this.#memory.column(record);
    this.#touched.get(owner)!.set(name, column);
    return column;
  }

  view(record: ColumnRecord, column: ReadonlyFloat64Array, from: number, to: number): ReadonlyFloat64Array {
    this.#assertOpen();
    const memory = this.#memory.viewable(record);
    return memory === undefined ? column.slice(from, to) : WindowView.over(memory, from, to);
  }

  restore(): void {
    this.#assertOpen();
    this.#memory.restore();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const touched of this.#touched.values()) touched.clear();
    this.#memory.close();
    this.#onClose();
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new RunError('BUNDLE_CLOSED', {
      message: `Bundle '${this.#name}' is closed: read its columns before it is disposed of, or open it again.`,
      details: { name: this.#name },
    });
  }
}
