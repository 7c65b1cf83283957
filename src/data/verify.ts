import { readdirSync, readFileSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HindcastError } from '../core/errors.js';
import { sha256 } from '../core/hash.js';
import { BLOCK_ROWS, type BundleManifest, columnsOf, fileSizes, MANIFEST_FILE, parseManifest } from './manifest.js';

/** One place of a bundle whose bytes are not what was written. */
export interface Damage {
  readonly file: string;
  /** What is wrong, in words. */
  readonly reason: string;
  readonly symbol?: string;
  readonly field?: string;
  /** Index of the damaged block within the column, from 0. */
  readonly block?: number;
  /** Rows of the column that the block holds: `[from, to)`. */
  readonly rows?: readonly [number, number];
}

const ROW_BYTES = Float64Array.BYTES_PER_ELEMENT;

/**
 * Returns every damaged place of the version in `directory`, whose name is the version: bytes of the manifest, missing, foreign,
 * shortened and lengthened files, and each block of each column. Empty when all bytes are what was written.
 * Reads the whole bundle, a block at a time.
 */
export async function findDamage(directory: string): Promise<Damage[]> {
  let manifest: BundleManifest;
  try {
    const text = readFileSync(join(directory, MANIFEST_FILE));
    if (sha256(text) !== basename(directory)) {
      return [{ file: MANIFEST_FILE, reason: 'its hash is not the version of the bundle' }];
    }
    manifest = parseManifest(text.toString(), MANIFEST_FILE);
  } catch (error) {
    if (error instanceof HindcastError) return [{ file: MANIFEST_FILE, reason: error.message }];
    return [{ file: MANIFEST_FILE, reason: `it cannot be read (${(error as Error).message})` }];
  }
  const damages = fileDamage(directory, manifest);
  const unreadable = new Set(damages.map(({ file }) => file));
  const open = new OpenFile(directory);
  const buffer = Buffer.alloc(BLOCK_ROWS * ROW_BYTES);
  try {
    for (const { record, symbol, field } of columnsOf(manifest)) {
      if (unreadable.has(record.file)) continue;
      const file = await open.file(record.file);
      for (const [block, hash] of record.blocks.entries()) {
        const from = block * BLOCK_ROWS;
        const to = Math.min(record.rows, from + BLOCK_ROWS);
        const bytes = await readFully(
          file,
          buffer.subarray(0, (to - from) * ROW_BYTES),
          record.offset + from * ROW_BYTES,
        );
        if (sha256(bytes) === hash) continue;
        const place = { file: record.file, field, block, rows: [from, to] as const };
        damages.push({ ...place, ...(symbol === undefined ? {} : { symbol }), reason: 'its bytes have changed' });
      }
    }
  } finally {
    await open.close();
  }
  return damages;
}

function fileDamage(directory: string, manifest: BundleManifest): Damage[] {
  const sizes = fileSizes(manifest);
  const damages: Damage[] = [];
  for (const [file, size] of sizes) {
    const found = statSync(join(directory, file), { throwIfNoEntry: false });
    if (found === undefined) damages.push({ file, reason: 'it is missing' });
    else if (found.size !== size) damages.push({ file, reason: `it has ${found.size} bytes instead of ${size}` });
  }
  for (const file of readdirSync(directory)) {
    if (file !== MANIFEST_FILE && !sizes.has(file)) damages.push({ file, reason: 'it is no part of the bundle' });
  }
  return damages;
}

/** Keeps the last file open: columns of one file come together more often than not. */
class OpenFile {
  #name: string | undefined;
  #handle: FileHandle | undefined;

  constructor(readonly directory: string) {}

  async file(name: string): Promise<FileHandle> {
    if (this.#handle === undefined || this.#name !== name) {
      await this.close();
      this.#handle = await open(join(this.directory, name), 'r');
      this.#name = name;
    }
    return this.#handle;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = undefined;
  }
}

/** Returns the bytes read: fewer than asked when the file ends before. */
async function readFully(file: FileHandle, into: Buffer, position: number): Promise<Buffer> {
  let at = 0;
  while (at < into.length) {
    const { bytesRead } = await file.read(into, at, into.length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return into.subarray(0, at);
}
