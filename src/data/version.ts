import { sha256 } from '../core/hash.js';
import { BLOCK_ROWS, type BundleManifest, manifestText } from './manifest.js';

/**
 * Returns a bundle's version: the SHA-256 of its manifest's canonical JSON, in hex. The manifest holds the hash of every
 * block of every column, so the version covers all content; it depends on nothing else.
 */
export const bundleVersion = (manifest: BundleManifest): string => sha256(manifestText(manifest));

/**
 * Returns the SHA-256 of each block of {@link BLOCK_ROWS} rows of a column, in order.
 * @param known hashes of the first blocks, where they are known already
 */
export function blockHashes(column: Float64Array, known: readonly string[] = []): string[] {
  const hashes = [...known];
  for (let row = hashes.length * BLOCK_ROWS; row < column.length; row += BLOCK_ROWS) {
    const block = column.subarray(row, row + BLOCK_ROWS);
    hashes.push(sha256(new Uint8Array(block.buffer, block.byteOffset, block.byteLength)));
  }
  return hashes;
}
