import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RunError } from '../core/errors.js';
import { entriesOf, isGone, ownerName } from './owned-directory.js';

const ENDING = '.lock';
/** Milliseconds between two looks at a lock that another process holds. A commit takes a few. */
const LOOK_MS = 3;
/** A lock without a text is between its making and its filling, or its owner died right there. */
const FILLING_MS = 1000;
/** Longer than any commit; whoever holds the lock so long is stopped, not working. */
const PATIENCE_MS = 60_000;

let unique = 0;

/**
 * Runs the last step of writing a version while nobody else takes that step for the same name, so that a version that extends the newest
 * one cannot miss what came in between. Waits for another holder; one that died is replaced.
 * Throws RunError `STORE_BUSY` when the holder lives but does not let go, and the file system's errors.
 * @param folder the store's folder for unfinished work
 */
export async function withCommitLock<T>(folder: string, name: string, commit: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${name}${ENDING}`);
  const began = Date.now();
  while (!take(file)) {
    const owner = ownerOf(file);
    const waited = Date.now() - began;
    if (owner === '' ? waited > FILLING_MS : owner !== undefined && isGone(owner)) removeStaleLock(file, owner!);
    else if (waited > PATIENCE_MS) {
      throw new RunError('STORE_BUSY', {
        message: `Another process (${owner}) has been finishing a version of '${name}' for a minute. Stop it, or remove ${file}.`,
        details: { name, file, owner },
      });
    } else await pause(LOOK_MS);
  }
  try {
    return await commit();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Removes the locks in a folder whose owners died. */
export function removeStaleLocks(folder: string): void {
  for (const entry of entriesOf(folder)) {
    if (!entry.endsWith(ENDING)) continue;
    const file = join(folder, entry);
    const owner = ownerOf(file);
    if (owner !== undefined && owner !== '' && isGone(owner)) removeStaleLock(file, owner);
  }
}

function take(file: string): boolean {
  try {
    writeFileSync(file, ownerName(), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function ownerOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Moved away first: of two that find it stale one alone succeeds, and a lock that was taken anew meanwhile goes back. */
function removeStaleLock(file: string, owner: string): void {
  const aside = `${file}.${process.pid}-${unique++}`;
  try {
    renameSync(file, aside);
    if (ownerOf(aside) === owner) rmSync(aside, { force: true });
    else renameSync(aside, file);
  } catch {
    // Another process was faster.
  }
}
