import { rmSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { sha256 } from '../core/hash.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import type { AllowedDefect } from './bar-defects.js';
import type { Bundle } from './bundle.js';
import { WindowPlan } from './column-memory.js';
import type { BundleDraft } from './draft.js';
import { layOut } from './layout.js';
import { manifestText, parseManifest } from './manifest.js';
import { createOwnedDirectory, removeStale } from './owned-directory.js';
import { defaultSharing, type OpenOptions, openBundle } from './reader.js';
import { layShared } from './shared-memory.js';
import { assertBundleName, BundleStore } from './store.js';
import { storeError } from './store-error.js';
import { temporaryDirectory } from './temporary-directory.js';
import { writeBundle } from './writer.js';

/** Settings of {@link bundleFromColumns}. */
export interface EphemeralOptions extends OpenOptions {
  /** Name of the bundle, as results will show it. @defaultValue 'ephemeral' */
  readonly name?: string;
  /**
   * What may be odd about prices, in the words of an ingest's policies: `['negative-price']` for a future that went below zero.
   * @defaultValue []
   */
  readonly allow?: readonly AllowedDefect[];
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Folders of this thread's ephemeral bundles that are open. */
const live = new Set<string>();

/**
 * Makes a bundle of arrays in memory and opens it, with the same hashes and handles as an ingested one. As `shared` it lies in memory alone; otherwise
 * in a temporary folder, which is removed when the bundle is disposed of, on failure, when the process exits or is interrupted, and, after it was
 * killed, by the next call of any process of the same user. Other threads open it by its handle while it lives.
 * Throws what `writeBundle` and `openBundle` throw.
 */
export async function bundleFromColumns(draft: BundleDraft, options: EphemeralOptions = {}): Promise<Bundle> {
  rejectUnknownKeys('bundleFromColumns', options, ['name', 'sharing', 'allow']);
  const { name = 'ephemeral', allow = [], ...open } = options;
  if ((open.sharing ?? defaultSharing()) === 'shared') return inMemory(name, draft, allow);
  const parent = ephemeralDirectory();
  removeStale(parent);
  let folder: string;
  try {
    folder = createOwnedDirectory(parent);
  } catch (error) {
    throw storeError(error, 'making a temporary bundle', parent);
  }
  remember(folder);
  try {
    const { directory } = await writeBundle(new BundleStore(folder), name, draft, { durable: false, allow });
    return openBundle(directory, open, () => forget(folder));
  } catch (error) {
    forget(folder);
    throw error;
  }
}

function inMemory(name: string, draft: BundleDraft, allow: readonly AllowedDefect[]): Bundle {
  assertBundleName(name);
  const { manifest: made, files } = layOut(draft, undefined, allow);
  const text = manifestText(made);
  const version = sha256(text);
  // As it would be read: exports write what a manifest says in its order.
  const manifest = parseManifest(text, name);
  return openBundle({ sharing: 'shared', name, version, manifest, files: layShared(new WindowPlan(manifest), files) });
}

/** Returns the folder under which the ephemeral bundles of this user lie. */
export const ephemeralDirectory = temporaryDirectory;

function remember(folder: string): void {
  if (live.size === 0) {
    process.on('exit', removeAll);
    if (isMainThread) for (const signal of SIGNALS) process.on(signal, onSignal);
  }
  live.add(folder);
}

function forget(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  live.delete(folder);
  if (live.size === 0) stopListening();
}

function stopListening(): void {
  process.off('exit', removeAll);
  for (const signal of SIGNALS) process.off(signal, onSignal);
}

function removeAll(): void {
  for (const folder of live) rmSync(folder, { recursive: true, force: true });
  live.clear();
}

/**
 * Listening to a signal keeps it from ending the process, so the last listener has to do that. Where the program listens too, the end is
 * its decision, and the exit removes the folders.
 */
function onSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  removeAll();
  stopListening();
  process.kill(process.pid, signal);
}
