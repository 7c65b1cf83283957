import { DataError, UsageError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import type { Asset } from '../market/asset.js';
import type { Frequency } from '../market/bars.js';
import { type Calendar, SESSION_COLUMNS } from '../market/calendar.js';
import type { Dividend, Split } from '../market/corporate-actions.js';

/** The one format this build writes and reads. */
export const FORMAT_VERSION = 2;

/** Rows that one block hash covers; the last block of a column may be shorter. */
export const BLOCK_ROWS = 65_536;

/** File of a bundle's directory that holds the canonical JSON of its manifest, byte for byte. */
export const MANIFEST_FILE = 'manifest.json';

/** Where a column lies: `rows` little-endian float64 from byte `offset` (a multiple of 8) of `file`. */
export interface ColumnExtent {
  /** Name of a file in the bundle's directory, without folders. */
  readonly file: string;
  /** Bytes before the column's first row. */
  readonly offset: number;
  readonly rows: number;
}

/** A column with the SHA-256 of each of its blocks of {@link BLOCK_ROWS} rows, in order. */
export interface ColumnRecord extends ColumnExtent {
  readonly blocks: readonly string[];
}

/** One asset's life on a group's axis: rows `[first, end)`, and a column of `end - first` rows for each field. */
export interface ListingRecord {
  readonly sid: number;
  readonly first: number;
  readonly end: number;
  readonly columns: Readonly<Record<string, ColumnRecord>>;
}

/** A calendar with its sessions around the bars of its groups. */
export interface CalendarRecord
  extends Pick<Calendar, 'name' | 'timeZone' | 'sessionsPerYear' | 'sessionMinutes' | 'weekdays'> {
  /** First and last label whose sessions are held, both inclusive. */
  readonly first: number;
  readonly last: number;
  readonly sessions: Readonly<Record<(typeof SESSION_COLUMNS)[number], ColumnRecord>>;
}

/** Bars of one calendar and frequency. */
export interface GroupRecord {
  /** Name of one of the manifest's calendars. */
  readonly calendar: string;
  readonly frequency: Frequency;
  /** Rows of the axis. */
  readonly rows: number;
  /** First and last label of the axis, both inclusive. */
  readonly start: number;
  readonly end: number;
  readonly times: ColumnRecord;
  readonly opens: ColumnRecord;
  readonly closes: ColumnRecord;
  /** By sid. */
  readonly listings: readonly ListingRecord[];
}

/**
 * Everything a bundle is, with hashes that cover all of its columns. It holds neither a name nor a time of creation:
 * the same content under two names is one version.
 */
export interface BundleManifest {
  readonly formatVersion: typeof FORMAT_VERSION;
  readonly blockRows: number;
  /** True for generated prices. */
  readonly synthetic: boolean;
  /** By sid, which is the place in the list; sorted by symbol. */
  readonly assets: readonly Asset[];
  /** By name. */
  readonly calendars: readonly CalendarRecord[];
  /** By calendar, then by length of bar. */
  readonly groups: readonly GroupRecord[];
  /** By sid, then ex-date. */
  readonly splits: readonly Split[];
  /** By sid, then ex-date. */
  readonly dividends: readonly Dividend[];
}

/** Returns the bytes of a manifest file: canonical JSON, no newline at the end. */
export const manifestText = (manifest: BundleManifest): string => canonicalJson(manifest);

/** Returns each column of the manifest with the words that name it to a person. */
export function* columnsOf(manifest: BundleManifest): Generator<{
  readonly record: ColumnRecord;
  readonly symbol: string | undefined;
  readonly field: string;
}> {
  for (const { name, sessions } of manifest.calendars) {
    for (const column of SESSION_COLUMNS) {
      yield { record: sessions[column], symbol: undefined, field: `${column} of ${name}` };
    }
  }
  for (const group of manifest.groups) {
    for (const field of ['times', 'opens', 'closes'] as const) {
      yield { record: group[field], symbol: undefined, field };
    }
    for (const listing of group.listings) {
      const { symbol } = manifest.assets[listing.sid]!;
      for (const [field, record] of Object.entries(listing.columns)) yield { record, symbol, field };
    }
  }
}

/** Returns the bytes that each file of the bundle must have. */
export function fileSizes(manifest: BundleManifest): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { record } of columnsOf(manifest)) {
    const end = record.offset + record.rows * Float64Array.BYTES_PER_ELEMENT;
    sizes.set(record.file, Math.max(sizes.get(record.file) ?? 0, end));
  }
  return sizes;
}

/**
 * Returns the manifest in `text`, checked member by member, so that nothing beyond it needs to doubt a number or a file name.
 * Throws {@link DataError} `BUNDLE_DAMAGED` for anything that the writer would not have written, and
 * {@link UsageError} `BUNDLE_FORMAT` for a bundle of another format version. `where` names the file in messages.
 */
export function parseManifest(text: string, where: string): BundleManifest {
  const refuse = (what: string): never => {
    throw new DataError('BUNDLE_DAMAGED', {
      message: `${where} is damaged: ${what}. Ingest the bundle again.`,
      details: { file: where, what },
    });
  };
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return refuse('it is not JSON');
  }
  const check = new Check(refuse);
  const root = check.record(json, 'manifest');
  if (root.formatVersion !== FORMAT_VERSION) {
    throw new UsageError('BUNDLE_FORMAT', {
      message: `${where} has bundle format ${JSON.stringify(root.formatVersion)}; this version of Hindcast reads ${FORMAT_VERSION}. Ingest the data again, or use the version that wrote it.`,
      details: { file: where, found: root.formatVersion, readable: FORMAT_VERSION },
    });
  }
  if (root.blockRows !== BLOCK_ROWS) refuse('blockRows');
  const assets = check.list(root.assets, 'assets').map((value, sid) => {
    const asset = check.record(value, `assets[${sid}]`);
    if (asset.sid !== sid) refuse(`assets[${sid}].sid`);
    check.text(asset.symbol, `assets[${sid}].symbol`);
    check.text(asset.currency, `assets[${sid}].currency`);
    if (asset.exchange !== undefined) check.text(asset.exchange, `assets[${sid}].exchange`);
    if (asset.tickers !== undefined) checkTickers(check, asset.tickers, `assets[${sid}].tickers`);
    for (const key of ['tick', 'lot', 'multiplier'] as const) check.number(asset[key], `assets[${sid}].${key}`);
    for (const key of ['priceDecimals', 'volumeDecimals'] as const) check.count(asset[key], `assets[${sid}].${key}`);
    return asset as unknown as Asset;
  });
  const calendars = check.list(root.calendars, 'calendars').map((value, place) => parseCalendar(check, value, place));
  const names = new Set(calendars.map(({ name }) => name));
  const groups = check
    .list(root.groups, 'groups')
    .map((value, place) => parseGroup(check, value, place, assets.length, names));
  const event = (kind: 'splits' | 'dividends', text: string) =>
    check.list(root[kind], kind).map((value, place) => {
      const found = check.record(value, `${kind}[${place}]`);
      if (check.count(found.sid, `${kind}[${place}].sid`) >= assets.length) refuse(`${kind}[${place}].sid`);
      check.integer(found.exDate, `${kind}[${place}].exDate`);
      check.text(found[text], `${kind}[${place}].${text}`);
      return found;
    });
  return {
    formatVersion: FORMAT_VERSION,
    blockRows: BLOCK_ROWS,
    synthetic: root.synthetic === true,
    assets,
    calendars,
    groups,
    splits: event('splits', 'ratio') as unknown as Split[],
    dividends: event('dividends', 'amount').map((found) => {
      if (found.payDate !== undefined) check.integer(found.payDate, 'payDate');
      return { ...found, payDate: found.payDate } as unknown as Dividend;
    }),
  };
}

function parseCalendar(check: Check, value: unknown, place: number): CalendarRecord {
  const at = `calendars[${place}]`;
  const calendar = check.record(value, at);
  check.text(calendar.name, `${at}.name`);
  check.text(calendar.timeZone, `${at}.timeZone`);
  check.number(calendar.sessionsPerYear, `${at}.sessionsPerYear`);
  check.number(calendar.sessionMinutes, `${at}.sessionMinutes`);
  check.integer(calendar.first, `${at}.first`);
  check.integer(calendar.last, `${at}.last`);
  for (const weekday of check.list(calendar.weekdays, `${at}.weekdays`)) {
    if (check.count(weekday, `${at}.weekdays`) > 6) check.refuse(`${at}.weekdays`);
  }
  const sessions = check.record(calendar.sessions, `${at}.sessions`);
  const rows = check.count(check.record(sessions.labels, `${at}.sessions.labels`).rows, `${at}.sessions.labels.rows`);
  for (const column of SESSION_COLUMNS) check.column(sessions[column], rows, `${at}.sessions.${column}`);
  return calendar as unknown as CalendarRecord;
}

function parseGroup(
  check: Check,
  value: unknown,
  place: number,
  assets: number,
  calendars: ReadonlySet<string>,
): GroupRecord {
  const at = `groups[${place}]`;
  const group = check.record(value, at);
  if (!calendars.has(check.text(group.calendar, `${at}.calendar`))) check.refuse(`${at}.calendar`);
  check.text(group.frequency, `${at}.frequency`);
  const rows = check.count(group.rows, `${at}.rows`);
  check.integer(group.start, `${at}.start`);
  check.integer(group.end, `${at}.end`);
  for (const axis of ['times', 'opens', 'closes'] as const) check.column(group[axis], rows, `${at}.${axis}`);
  for (const [index, item] of check.list(group.listings, `${at}.listings`).entries()) {
    const here = `${at}.listings[${index}]`;
    const listing = check.record(item, here);
    const first = check.count(listing.first, `${here}.first`);
    const end = check.count(listing.end, `${here}.end`);
    if (check.count(listing.sid, `${here}.sid`) >= assets || first >= end || end > rows) check.refuse(here);
    for (const [field, column] of Object.entries(check.record(listing.columns, `${here}.columns`))) {
      check.column(column, end - first, `${here}.columns.${field}`);
    }
  }
  return group as unknown as GroupRecord;
}

function checkTickers(check: Check, value: unknown, at: string): void {
  for (const [place, item] of check.list(value, at).entries()) {
    const period = check.record(item, `${at}[${place}]`);
    check.text(period.ticker, `${at}[${place}].ticker`);
    for (const key of ['from', 'to'] as const) {
      if (period[key] !== undefined) check.integer(period[key], `${at}[${place}].${key}`);
    }
  }
}

/** Refusals by kind of value; each returns what it checked. */
class Check {
  constructor(readonly refuse: (what: string) => never) {}

  record(value: unknown, what: string): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.refuse(what);
    return value as Record<string, unknown>;
  }

  list(value: unknown, what: string): unknown[] {
    return Array.isArray(value) ? value : this.refuse(what);
  }

  text(value: unknown, what: string): string {
    return typeof value === 'string' && value !== '' ? value : this.refuse(what);
  }

  number(value: unknown, what: string): number {
    return typeof value === 'number' && Number.isFinite(value) ? value : this.refuse(what);
  }

  integer(value: unknown, what: string): number {
    return Number.isSafeInteger(value) ? (value as number) : this.refuse(what);
  }

  count(value: unknown, what: string): number {
    return this.integer(value, what) >= 0 ? (value as number) : this.refuse(what);
  }

  /** A file name without folders, so that a manifest from elsewhere cannot reach outside its directory. */
  column(value: unknown, rows: number, what: string): void {
    const column = this.record(value, what);
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*\.f64$/.test(this.text(column.file, `${what}.file`))) this.refuse(`${what}.file`);
    if (this.count(column.offset, `${what}.offset`) % 8 !== 0) this.refuse(`${what}.offset`);
    if (column.rows !== rows) this.refuse(`${what}.rows`);
    const blocks = this.list(column.blocks, `${what}.blocks`);
    if (blocks.length !== Math.ceil(rows / BLOCK_ROWS)) this.refuse(`${what}.blocks`);
    if (!blocks.every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash))) this.refuse(`${what}.blocks`);
  }
}
