import { closeSync, fdatasync, fdatasyncSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { RunError } from '../../core/errors.js';
import { withAppendLock } from './file-lock.js';
import { notWritable, writeFailed } from './write-errors.js';

/** Milliseconds that a record may wait for others to be written with it. */
const GROUP_MS = 10;
/** Characters that are written at once without waiting. */
const GROUP_CHARACTERS = 1 << 20;
/** Least milliseconds between two requests to the disk to keep what was written. */
const SYNC_MS = 100;

const sync = promisify(fdatasync);

/**
 * A file that only grows by whole groups of lines. Groups are written within 10 ms under Optuna's append lock and reach the disk
 * about 100 ms later, so a killed process loses at most the records of its last 10 ms; `flush` waits for nothing.
 * A group that cannot be written whole is taken back, so earlier lines stay whole.
 */
export class AppendFile {
  readonly path: string;
  readonly #descriptor: number;
  readonly #onForeign: (bytes: Buffer) => void;
  #size: number;
  #waiting = '';
  #writtenAt = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #syncedAt = Number.NEGATIVE_INFINITY;
  #syncing: Promise<void> | undefined;
  #unsynced = false;
  #failure: unknown;
  #closed = false;

  /**
   * Opens or creates a file for appending.
   * @param onForeign - hears what another program appended in between, before ours goes behind it; may throw to refuse it.
   * @throws UsageError `JOURNAL_NOT_WRITABLE`.
   */
  constructor(path: string, onForeign: (bytes: Buffer) => void) {
    this.path = path;
    this.#onForeign = onForeign;
    this.#descriptor = openForAppend(path);
    this.#size = fstatSync(this.#descriptor).size;
  }

  /** Cuts or completes a line that a killed process left unfinished. */
  repair(size: number, completion: string): void {
    withAppendLock(this.path, () => {
      ftruncateSync(this.#descriptor, size);
      this.#size = size;
    });
    this.append(completion);
    this.flush();
  }

  /** Adds whole lines. @throws what an earlier write failed with. */
  append(lines: string): void {
    this.#throwFailure();
    this.#waiting += lines;
    if (this.#waiting.length >= GROUP_CHARACTERS || performance.now() - this.#writtenAt >= GROUP_MS) this.flush();
    else this.#timer ??= setTimeout(() => this.#flushLater(), GROUP_MS);
  }

  /** Writes what waits. @throws RunError `JOURNAL_WRITE_FAILED`; the lines still wait then, for a later try. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#throwFailure();
    if (this.#waiting === '') return;
    const group = Buffer.from(this.#waiting, 'utf8');
    try {
      withAppendLock(this.path, () => this.#write(group));
    } catch (error) {
      throw writeFailed(error, this.path);
    }
    this.#waiting = '';
    this.#writtenAt = performance.now();
    this.#unsynced = true;
    if (this.#syncing === undefined && this.#writtenAt - this.#syncedAt >= SYNC_MS) this.#syncing = this.#sync();
  }

  /** Writes what waits, brings it to the disk and closes. Calling it twice is harmless. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#syncing;
      this.flush();
      await this.#syncing;
      if (this.#unsynced) fdatasyncSync(this.#descriptor);
    } catch (error) {
      throw writeFailed(error, this.path);
    } finally {
      clearTimeout(this.#timer);
      closeSync(this.#descriptor);
    }
  }

  #write(group: Buffer): void {
    const before = fstatSync(this.#descriptor).size;
    if (before !== this.#size) this.#admitForeign(before);
    try {
      for (let written = 0; written < group.length; ) written += writeSync(this.#descriptor, group, written);
    } catch (error) {
      this.#takeBack(before);
      throw error;
    }
    this.#size = before + group.length;
  }

  #takeBack(size: number): void {
    try {
      ftruncateSync(this.#descriptor, size);
    } catch {
      // The write's own failure is the one to tell; the torn line is cut when the study is opened again.
    }
  }

  #admitForeign(size: number): void {
    if (size < this.#size) {
      throw new RunError('JOURNAL_CHANGED', {
        message: `${this.path} became shorter while it was being written: another program changed it. Nothing more was written.`,
        details: { path: this.path, size, expected: this.#size },
      });
    }
    const bytes = Buffer.alloc(size - this.#size);
    const reading = openSync(this.path, 'r');
    try {
      readSync(reading, bytes, 0, bytes.length, this.#size);
    } finally {
      closeSync(reading);
    }
    this.#onForeign(bytes);
    this.#size = size;
  }

  #flushLater(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }

  async #sync(): Promise<void> {
    this.#unsynced = false;
    try {
      await sync(this.#descriptor);
    } catch (error) {
      this.#failure = writeFailed(error, this.path);
    } finally {
      this.#syncedAt = performance.now();
      this.#syncing = undefined;
    }
  }

  /** A failure that nobody could be told of is told to the next caller. */
  #throwFailure(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

function openForAppend(path: string): number {
  try {
    return openSync(path, 'a');
  } catch (error) {
    throw notWritable(error, path);
  }
}
