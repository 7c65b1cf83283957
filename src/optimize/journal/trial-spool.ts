import { randomUUID } from 'node:crypto';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { RunError } from '../../core/errors.js';
import type { JournalTrial, TrialEnding } from '../trial.js';

/** A finished trial that this process made. */
export type SpooledTrial = JournalTrial & Required<Pick<JournalTrial, 'ending'>>;

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
  add(trials: readonly SpooledTrial[]): void {
    const bytes = serialize(packed(trials));
    orFailed(() => {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(this.#file, bytes, written, bytes.length - written, this.#length + written);
      }
    });
    this.#places.push({ at: this.#length, length: bytes.length });
    this.#length += bytes.length;
  }

  /** Returns a reader of each group that was added so far. */
  groups(): (() => SpooledTrial[])[] {
    return this.#places.map((place) => () => this.#read(place));
  }

  #read({ at, length }: Place): SpooledTrial[] {
    const bytes = Buffer.allocUnsafe(length);
    for (let read = 0; read < length; ) {
      const count = readSync(this.#file, bytes, read, length - read, at + read);
      if (count === 0) throw new RangeError(`the file of finished trials ends at ${at + read}, not at ${at + length}`);
      read += count;
    }
    return unpacked(deserialize(bytes) as Packed);
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

/** Names of parameters, of what an ending says, and of its metrics: the same for most trials of a study. */
type Shape = readonly [params: readonly string[], ending: readonly string[], metrics: readonly string[]];

/** The values of a shape's names. Metrics are left out of the ending's. */
type Row = readonly [
  shape: number,
  number: number,
  budget: number,
  enqueued: boolean,
  params: readonly unknown[],
  ending: readonly unknown[],
  metrics: readonly unknown[],
];

/** Trials without the names, which make up half of them otherwise. */
interface Packed {
  readonly shapes: readonly Shape[];
  readonly rows: readonly Row[];
}

function packed(trials: readonly SpooledTrial[]): Packed {
  const shapes: Shape[] = [];
  const known = new Map<string, number>();
  const rows = trials.map(({ number, params, budget = 1, enqueued, ending: { metrics, ...ending } }): Row => {
    // An ending that has no metrics is another shape than one that has none of them.
    const names = metrics === undefined ? Object.keys(ending) : [...Object.keys(ending), 'metrics'];
    const shape: Shape = [Object.keys(params), names, Object.keys(metrics ?? {})];
    const key = JSON.stringify(shape);
    let index = known.get(key);
    if (index === undefined) {
      index = shapes.push(shape) - 1;
      known.set(key, index);
    }
    const values = [params, ending, metrics ?? {}].map(Object.values) as [unknown[], unknown[], unknown[]];
    return [index, number, budget, enqueued, ...values];
  });
  return { shapes, rows };
}

function unpacked({ shapes, rows }: Packed): SpooledTrial[] {
  return rows.map(([shape, number, budget, enqueued, ofParams, ofEnding, ofMetrics]) => {
    const [params, names, metrics] = shapes[shape]!;
    const ending = named(names, ofEnding);
    if ('metrics' in ending) ending.metrics = named(metrics, ofMetrics);
    const { state } = ending as unknown as TrialEnding;
    const whole = { number, params: named(params, ofParams), budget, enqueued, foreign: false, state, ending };
    return whole as unknown as SpooledTrial;
  });
}

const named = (names: readonly string[], values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(names.map((name, at) => [name, values[at]]));
