import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Milliseconds after which a directory whose owner cannot be asked (another machine) counts as left behind. */
const FOREIGN_AGE_MS = 24 * 3600 * 1000;

const host = hostname().replace(/[^A-Za-z0-9.-]/g, '-') || 'host';

/**
 * Makes a directory under `parent` whose name says who owns it: host, process id, start of the process, random digits.
 * A killed owner cannot clean up, but whoever starts next sees that the owner is gone: see {@link removeStale}.
 */
export function createOwnedDirectory(parent: string): string {
  mkdirSync(parent, { recursive: true });
  const directory = join(parent, `${ownerName()}~${randomBytes(6).toString('hex')}`);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/** Returns what names this process to all others: host, process id, start of the process. */
export const ownerName = (): string => `${host}~${process.pid}~${startOf(process.pid) ?? 0}`;

/** Whether the process that {@link ownerName} named is known to be gone; of another machine's nothing is known. */
export function isGone(owner: string): boolean {
  const [machine, pid, start] = owner.split('~');
  return machine === host && isDead(Number(pid), start ?? '0');
}

/**
 * Removes the directories under `parent` whose owners are dead, and returns the bytes freed. Directories of living processes,
 * and what was not made by {@link createOwnedDirectory}, stay. What cannot be removed (no permission, a race) stays too:
 * cleaning is a service to the disk, and must not stop the work that happens to come next.
 */
export function removeStale(parent: string): number {
  let freed = 0;
  for (const name of entriesOf(parent)) {
    const [owner, pid, start] = name.split('~');
    const directory = join(parent, name);
    if (name.split('~').length !== 4 || !isStale(directory, owner!, Number(pid), start!)) continue;
    try {
      const bytes = bytesUnder(directory);
      rmSync(directory, { recursive: true, force: true });
      freed += bytes;
    } catch {}
  }
  return freed;
}

/** Returns the bytes of all files under a path; 0 when it is gone. */
export function bytesUnder(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.size;
  return entriesOf(path).reduce((sum, name) => sum + bytesUnder(join(path, name)), 0);
}

/** Returns the names in a directory, sorted; none when it does not exist or may not be read. */
export function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

function isStale(directory: string, owner: string, pid: number, start: string): boolean {
  if (owner !== host) {
    const found = statSync(directory, { throwIfNoEntry: false });
    return found !== undefined && Date.now() - found.mtimeMs > FOREIGN_AGE_MS;
  }
  return isDead(pid, start);
}

const isDead = (pid: number, start: string): boolean =>
  !isAlive(pid) || (start !== '0' && startOf(pid) !== undefined && startOf(pid) !== start);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Clock ticks since boot at which a process started: tells it from a later one with the same id. Linux only. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
