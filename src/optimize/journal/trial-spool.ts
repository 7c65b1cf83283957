import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { RunError } from '../../core/errors.js';
import type { TrialData } from './packed-trials.js';

/** Where a group of trials stands in the file. */
interface Place {
  readonly at: number;
  readonly length: number;
}

/**
 * Finished trials in a file of the temporary folder that has no name: no other process sees it, and the system takes it back when this process
 * ends in whatever way, or when nobody holds the spool any more.
 */
export class TrialSpool {
  readonly #file: number;
  readonly #places: Place[] = [];
  #length = 0;

  /** @throws RunError `JOURNAL_WRITE_FAILED` */
  constructor() {
    const path = join(tmpdir(), `hindcast-trials-${randomUUID()}`);
    this.#file = orFailed(() => {
      const file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return file;
    });
    unheld.register(this, this.#file);
  }

  /** Adds a group of trials. @throws RunError `JOURNAL_WRITE_FAILED` when it cannot be written whole */
  add(trials: TrialData): void {
    const bytes = serialize(trials);
    orFailed(() => {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#file, bytes, written, bytes.length - written, this.#length + written);
      }
    });
    this.#places.push({ at: this.#length, length: bytes.length });
    this.#length += bytes.length;
  }

  /** Returns a reader of each group that was added so far. */
  groups(): (() => TrialData)[] {
    return this.#places.map((place) => () => this.#read(place));
  }

  #read({ at, length }: Place): TrialData {
    const bytes = Buffer.allocUnsafe(length);
    for (let read = 0; read < length; ) {
      const count = readSync(this.#file, bytes, read, length - read, at + read);
      if (count === 0) throw new RangeError(`the file of finished trials ends at ${at + read}, not at ${at + length}`);
      read += count;
    }
    return deserialize(bytes) as TrialData;
  }
}

const unheld = new FinalizationRegistry<number>((file) => closeSync(file));

function orFailed<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (typeof code !== 'string') throw error;
    throw new RunError('JOURNAL_WRITE_FAILED', {
      message: `Cannot keep finished trials in the temporary folder ${tmpdir()}: ${message}. Make room there, name another folder by TMPDIR, or give the search a study file.`,
      details: { path: tmpdir(), code },
      cause: error,
    });
  }
}
