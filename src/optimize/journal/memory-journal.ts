import type { FlatParams } from '../space.js';
import type { JournalTrial, TrialEnding } from '../trial.js';
import type { Journal, StudyDescription } from './journal.js';

/** A journal that lives as long as its study: for searches without a file. It holds every finished trial. */
export class MemoryJournal implements Journal {
  readonly path = undefined;
  readonly found = undefined;
  readonly #trials: (JournalTrial | undefined)[] = [];
  readonly #enqueued = new Set<number>();

  begin(_study: StudyDescription): void {}

  note(_key: string, _value: unknown): void {}

  create(_number: number, _params: FlatParams, _budget: number): void {}

  enqueue(number: number, _params: FlatParams): void {
    this.#enqueued.add(number);
  }

  start(_number: number, _params: FlatParams): void {}

  finish(number: number, params: FlatParams, budget: number, ending: TrialEnding): void {
    this.#trials[number] = {
      number,
      params,
      budget,
      enqueued: this.#enqueued.has(number),
      foreign: false,
      state: ending.state,
      ending,
    };
  }

  flush(): void {}

  async close(): Promise<void> {}

  async *finished(): AsyncGenerator<JournalTrial> {
    for (const trial of this.#trials) if (trial !== undefined) yield trial;
  }
}
