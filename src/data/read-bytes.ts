import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from '../core/errors.js';

/** Bytes of one read call: the system refuses 2 GiB at once. */
const CHUNK_BYTES = 256 * 1024 * 1024;

/**
 * Opens a file of a bundle for the length of `use`. Throws {@link DataError} `BUNDLE_DAMAGED` when it is missing or has not
 * `size` bytes: memory mapped beyond the end of a file would kill the process at its first read.
 */
export function withFile<T>(directory: string, file: string, size: number, use: (descriptor: number) => T): T {
  const path = join(directory, file);
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch (error) {
    throw damaged(path, `it cannot be opened (${(error as NodeJS.ErrnoException).code})`, error);
  }
  try {
    const found = fstatSync(descriptor).size;
    if (found !== size) throw damaged(path, `it has ${found} bytes instead of ${size}`);
    return use(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Fills `into` from byte `position` of an open file. */
export function readInto(descriptor: number, into: Uint8Array, position: number): void {
  for (let at = 0; at < into.length; ) {
    const read = readSync(descriptor, into, at, Math.min(CHUNK_BYTES, into.length - at), position + at);
    if (read === 0) throw damaged('a file of the bundle', 'it ended while it was read');
    at += read;
  }
}

const damaged = (path: string, reason: string, cause?: unknown): DataError =>
  new DataError('BUNDLE_DAMAGED', {
    message: `${path} is damaged: ${reason}. Ingest the bundle again, or see 'hindcast bundles verify'.`,
    details: { file: path, reason },
    cause,
  });
