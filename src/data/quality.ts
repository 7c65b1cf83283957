import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IngestReport } from './ingest/ingest.js';
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
