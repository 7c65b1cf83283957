import type { FlatParams } from '../space.js';
import type { Direction, JournalTrial, TrialEnding } from '../trial.js';

/** A study as its journal describes it. */
export interface StudyDescription {
  readonly name: string;
  readonly directions: readonly Direction[];
  /** What the study was made with, by key; plain data. */
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Where a study's trials are kept, in a file or in memory. One study, one writer. */
export interface Journal {
  /** The file; undefined in memory. */
  readonly path: string | undefined;
  /** What the journal held when it was opened; undefined for a new study. */
  readonly found: StudyDescription | undefined;
  /** Begins a new study. Called once, when nothing was found. */
  begin(study: StudyDescription): void;
  /** Keeps one attribute of the study, replacing an earlier one. */
  note(key: string, value: unknown): void;
  /** Adds the next trial, running. Trials are added in the order of their numbers. `saw` is as of a {@link JournalTrial}. */
  create(number: number, params: FlatParams, budget: number, saw?: number): void;
  /** Adds the next trial, waiting. */
  enqueue(number: number, params: FlatParams): void;
  /** Lets a waiting trial run. `saw` is as of a {@link JournalTrial}. */
  start(number: number, params: FlatParams, saw?: number): void;
  /** Ends a running trial. */
  finish(number: number, params: FlatParams, budget: number, ending: TrialEnding): void;
  /** Hands what was added to the operating system, so that it outlives this process. */
  flush(): void;
  /** Flushes, makes it outlive a power cut, and lets go of the file. Calling it twice is harmless. */
  close(): Promise<void>;
  /** Iterates over the finished trials by number, holding only those whose predecessors have not finished. */
  finished(): AsyncIterable<JournalTrial>;
}
