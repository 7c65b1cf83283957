import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from './owned-directory.js';

/** A version's entry into the history of a name. */
export interface VersionEntry {
  readonly version: string;
  /** Place in the history, from 1. Two writers at the same moment may share one. */
  readonly sequence: number;
  /** Wall clock of the entry, UTC milliseconds: for people, decides nothing. */
  readonly createdAt: number;
}

const FOLDER = 'log';
const ENTRY = /^(\d{6,})-(\d+)-([0-9a-f]{64})$/;

/**
 * The history of a bundle's name: a folder of empty files whose names are the entries. Making an empty file is one step, so an
 * entry is whole or absent, writers need no lock, and there is no content to be damaged.
 */
export class VersionLog {
  readonly directory: string;

  /** `nameDirectory` is the folder that holds the versions of one name. */
  constructor(nameDirectory: string) {
    this.directory = join(nameDirectory, FOLDER);
  }

  /** Returns the entries, oldest first. An entry whose version never came into place is among them: check the disk. */
  entries(): VersionEntry[] {
    return entriesOf(this.directory)
      .map((file) => ENTRY.exec(file))
      .filter((match) => match !== null)
      .map((match) => ({ sequence: Number(match[1]), createdAt: Number(match[2]), version: match[3]! }))
      .sort((a, b) => a.sequence - b.sequence || a.createdAt - b.createdAt || (a.version < b.version ? -1 : 1));
  }

  /** Adds an entry after all others. Throws the file system's errors. */
  append(version: string): VersionEntry {
    mkdirSync(this.directory, { recursive: true });
    const sequence = (this.entries().at(-1)?.sequence ?? 0) + 1;
    const entry = { version, sequence, createdAt: Date.now() };
    closeSync(openSync(join(this.directory, fileOf(entry)), 'a'));
    return entry;
  }

  /** Removes an entry; harmless when it is gone. */
  remove(entry: VersionEntry): void {
    rmSync(join(this.directory, fileOf(entry)), { force: true });
  }
}

const fileOf = ({ sequence, createdAt, version }: VersionEntry): string =>
  `${String(sequence).padStart(6, '0')}-${createdAt}-${version}`;
