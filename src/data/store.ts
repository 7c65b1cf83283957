import { readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { asEpochMs, type EpochMs } from '../core/brand.js';
import { DataError, HindcastError, UsageError } from '../core/errors.js';
import { nearestHint } from '../core/suggest.js';
import type { Frequency } from '../market/bars.js';
import { removeStaleLocks } from './commit-lock.js';
import { type BundleManifest, MANIFEST_FILE, parseManifest } from './manifest.js';
import { bytesUnder, createOwnedDirectory, entriesOf, removeStale } from './owned-directory.js';
import { removeQuality } from './quality.js';
import { storeError } from './store-error.js';
import { type Damage, findDamage } from './verify.js';
import { VersionLog } from './version-log.js';

/** A version of a bundle that is on disk. */
export interface StoredVersion {
  readonly version: string;
  /** When it last became the newest; undefined when its history is lost. */
  readonly createdAt: EpochMs | undefined;
}

/** A bundle found by name. */
export interface ResolvedBundle {
  readonly name: string;
  readonly version: string;
  readonly directory: string;
}

/** One name of the store, as `bundles list` shows it. All but `versions` describes the newest version. */
export interface BundleSummary {
  readonly name: string;
  readonly newest: string;
  /** Oldest first. */
  readonly versions: readonly StoredVersion[];
  /** Symbols, sorted. */
  readonly assets: readonly string[];
  readonly groups: readonly {
    readonly calendar: string;
    readonly frequency: Frequency;
    readonly assets: number;
    /** Rows of all listings, missing bars included. */
    readonly rows: number;
    /** First and last label, both inclusive. */
    readonly start: EpochMs;
    readonly end: EpochMs;
  }[];
  /** Rows of all groups. */
  readonly rows: number;
  /** Bytes on disk of all versions. */
  readonly bytes: number;
  readonly synthetic: boolean;
  /** Why the newest version cannot be read; undefined when it can. Assets and groups are then empty. */
  readonly damaged: string | undefined;
}

/** Names are folder names on every system, and cannot leave the store. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const VERSION = /^[0-9a-f]{64}$/;
/** Milliseconds after which a history entry without its version is not one that a writer is about to fulfil. */
const PENDING_MS = 3600 * 1000;

/** Throws {@link UsageError} `BUNDLE_NAME` unless the name is letters, digits, '.', '_' and '-', beginning with a letter or digit. */
export function assertBundleName(name: string): void {
  if (NAME.test(name)) return;
  throw new UsageError('BUNDLE_NAME', {
    message: `'${name}' cannot name a bundle: use up to 100 letters, digits, '.', '_' and '-', beginning with a letter or digit.`,
    details: { name },
  });
}

/** The bundles of one machine: a folder for each name, in it a folder for each version, named by its hash. */
export class BundleStore {
  /** The folder that holds the names. */
  readonly directory: string;

  /**
   * Opens the store under `root`, and removes what killed writers left. Nothing is made on disk until a bundle is written.
   * @param root Folder that holds `bundles/`. Default: `HINDCAST_HOME`, else `~/.hindcast`.
   */
  constructor(root: string = process.env.HINDCAST_HOME || join(homedir(), '.hindcast')) {
    this.directory = join(resolve(root), 'bundles');
    removeStale(this.temporaryDirectory);
    removeStaleLocks(this.temporaryDirectory);
  }

  /** Where writers prepare bundles. On the disk of the store, so that a rename moves them into place. */
  get temporaryDirectory(): string {
    return join(this.directory, '.tmp');
  }

  /** Returns the names that have a version, sorted. */
  names(): string[] {
    return entriesOf(this.directory).filter((name) => NAME.test(name) && this.versionsOf(name).length > 0);
  }

  /** Returns the versions of a name that are on disk, the newest last; none for an unknown name. */
  versionsOf(name: string): StoredVersion[] {
    assertBundleName(name);
    const home = join(this.directory, name);
    const onDisk = new Set(entriesOf(home).filter((entry) => VERSION.test(entry)));
    const created = new Map<string, number>();
    for (const { version, createdAt } of new VersionLog(home).entries()) {
      // A version that was ingested again moves to its later place.
      created.delete(version);
      if (onDisk.has(version)) created.set(version, createdAt);
    }
    const forgotten = [...onDisk]
      .filter((version) => !created.has(version))
      .map((version) => ({ version, at: statSync(join(home, version), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
      .sort((a, b) => a.at - b.at);
    return [
      ...forgotten.map(({ version }) => ({ version, createdAt: undefined })),
      ...[...created].map(([version, createdAt]) => ({ version, createdAt: asEpochMs(createdAt) })),
    ];
  }

  /** Returns a summary of each name, sorted by name. A damaged bundle is listed with the reason. */
  list(): BundleSummary[] {
    return this.names().flatMap((name) => {
      const versions = this.versionsOf(name);
      const newest = versions.at(-1)?.version;
      return newest === undefined ? [] : [this.#summary(name, newest, versions)];
    });
  }

  /**
   * Returns the newest version of `NAME`, or the one version of `NAME@PREFIX` whose hash begins so. Throws {@link UsageError}
   * `BUNDLE_NOT_FOUND` naming what is here and how to ingest, `BUNDLE_AMBIGUOUS` for a prefix of several versions,
   * `BUNDLE_NAME` for what cannot be a name.
   */
  resolve(specification: string): ResolvedBundle {
    const [name = '', ...rest] = specification.split('@');
    const prefix = rest.join('@');
    assertBundleName(name);
    const versions = this.versionsOf(name);
    if (versions.length === 0) {
      const known = this.names();
      const here = known.length === 0 ? ' No bundle is ingested here yet.' : ` Ingested here: ${known.join(', ')}.`;
      throw new UsageError('BUNDLE_NOT_FOUND', {
        message: `No bundle named '${name}'.${nearestHint(name, known)}${here} Ingest it: hindcast ingest csv FILES --bundle ${name}`,
        details: { name, known, store: this.directory },
      });
    }
    const found = versions.filter(({ version }) => version.startsWith(prefix.toLowerCase()));
    if (found.length === 0) {
      throw new UsageError('BUNDLE_NOT_FOUND', {
        message: `Bundle '${name}' has no version '${prefix}'. Versions: ${versions.map(({ version }) => version.slice(0, 12)).join(', ')}. The same data, ingested again, makes the same version.`,
        details: { name, version: prefix, known: versions.map(({ version }) => version) },
      });
    }
    if (prefix !== '' && found.length > 1) {
      throw new UsageError('BUNDLE_AMBIGUOUS', {
        message: `'${specification}' fits ${found.length} versions: ${found.map(({ version }) => version.slice(0, 16)).join(', ')}. Give more digits.`,
        details: { name, version: prefix, known: found.map(({ version }) => version) },
      });
    }
    const { version } = found.at(-1)!;
    return { name, version, directory: join(this.directory, name, version) };
  }

  /**
   * Recomputes every hash of a bundle, reading all of it, and returns what was checked. Throws {@link DataError}
   * `BUNDLE_DAMAGED` whose details list each damaged file, column, asset and block, and what {@link BundleStore.resolve} throws.
   */
  async verify(specification: string): Promise<ResolvedBundle & { readonly bytes: number }> {
    const found = this.resolve(specification);
    const damages = await findDamage(found.directory);
    if (damages.length === 0) return { ...found, bytes: bytesUnder(found.directory) };
    throw new DataError('BUNDLE_DAMAGED', {
      message: `Bundle '${found.name}' ${found.version.slice(0, 12)} is damaged: ${damages.slice(0, 3).map(describe).join('; ')}${damages.length > 3 ? `; and ${damages.length - 3} more` : ''}. Ingest it again from its source.`,
      details: { ...found, damages },
    });
  }

  /**
   * Removes all but the newest version of each name, and what killed writers left. Open bundles stay readable where the system lets
   * an open file be removed (not on Windows). Returns the bytes freed and the versions removed.
   */
  clean(): {
    readonly bytesFreed: number;
    readonly removed: readonly { readonly name: string; readonly version: string }[];
  } {
    let bytesFreed = removeStale(this.temporaryDirectory);
    const removed: { name: string; version: string }[] = [];
    try {
      for (const name of this.names()) {
        const newest = this.versionsOf(name).at(-1)?.version;
        for (const { version } of this.versionsOf(name)) {
          if (version === newest) continue;
          bytesFreed += this.#remove(join(this.directory, name, version));
          removeQuality(this, name, version);
          removed.push({ name, version });
        }
        const log = new VersionLog(join(this.directory, name));
        for (const entry of log.entries()) {
          const pending =
            Date.now() - entry.createdAt < PENDING_MS && !removed.some((one) => one.version === entry.version);
          if (entry.version !== newest && !pending) log.remove(entry);
        }
      }
    } catch (error) {
      throw storeError(error, 'cleaning', this.directory);
    }
    return { bytesFreed, removed };
  }

  /** Out of its place in one step, so that nobody opens half a version; then deleted at leisure. */
  #remove(directory: string): number {
    const bytes = bytesUnder(directory);
    const temporary = createOwnedDirectory(this.temporaryDirectory);
    renameSync(directory, join(temporary, 'removed'));
    rmSync(temporary, { recursive: true, force: true });
    return bytes;
  }

  #summary(name: string, newest: string, versions: readonly StoredVersion[]): BundleSummary {
    const directory = join(this.directory, name, newest);
    let manifest: BundleManifest | undefined;
    let damaged: string | undefined;
    try {
      manifest = parseManifest(readFileSync(join(directory, MANIFEST_FILE), 'utf8'), join(directory, MANIFEST_FILE));
    } catch (error) {
      damaged =
        error instanceof HindcastError ? error.message : `its manifest cannot be read: ${(error as Error).message}`;
    }
    const groups = (manifest?.groups ?? []).map(({ calendar, frequency, listings, start, end }) => ({
      calendar,
      frequency,
      assets: listings.length,
      rows: listings.reduce((sum, listing) => sum + listing.end - listing.first, 0),
      start: asEpochMs(start),
      end: asEpochMs(end),
    }));
    return {
      name,
      newest,
      versions,
      assets: (manifest?.assets ?? []).map(({ symbol }) => symbol),
      groups,
      rows: groups.reduce((sum, { rows }) => sum + rows, 0),
      bytes: versions.reduce((sum, { version }) => sum + bytesUnder(join(this.directory, name, version)), 0),
      synthetic: manifest?.synthetic ?? false,
      damaged,
    };
  }
}

const describe = ({ file, symbol, field, block, rows, reason }: Damage): string =>
  rows === undefined
    ? `${file}: ${reason}`
    : `${symbol === undefined ? '' : `${symbol} `}${field} rows ${rows[0]} to ${rows[1] - 1} (block ${block} of that column in ${file}): ${reason}`;
