import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Bundle, Listing } from './bundle.js';
import type { AssetReport, IngestReport } from './ingest/ingest.js';
import type { SettledDecimals } from './ingest/precision.js';
import { createOwnedDirectory } from './owned-directory.js';
import type { BundleStore, ResolvedBundle } from './store.js';
import { storeError } from './store-error.js';

/** Folder of a name in which the reports lie, beside the versions: a version is its content, which does not tell what was left out. */
const FOLDER = 'quality';

/**
 * Stores what the ingest of a version found, in place of what an earlier ingest of the same content did. Throws RunError like `writeBundle`.
 */
export function saveQuality(
  store: BundleStore,
  { name, version }: Pick<ResolvedBundle, 'name' | 'version'>,
  report: IngestReport,
): void {
  let temporary: string | undefined;
  try {
    temporary = createOwnedDirectory(store.temporaryDirectory);
    const made = join(temporary, 'report.json');
    writeFileSync(made, JSON.stringify(report));
    const folder = join(store.directory, name, FOLDER);
    mkdirSync(folder, { recursive: true });
    renameSync(made, join(folder, `${version}.json`));
  } catch (error) {
    throw storeError(error, `writing the quality report of ${name}`, store.directory);
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

/**
 * Returns the report of an append after that of the version which it extended, as one: files, warnings and defects of both, the newer ones
 * last. Where both are of one asset, its bars are those that the bundle has now.
 */
export function joinReports(before: IngestReport, added: IngestReport, bundle: Bundle): IngestReport {
  const assets = new Map(before.assets.map((asset) => [keyOf(asset), asset]));
  for (const asset of added.assets) {
    const known = assets.get(keyOf(asset));
    assets.set(keyOf(asset), known === undefined ? asset : joinAssets(known, asset, bundle));
  }
  const quality = new Map(before.quality.map((entry) => [`${entry.defect} ${entry.policy}`, entry]));
  for (const entry of added.quality) {
    const key = `${entry.defect} ${entry.policy}`;
    const { count = 0, places = [] } = quality.get(key) ?? {};
    const first = [...places, ...entry.places].slice(0, Math.max(places.length, entry.places.length));
    quality.set(key, { ...entry, count: count + entry.count, places: first });
  }
  return {
    rows: before.rows + added.rows,
    files: [...before.files, ...added.files],
    assets: [...assets].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, asset]) => asset),
    splits: added.splits ?? before.splits,
    dividends: added.dividends ?? before.dividends,
    warnings: [...before.warnings, ...added.warnings],
    quality: [...quality.values()],
  };
}

const keyOf = ({ symbol, frequency }: AssetReport): string => `${symbol} ${frequency}`;

function joinAssets(before: AssetReport, added: AssetReport, bundle: Bundle): AssetReport {
  const group = bundle.groups.find((one) => one.frequency === added.frequency && one.calendar === added.calendar);
  const listing = group?.listings.find(({ asset }) => asset.symbol === added.symbol);
  return {
    ...added,
    first: Math.min(before.first, added.first),
    last: Math.max(before.last, added.last),
    bars: listing === undefined ? added.bars : barsIn(listing),
    missing: before.missing + added.missing,
    filled: before.filled + added.filled,
    prices: joinDecimals(before.prices, added.prices),
    volumes: joinDecimals(before.volumes, added.volumes),
  };
}

/** Returns how many bars a listing has, gaps not counted. */
function barsIn(listing: Listing): number {
  const close = listing.column('close');
  let bars = 0;
  for (let row = 0; row < close.length; row++) if (!Number.isNaN(close[row]!)) bars++;
  return bars;
}

const joinDecimals = (before: SettledDecimals, added: SettledDecimals): SettledDecimals => ({
  decimals: Math.max(before.decimals, added.decimals),
  rounded: before.rounded + added.rounded,
  largestChange: Math.max(before.largestChange, added.largestChange),
  source: before.rounded > 0 ? before.source : added.source,
});

/** Returns what the newest ingest of a version found; undefined for a version that no ingest of files made. */
export function readQuality(
  store: BundleStore,
  { name, version }: Pick<ResolvedBundle, 'name' | 'version'>,
): IngestReport | undefined {
  try {
    return JSON.parse(readFileSync(join(store.directory, name, FOLDER, `${version}.json`), 'utf8')) as IngestReport;
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw storeError(error, `reading the quality report of ${name}`, store.directory);
  }
}

/** Removes the report of a version; harmless when there is none. */
export function removeQuality(store: BundleStore, name: string, version: string): void {
  rmSync(join(store.directory, name, FOLDER, `${version}.json`), { force: true });
}
