import { closeSync, linkSync, lstatSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { RunError, UsageError } from '../../core/errors.js';
import { notWritable } from './write-errors.js';

/** Milliseconds after which an append lock that nobody renewed counts as left behind: Optuna's own figure. */
const ABANDONED_AFTER_MS = 30_000;

let unique = 0;

/** Returns a name beside a path that nobody else uses. */
const besides = (path: string, ending: string): string => `${path}.${process.pid}-${Date.now()}-${unique++}.${ending}`;

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Runs `append` under the lock that every Optuna process takes for one append (`PATH.lock`, made exclusively). Waits for another
 * holder; one that has held it for 30 seconds is taken for dead, as Optuna does.
 */
export function withAppendLock<T>(path: string, append: () => T, abandonedAfterMs = ABANDONED_AFTER_MS): T {
  const lock = `${path}.lock`;
  let seen = Number.NaN;
  let seenAt = 0;
  for (;;) {
    try {
      closeSync(openSync(lock, 'wx'));
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const changed = lstatSync(lock, { throwIfNoEntry: false })?.mtimeMs;
    if (changed !== seen) {
      seen = changed ?? Number.NaN;
      seenAt = performance.now();
    } else if (performance.now() - seenAt >= abandonedAfterMs) remove(lock);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
  try {
    return append();
  } finally {
    remove(lock);
  }
}

/** Renamed first, as Optuna does: of two that remove, one alone succeeds. */
function remove(lock: string): void {
  const renamed = besides(lock, 'rename');
  try {
    renameSync(lock, renamed);
    unlinkSync(renamed);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Who writes a study. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one that was given the same id; '' where the system does not say. */
  readonly born: string;
  /** UTC, ISO 8601. */
  readonly since: string;
}

/**
 * Makes this process the only writer of a study until the returned function is called. An owner that died is replaced.
 * @throws UsageError `STUDY_LOCKED` naming the owner, `JOURNAL_NOT_WRITABLE` when the folder cannot be written.
 */
export function ownStudy(path: string): () => void {
  const file = `${resolve(path)}.owner`;
  const owner: Owner = {
    pid: process.pid,
    host: hostname(),
    born: birthOf(process.pid),
    since: new Date().toISOString(),
  };
  const draft = besides(file, 'draft');
  try {
    writeFileSync(draft, `${JSON.stringify(owner)}\n`);
  } catch (error) {
    throw notWritable(error, path);
  }
  try {
    for (let attempt = 0; attempt < 100; attempt++) {
      try {
        // A link appears with its content: no other process ever reads half an owner.
        linkSync(draft, file);
        return () => release(file, owner);
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      const present = readOwner(file);
      if (present !== undefined && isAlive(present)) throw locked(path, file, present);
      remove(file);
    }
  } finally {
    unlinkSync(draft);
  }
  throw new RunError('OWNER_FILE_UNSTABLE', {
    message: `Other processes keep replacing ${file}. Try again.`,
    details: { file },
  });
}

function release(file: string, owner: Owner): void {
  const present = readOwner(file);
  if (present?.pid === owner.pid && present.since === owner.since) remove(file);
}

function locked(path: string, file: string, { pid, host, since }: Owner): UsageError {
  const here = host === hostname();
  const who = here ? (pid === process.pid ? `this process (${pid})` : `process ${pid}`) : `process ${pid} on ${host}`;
  const next = here ? 'Wait for it, or stop it first.' : `If it is gone, delete ${file}.`;
  return new UsageError('STUDY_LOCKED', {
    message: `The study ${path} is being written by ${who} since ${since}. ${next}`,
    details: { path, pid, host, since },
  });
}

function readOwner(file: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(file, 'utf8')) as Owner;
    return typeof owner.pid === 'number' ? owner : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive({ pid, host, born }: Owner): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it lives, but belongs to another user.
    if (codeOf(error) !== 'EPERM') return false;
  }
  const now = birthOf(pid);
  return born === '' || now === '' || born === now;
}

/** The kernel's start time of a process, in ticks since boot; '' where there is no /proc. */
function birthOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in parentheses and may hold anything; the start time is the 22nd.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
