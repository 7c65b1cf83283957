import { closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { nativeMemory } from './native-memory.js';
import { createOwnedDirectory, removeStale } from './owned-directory.js';
import { temporaryDirectory } from './temporary-directory.js';

/** Smaller columns stay in memory: many assets have few rows each, and a file for each would cost more than it spares. */
const LEAST_BYTES = 4 * 1024 * 1024;
/** Rows that a loop over several columns reads or writes between two releases. */
const ROWS_BETWEEN = 2 ** 19;
/** Values of whole columns that may be touched between two releases. */
const VALUES_BETWEEN = 2 ** 23;

/** How to let go of the memory of each column in use, and how to give its addresses back. */
interface Scratch {
  readonly release: () => void;
  readonly unmap: () => void;
}

const live = new Set<Scratch>();
let touched = 0;

const collected = new FinalizationRegistry<Scratch>((scratch) => {
  if (live.delete(scratch)) scratch.unmap();
});

/**
 * Returns a column of zeros for an ingest to work on. A large one lies in a file under the system's temporary folder that has no name any
 * more: it vanishes with the process, however that ends. {@link releaseScratch} lets its memory go and keeps its values, so that what an
 * ingest holds does not grow with its rows. Where files cannot be mapped, or the disk has no room, it lies in memory like any other.
 */
export function scratchColumn(rows: number): Float64Array<ArrayBuffer> {
  return new Float64Array(scratchMemory(rows * Float64Array.BYTES_PER_ELEMENT) ?? new ArrayBuffer(rows * 8), 0, rows);
}

/** Returns a column of whole numbers below 2^32, otherwise like {@link scratchColumn}. */
export function scratchPlaces(rows: number): Uint32Array<ArrayBuffer> {
  return new Uint32Array(scratchMemory(rows * Uint32Array.BYTES_PER_ELEMENT) ?? new ArrayBuffer(rows * 4), 0, rows);
}

/** Lets go the memory of all scratch columns; their values stay. Cheap where there are none. */
export function releaseScratch(): void {
  touched = 0;
  for (const { release } of live) release();
}

/**
 * Gives back all scratch columns of this thread, which must not be read or written any more: for a thread that ends, or that has handed over
 * what it made, since mappings outlive a thread.
 */
export function dropScratch(): void {
  for (const scratch of live) scratch.unmap();
  live.clear();
}

/** To be called with its number for each row of a loop over several columns: releases now and then. */
export function atRow(row: number): void {
  if (row % ROWS_BETWEEN === ROWS_BETWEEN - 1 && live.size > 0) releaseScratch();
}

/** To be called after a loop over so many values of one column: releases when they have become many. */
export function afterValues(count: number): void {
  touched += count;
  if (touched >= VALUES_BETWEEN && live.size > 0) releaseScratch();
}

function scratchMemory(bytes: number): ArrayBuffer | undefined {
  const memory = bytes < LEAST_BYTES ? undefined : nativeMemory();
  if (memory === undefined) return undefined;
  let folder: string | undefined;
  try {
    removeStale(temporaryDirectory());
    folder = createOwnedDirectory(temporaryDirectory());
    const file = openSync(join(folder, 'column'), 'wx+', 0o600);
    try {
      const mapping = memory.scratch(file, bytes);
      if (mapping === undefined) return undefined;
      const { buffer, discard, unmap } = mapping;
      // What is registered must not hold the buffer, or nothing would ever be collected.
      const scratch = { release: () => discard(0, bytes), unmap };
      live.add(scratch);
      collected.register(buffer, scratch);
      return buffer;
    } finally {
      closeSync(file);
    }
  } catch {
    // No room, no permission, no more mappings: memory serves as well, while it lasts.
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}
