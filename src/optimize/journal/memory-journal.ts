import type { FlatParams } from '../space.js';
import type { JournalTrial, TrialEnding } from '../trial.js';
import type { Journal, StudyDescription } from './journal.js';
import { type OwnTrial, PackedTrials, unpack } from './packed-trials.js';
import { TrialSpool } from './trial-spool.js';

/** Finished trials that are held in memory. */
const HELD = 8_192;

/**
 * A journal that lives as long as its study: for searches without a file. It holds the last finished trials; when they are more than it holds, they
 * move to a nameless file in the temporary folder, so that its memory does not grow with the study.
 */
export class MemoryJournal implements Journal {
  readonly path = undefined;
  readonly found = undefined;
  readonly #most: number;
  readonly #enqueued = new Set<number>();
  /** In the order in which they ended. */
  #held = new PackedTrials();
  #spool: TrialSpool | undefined;

  /** @param most finished trials that are held, from 1. @defaultValue 8,192 */
  constructor(most: number = HELD) {
    this.#most = most;
  }

  begin(_study: StudyDescription): void {}

  note(_key: string, _value: unknown): void {}

  create(_number: number, _params: FlatParams, _budget: number): void {}

  enqueue(number: number, _params: FlatParams): void {
    this.#enqueued.add(number);
  }

  start(_number: number, _params: FlatParams): void {}

  /** @throws RunError `JOURNAL_WRITE_FAILED` when the temporary folder is full or refuses a file */
  finish(number: number, params: FlatParams, budget: number, ending: TrialEnding): void {
    if (this.#held.count === this.#most) {
      this.#spool ??= new TrialSpool();
      this.#spool.add(this.#held.data());
      this.#held = new PackedTrials();
    }
    this.#held.add(number, params, budget, this.#enqueued.has(number), ending);
  }

  flush(): void {}

  async close(): Promise<void> {}

  async *finished(): AsyncGenerator<JournalTrial> {
    const held = this.#held.data();
    const groups = [...(this.#spool?.groups() ?? []), () => held];
    const ahead = new Map<number, OwnTrial>();
    let next = 0;
    for (const group of groups) {
      for (const trial of unpack(group())) ahead.set(trial.number, trial);
      for (let trial = ahead.get(next); trial !== undefined; trial = ahead.get(++next)) {
        ahead.delete(next);
        yield trial;
      }
    }
    // Behind a trial that has not ended.
    yield* [...ahead.values()].sort((a, b) => a.number - b.number);
  }
}
