import { closeSync, fsyncSync, mkdirSync, openSync, rmdirSync, rmSync } from 'node:fs';
import { type FileHandle, link, mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { HindcastError, RunError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import type { AllowedDefect } from './bar-defects.js';
import { withCommitLock } from './commit-lock.js';
import type { BundleDraft } from './draft.js';
import { type BundleLayout, type KnownBlocks, layOut } from './layout.js';
import { type BundleManifest, columnsOf, MANIFEST_FILE, manifestText } from './manifest.js';
import { createOwnedDirectory, entriesOf, removeStale } from './owned-directory.js';
import { afterValues } from './scratch.js';
import { assertBundleName, type BundleStore } from './store.js';
import { storeError } from './store-error.js';
import { findDamage } from './verify.js';
import { type VersionEntry, VersionLog } from './version-log.js';

/** Where a written bundle is. */
export interface WrittenBundle {
  readonly name: string;
  /** SHA-256 of the canonical manifest, in hex. */
  readonly version: string;
  readonly directory: string;
  /** True when the store held this very content under this name, whole: nothing was written but the history of the name. */
  readonly alreadyPresent: boolean;
}

/** Settings of {@link writeBundle}. */
export interface WriteOptions {
  /** Waits until the disk has everything. Only data that may vanish with the process goes without. @defaultValue true */
  readonly durable?: boolean;
  /**
   * What may be odd about prices of a draft: such of a future that went below zero are no mistake, and refused unless they are let in here. The
   * policies of an ingest decide about its own. @defaultValue []
   */
  readonly allow?: readonly AllowedDefect[];
}

/** Bytes handed to the system at once: enough to be fast, small enough that other work of the thread comes between. */
const CHUNK_BYTES = 8 * 1024 * 1024;

/** The version that a draft extends. */
export interface ExtendedVersion {
  readonly version: string;
  readonly directory: string;
  readonly manifest: BundleManifest;
  /** Hashes of the first blocks of the columns that continue its own. */
  readonly known: KnownBlocks;
}

/**
 * Writes a draft into the store as the newest version of `name`. The bundle is made beside the others and renamed into place, so that
 * a reader sees all of it or nothing; what a killed writer left is removed by the next one. Writers of the same name do not disturb
 * each other. A damaged copy of the same version is replaced.
 *
 * Throws DataError `DRAFT_INVALID` for a draft that contradicts itself or holds values that are no bars, UsageError `BUNDLE_NAME` or `STORE_UNUSABLE`,
 * RunError `DISK_FULL`, `NO_PERMISSION` or `STORE_FAILED`; of a draft that extends a version also RunError `APPEND_OVERTAKEN`, when that is
 * no longer the newest. The store is then as it was before.
 * @param base the version that the draft extends: files that stay as they are are linked, not written again
 */
export async function writeBundle(
  store: BundleStore,
  name: string,
  draft: BundleDraft,
  { durable = true, allow = [] }: WriteOptions = {},
  base?: ExtendedVersion,
): Promise<WrittenBundle> {
  assertBundleName(name);
  const layout = layOut(draft, base?.known, allow);
  const version = sha256(manifestText(layout.manifest));
  const directory = join(store.directory, name, version);
  const result = { name, version, directory };
  let temporary: string | undefined;
  try {
    removeStale(store.temporaryDirectory);
    const present = entriesOf(directory).length > 0;
    const commit = <T>(step: () => Promise<T>): Promise<T> =>
      withCommitLock(store.temporaryDirectory, name, async () => {
        assertNewest(store, name, base);
        return step();
      });
    if (present && (await findDamage(directory)).length === 0) {
      await commit(async () => {
        if (store.versionsOf(name).at(-1)?.version !== version)
          new VersionLog(join(store.directory, name)).append(version);
      });
      return { ...result, alreadyPresent: true };
    }
    const own = createOwnedDirectory(store.temporaryDirectory);
    temporary = own;
    const made = join(own, version);
    await writeFiles(made, layout, durable, base);
    const alreadyPresent = await commit(async () => {
      if (present) await rename(directory, join(own, 'damaged')).catch(() => {});
      return moveIntoPlace(store, result, made, durable);
    });
    return { ...result, alreadyPresent };
  } catch (error) {
    if (error instanceof HindcastError) throw error;
    throw storeError(error, `writing bundle ${name}`, store.directory);
  } finally {
    if (temporary !== undefined) rmSync(temporary, { recursive: true, force: true });
  }
}

/** Of two that extend one version, the second would lose what the first added. */
function assertNewest(store: BundleStore, name: string, base: ExtendedVersion | undefined): void {
  const newest = store.versionsOf(name).at(-1)?.version;
  if (base === undefined || newest === base.version) return;
  throw new RunError('APPEND_OVERTAKEN', {
    message: `While rows were added to '${name}' ${base.version.slice(0, 12)}, another ingest made ${newest?.slice(0, 12)} the newest version. Nothing was stored. Append again.`,
    details: { name, base: base.version, newest },
  });
}

async function writeFiles(
  directory: string,
  { manifest, files }: BundleLayout,
  durable: boolean,
  base: ExtendedVersion | undefined,
): Promise<void> {
  await mkdir(directory);
  const [before, after] = [base?.manifest, manifest].map((one) => (one === undefined ? new Map() : contentsOf(one)));
  for (const [file, columns] of files) {
    const path = join(directory, file);
    const isSame = base !== undefined && before!.get(file) === after!.get(file);
    if (isSame && (await linked(join(base.directory, file), path))) continue;
    await writeFile(path, columns, durable);
  }
  await writeFile(join(directory, MANIFEST_FILE), [Buffer.from(manifestText(manifest))], durable);
  if (durable) syncDirectory(directory);
}

/** Returns what the manifest says of the bytes of each file. */
function contentsOf(manifest: BundleManifest): Map<string, string> {
  const contents = new Map<string, string>();
  for (const { record } of columnsOf(manifest)) {
    const { file, offset, rows, blocks } = record;
    contents.set(file, `${contents.get(file) ?? ''}${offset} ${rows} ${blocks.join(' ')};`);
  }
  return contents;
}

/** Makes a file of a version one of another, too: both are never changed. False where the file system has no links. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch {
    return false;
  }
}

async function writeFile(path: string, parts: readonly (Float64Array | Buffer)[], durable: boolean): Promise<void> {
  // Read-only from the start: a bundle is never changed, not even by a slip of its owner.
  const file = await open(path, 'wx', 0o444);
  try {
    for (const part of parts) {
      await writeFully(file, new Uint8Array(part.buffer, part.byteOffset, part.byteLength));
      afterValues(part.length);
    }
    if (durable) await file.sync();
  } finally {
    await file.close();
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(CHUNK_BYTES, bytes.length - at));
    at += bytesWritten;
  }
}

/**
 * The rename is the moment at which the version exists. Its entry in the history comes first, because an entry without a version is
 * ignored, while a version without an entry would not be found to be the newest. Returns true when another writer was faster.
 */
async function moveIntoPlace(
  store: BundleStore,
  { name, version, directory }: Omit<WrittenBundle, 'alreadyPresent'>,
  made: string,
  durable: boolean,
): Promise<boolean> {
  const home = join(store.directory, name);
  mkdirSync(home, { recursive: true });
  const log = new VersionLog(home);
  let entry: VersionEntry | undefined;
  try {
    entry = log.append(version);
    if (durable) syncDirectory(log.directory);
    await rename(made, directory);
    if (durable) for (const path of [home, store.directory]) syncDirectory(path);
    return false;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error)) && entriesOf(directory).length > 0) return true;
    if (entry !== undefined) log.remove(entry);
    for (const path of [log.directory, home]) removeIfEmpty(path);
    throw error;
  }
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {}
}

/** Makes names in a directory durable. Windows has no such call, and needs none. */
function syncDirectory(directory: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(directory, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';
