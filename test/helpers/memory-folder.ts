// Tests write tens of thousands of small files, most of whose time is the disk's. Where memory is mounted as a folder, temporary files go there;
// TMPDIR names another place, a disk for example.
import { accessSync, constants, existsSync, statfsSync } from 'node:fs';

const MEMORY = '/dev/shm';
/** Containers have some 64 MB unless told otherwise. */
const LEAST_BYTES = 2 * 1024 ** 3;

/** Global setup of vitest. */
export function setup(): void {
  if (process.env.TMPDIR !== undefined || !hasRoom()) return;
  process.env.TMPDIR = MEMORY;
}

function hasRoom(): boolean {
  if (process.platform !== 'linux' || !existsSync(MEMORY)) return false;
  try {
    accessSync(MEMORY, constants.W_OK);
  } catch {
    return false;
  }
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= LEAST_BYTES;
}
