import { RunError, UsageError } from '../core/errors.js';
import { checkKinds, SIGNAL } from '../core/option-kind.js';
import { rejectUnknownKeys } from '../core/suggest.js';
import { NOT_YET, type OutcomeListener, type RunOptions, type TaskOutcome, type TaskSource } from './executor.js';
import { LeaseSize } from './lease-size.js';

/** A task on its way. */
export interface Entry {
  readonly task: unknown;
  /** Place in the order the source gave. */
  readonly index: number;
  /** Workers that died under it. */
  crashes: number;
  /** Whether it is to be the only task its worker holds, because it was with a worker that died. */
  alone: boolean;
}

/** A job as a pool knows it: under a number, which is what messages carry. */
export interface KnownJob {
  readonly number: number;
  readonly key: string;
  readonly module: string;
  readonly subject: string | undefined;
  readonly setup: unknown;
}

/** Options of a run, complete. */
export type ResolvedRunOptions = Required<Omit<RunOptions, 'signal'>> & Pick<RunOptions, 'signal'>;

/** Milliseconds that setting up a job may take at least, where tasks have a longest time: a busy machine takes seconds to load modules and open data. */
const LEAST_SETUP_TIME = 10_000;

/** Milliseconds that a timer of Node waits at most; one that is asked for more fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Returns run options with defaults filled in. @throws UsageError for an unknown key or a value out of range. */
export function resolveRunOptions(options: RunOptions): ResolvedRunOptions {
  rejectUnknownKeys('run', options, ['signal', 'taskTimeoutMs', 'setupTimeoutMs', 'retries', 'graceMs', 'startWith']);
  checkKinds(options, { signal: SIGNAL });
  const { signal, taskTimeoutMs = Number.POSITIVE_INFINITY, retries = 1, graceMs = 2000 } = options;
  const { setupTimeoutMs = Math.max(taskTimeoutMs, LEAST_SETUP_TIME), startWith = Number.POSITIVE_INFINITY } = options;
  if (!(taskTimeoutMs > 0)) throw invalid('taskTimeoutMs', taskTimeoutMs, 'a number of milliseconds above 0');
  if (!(setupTimeoutMs > 0)) throw invalid('setupTimeoutMs', setupTimeoutMs, 'a number of milliseconds above 0');
  if (!Number.isInteger(retries) || retries < 0) throw invalid('retries', retries, 'a whole number from 0');
  if (!(graceMs >= 0)) throw invalid('graceMs', graceMs, 'a number of milliseconds from 0');
  if (!(startWith >= 1)) throw invalid('startWith', startWith, 'a number of threads from 1');
  return {
    ...{ taskTimeoutMs, setupTimeoutMs, retries, startWith },
    graceMs: Math.min(graceMs, LONGEST_TIMER),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** Returns the error for an option that is out of range. */
export function invalid(option: string, value: unknown, expected: string): UsageError {
  return new UsageError('INVALID_OPTION', {
    message: `${option} is ${String(value)}. Give ${expected}.`,
    details: { option, value },
  });
}

/** Returns the error of a run that a signal stopped. */
export function interrupted(signal: AbortSignal, told: number, lost: number): RunError {
  return new RunError('INTERRUPTED', {
    message: `The run was stopped: ${told} tasks are done, ${lost} were begun or queued and are not.`,
    details: { told, lost },
    cause: signal.reason,
  });
}

/** Returns the error of a source that waits for something that can never come. */
export function stalled(): RunError {
  return new RunError('SOURCE_STALLED', {
    message:
      'The task source waits although nothing is running. Give it onReady, or let next() return undefined at the end.',
  });
}

/** One call of a pool's `run`: what it has taken from its source, and how it ends. Knows no worker. */
export class ActiveRun {
  readonly size = new LeaseSize();
  /** Leases that workers still hold; a stopped run ends when there are none. */
  leasesOut = 0;
  /** Workers that died holding its leases between tasks, since its last result. */
  idleDeaths = 0;
  told = 0;
  /** Runs from the first lease, where the pool has not started all of its threads. */
  growTimer: NodeJS.Timeout | undefined;
  /** Runs from the stop to the end of the grace. */
  stopTimer: NodeJS.Timeout | undefined;
  /** Whether the source has ever waited. Then results go to it one by one, for it may wait for just this one. */
  prompt = false;
  failed = 0;
  /** Makes the error with which the run ends early; set once, called at the end. */
  stopReason: (() => unknown) | undefined;
  readonly finished: Promise<void>;

  readonly #queue: Entry[] = [];
  /** Tasks that were with a worker when it died: they travel alone, so that one cannot harm another again. */
  readonly #suspects: Entry[] = [];
  #taken = 0;
  #ended = false;
  #waiting = false;
  #mute = false;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(
    readonly job: KnownJob,
    readonly source: TaskSource<unknown>,
    readonly onOutcome: OutcomeListener<unknown, unknown>,
    readonly options: ResolvedRunOptions,
  ) {
    this.finished = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  /** Asks the source again after it said NOT_YET. */
  wake(): void {
    this.#waiting = false;
  }

  /**
   * Returns up to `most` tasks for one lease; empty when there are none now.
   *
   * @param workers - workers of the pool
   * @param asking - how many of them want a lease just now
   * @param holdsNone - whether the worker is without any lease
   */
  take(workers: number, asking: number, most: number, holdsNone: boolean): Entry[] {
    if (this.stopReason !== undefined) return [];
    const suspect = holdsNone ? this.#suspects.shift() : undefined;
    if (suspect !== undefined) return [suspect];
    const want = Math.min(most, this.size.next(workers, this.#remaining()));
    this.#pull(want * asking);
    if (this.stopReason !== undefined) return [];
    return this.#queue.splice(0, Math.min(want, Math.ceil(this.#queue.length / asking)));
  }

  /** Takes back tasks that no worker began. */
  giveBack(entries: readonly Entry[]): void {
    if (this.stopReason === undefined) this.#queue.unshift(...entries);
  }

  /** Takes back tasks that a dead worker had; each will travel alone. */
  suspect(entries: readonly Entry[]): void {
    if (this.stopReason !== undefined) return;
    for (const entry of entries) {
      entry.alone = true;
      this.#suspects.push(entry);
    }
  }

  /** Tells an outcome. What the listener throws stops the run. */
  tell(entry: Entry, outcome: TaskOutcome<unknown>, worker: number, milliseconds: number): void {
    this.#waiting = false;
    if (this.#mute) return;
    this.told++;
    if (outcome.state === 'failed') this.failed++;
    try {
      this.onOutcome(entry.task, entry.index, outcome, { id: worker, milliseconds });
    } catch (error) {
      this.#mute = true;
      this.stop(() => error);
    }
  }

  /** Ends the run early, once the leases are back. Later reasons are ignored. */
  stop(reason: () => unknown): void {
    this.stopReason ??= reason;
    this.#queue.length = 0;
    this.#suspects.length = 0;
  }

  /** Whether tasks may follow those that workers hold. */
  get hasMore(): boolean {
    return !this.#ended || this.#queue.length > 0 || this.#suspects.length > 0;
  }

  /** Tasks that were taken from the source and not told. */
  get open(): number {
    return this.#taken - this.told;
  }

  /** Settles the run if it is over; returns whether it is. */
  settleIfOver(): boolean {
    if (this.stopReason === undefined && this.#waiting && this.open === 0 && this.source.onReady === undefined) {
      this.stop(stalled);
    }
    if (this.stopReason !== undefined) {
      if (this.leasesOut > 0) return false;
      this.#mute = true;
      this.#settle.reject(this.stopReason());
      return true;
    }
    if (!this.#ended || this.open > 0) return false;
    this.#settle.resolve();
    return true;
  }

  #remaining(): number | undefined {
    if (this.#ended) return this.#queue.length;
    const coming = this.source.remaining?.();
    return coming === undefined ? undefined : coming + this.#queue.length;
  }

  #pull(want: number): void {
    while (this.#queue.length < want && !this.#ended && !this.#waiting) {
      let task: unknown;
      try {
        task = this.source.next();
      } catch (error) {
        this.stop(() => error);
        return;
      }
      if (task === undefined) this.#ended = true;
      else if (task === NOT_YET) this.#waiting = this.prompt = true;
      else this.#queue.push({ task, index: this.#taken++, crashes: 0, alone: false });
    }
  }
}
