/** Most tasks of one lease; the cursor packs two numbers of 15 bits. */
export const MAX_LEASE = 1024;

const RUNNING = 0;
const CURSOR = 1; // two words: leases of even and of odd number
const STARTED_AT = 2; // in units of 8 bytes: after the words above
const FRACTION = 3;
const SETUP = 3; // in words, the last one before the numbers
const BYTES = 32;
const NOTHING = -1;

/** The task a worker is at. */
export interface RunningTask {
  /** Low 15 bits of the lease's number. */
  readonly lease: number;
  readonly index: number;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
  readonly fraction: number;
}

/** The job whose runner a worker is making. */
export interface RunningSetup {
  readonly job: number;
  /** Milliseconds of the monotonic clock. */
  readonly startedAt: number;
}

/**
 * The few bytes that a worker and its parent share, so that the parent knows what a worker does that answers no
 * message, and can take back tasks that the worker has not begun. A lease's cursor holds (end, next) in one word and
 * changes by compare-and-exchange only: the worker raises `next`, the parent lowers `end`, and no task is both
 * begun and taken back. A worker has at most two leases, of consecutive numbers.
 */
export class WorkerSlot {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(buffer: SharedArrayBuffer = new SharedArrayBuffer(BYTES)) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
    this.#numbers = new Float64Array(buffer);
  }

  /** Parent, before the worker runs: nothing is running or being set up. */
  clear(): this {
    Atomics.store(this.#words, RUNNING, NOTHING);
    Atomics.store(this.#words, SETUP, NOTHING);
    return this;
  }

  /** Parent: makes tasks 0 to `count` - 1 of a lease claimable. */
  open(lease: number, count: number): void {
    Atomics.store(this.#words, CURSOR + (lease & 1), count << 16);
  }

  /** Worker: claims the next task of a lease; -1 when none is left. */
  claim(lease: number): number {
    const word = CURSOR + (lease & 1);
    for (;;) {
      const cursor = Atomics.load(this.#words, word);
      const next = cursor & 0xffff;
      if (next >= cursor >>> 16) return -1;
      if (Atomics.compareExchange(this.#words, word, cursor, cursor + 1) === cursor) return next;
    }
  }

  /** Parent: how many tasks of a lease were claimed. */
  claimed(lease: number): number {
    return Atomics.load(this.#words, CURSOR + (lease & 1)) & 0xffff;
  }

  /** Parent: how many tasks of a lease are still claimable. */
  unclaimed(lease: number): number {
    const cursor = Atomics.load(this.#words, CURSOR + (lease & 1));
    return Math.max(0, (cursor >>> 16) - (cursor & 0xffff));
  }

  /** Parent: takes back at most `most` unclaimed tasks from the end of a lease; returns the lease's new length. */
  revoke(lease: number, most: number): number {
    const word = CURSOR + (lease & 1);
    for (;;) {
      const cursor = Atomics.load(this.#words, word);
      const next = cursor & 0xffff;
      const end = Math.max(next, (cursor >>> 16) - most);
      if (Atomics.compareExchange(this.#words, word, cursor, (end << 16) | next) === cursor) return end;
    }
  }

  /** Worker: a task begins. */
  begin(lease: number, index: number, startedAt: number): void {
    this.#numbers[STARTED_AT] = startedAt;
    this.#numbers[FRACTION] = 0;
    Atomics.store(this.#words, RUNNING, ((lease & 0x7fff) << 16) | index);
  }

  /** Worker: how far the task is. */
  progress(fraction: number): void {
    this.#numbers[FRACTION] = fraction;
  }

  /** Worker: the task has ended. */
  end(): void {
    Atomics.store(this.#words, RUNNING, NOTHING);
  }

  /** Worker: begins to make a job's runner. No task runs meanwhile. */
  beginSetup(job: number, startedAt: number): void {
    this.#numbers[STARTED_AT] = startedAt;
    Atomics.store(this.#words, SETUP, job);
  }

  /** Worker: the runner is made, or cannot be. */
  endSetup(): void {
    Atomics.store(this.#words, SETUP, NOTHING);
  }

  /** Parent: the job whose runner is being made now. */
  settingUp(): RunningSetup | undefined {
    for (;;) {
      const job = Atomics.load(this.#words, SETUP);
      if (job === NOTHING) return undefined;
      const startedAt = this.#numbers[STARTED_AT]!;
      if (Atomics.load(this.#words, SETUP) === job) return { job, startedAt };
    }
  }

  /** Parent: the task running now. */
  running(): RunningTask | undefined {
    for (;;) {
      const word = Atomics.load(this.#words, RUNNING);
      if (word === NOTHING) return undefined;
      const startedAt = this.#numbers[STARTED_AT]!;
      const fraction = this.#numbers[FRACTION]!;
      // Unchanged after reading, the numbers belong to this task or, for an instant, to its successor: never older.
      if (Atomics.load(this.#words, RUNNING) === word) {
        return { lease: word >>> 16, index: word & 0xffff, startedAt, fraction };
      }
    }
  }
}
