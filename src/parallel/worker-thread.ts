import { type ResourceLimits, Worker } from 'node:worker_threads';
import { workerEntry } from '../core/worker-entry-url.js';
import type { RecordingSettings } from '../profiling/recorder.js';
import type { ActiveRun, Entry, KnownJob } from './active-run.js';
import { monotonicNow } from './monotonic-clock.js';
import type { FromWorker, ToWorker, WorkerBirth } from './protocol.js';
import { type RunningTask, WorkerSlot } from './worker-slot.js';

/** Milliseconds that a recorded thread gets beside its grace, to hand over what may be tens of megabytes. */
const HAND_OVER = 30_000;

/** Tasks that a worker has been given in one message. */
export interface Lease {
  readonly number: number;
  readonly run: ActiveRun;
  /** What is left of it for this worker: the parent may have taken tasks back from the end. */
  entries: Entry[];
  /** Tasks whose results have arrived: the first ones of `entries`. */
  received: number;
  /** True when its run counts it no more. */
  dropped: boolean;
}

/** How a thread ended. */
export interface Death {
  readonly exitCode: number;
  /** What escaped in the thread, when that ended it. */
  readonly error: (Error & { code?: string }) | undefined;
}

/** What a thread tells its pool. */
export interface ThreadListener {
  onMessage(thread: WorkerThread, message: FromWorker): void;
  /** Called once, after the last message. */
  onDeath(thread: WorkerThread, death: Death): void;
}

/** The parent's side of one worker thread: its leases, its slot, its counters. */
export class WorkerThread {
  readonly slot = new WorkerSlot().clear();
  /** Oldest first, at most two. */
  readonly leases: Lease[] = [];
  /** Jobs that were sent, and those of them that are not answered yet: the first of these is being set up. */
  readonly attached = new Set<number>();
  readonly attaching = new Set<number>();
  readonly threadId: number;
  readonly startedAt = monotonicNow();
  /** Milliseconds from the start to the thread's first message. */
  readyAfterMs: number | undefined;
  given = 0;
  done = 0;
  busyMs = 0;
  /** UTC milliseconds of the last result. */
  lastActive: number | undefined;
  /** No lease any more: it is to be replaced when it is idle. */
  retiring = false;
  /** The task that is past its deadline and for which the thread is being terminated. */
  overdue: RunningTask | undefined;
  /** It has handed over what it recorded of itself. */
  recorded = false;
  /** The pool ended it: whatever it was doing is not to blame. */
  terminated = false;
  /** Resolves when the thread has ended. */
  readonly ended: Promise<void>;

  readonly #worker: Worker;
  readonly #handOverMs: number;
  #leaseNumber = 0;

  constructor(
    readonly id: number,
    threads: number,
    resourceLimits: ResourceLimits,
    recording: RecordingSettings | undefined,
    listener: ThreadListener,
  ) {
    this.#handOverMs = recording === undefined ? 0 : HAND_OVER;
    const workerData: WorkerBirth = { workerId: id, threads, slot: this.slot.buffer, recording };
    this.#worker = new Worker(workerEntry(import.meta.url, './worker-entry.js'), {
      workerData,
      resourceLimits,
      name: `hindcast-${id}`,
      // Threads inherit Node's flags, loaders among them, but refuse to start from a file with this one.
      ...(process.execArgv.some((flag) => flag.startsWith('--input-type')) ? { execArgv: [] } : {}),
    });
    this.threadId = this.#worker.threadId;
    this.#worker.on('message', (message: FromWorker) => listener.onMessage(this, message));
    let error: Death['error'];
    this.#worker.on('error', (thrown: unknown) => {
      error = thrown instanceof Error ? thrown : new Error(String(thrown));
    });
    // A result that cannot be read here must not leave its task open for ever.
    this.#worker.on('messageerror', (thrown: Error) => {
      error = thrown;
      this.terminate();
    });
    this.ended = new Promise((resolve) => {
      this.#worker.once('exit', (exitCode) => {
        listener.onDeath(this, { exitCode, error });
        resolve();
      });
    });
  }

  /** Whether it may get another lease; `allowance` is the most tasks a worker lives for. */
  usable(allowance: number): boolean {
    return !this.retiring && !this.terminated && this.given < allowance;
  }

  /** Lets it import a module before a job asks for it. */
  load(module: string): void {
    this.#post({ kind: 'load', module });
  }

  /** Sends a job's setup unless it has it. @throws DataCloneError */
  attach(job: KnownJob): void {
    if (this.attached.has(job.number)) return;
    this.#post({ kind: 'attach', job: job.number, module: job.module, setup: job.setup });
    this.attached.add(job.number);
    this.attaching.add(job.number);
  }

  /** Drops a job's runner; returns whether the thread will answer with `released`. */
  release(job: number): boolean {
    if (!this.attached.delete(job)) return false;
    this.#post({ kind: 'release', job });
    return true;
  }

  /** Sends tasks. @throws DataCloneError when one cannot be sent; nothing is changed then. */
  lease(run: ActiveRun, entries: Entry[]): void {
    this.attach(run.job);
    const number = this.#leaseNumber + 1;
    this.slot.open(number, entries.length);
    const tasks = entries.map(({ task }) => task);
    this.#post({ kind: 'lease', job: run.job.number, lease: number, tasks, prompt: run.prompt });
    this.#leaseNumber = number;
    this.given += entries.length;
    this.leases.push({ number, run, entries, received: 0, dropped: false });
    run.leasesOut++;
  }

  /** Takes back at most `most` tasks that the worker has not begun, from the end of a lease. */
  revoke(lease: Lease, most: number): Entry[] {
    const taken = lease.entries.splice(this.slot.revoke(lease.number, most));
    this.given -= taken.length;
    return taken;
  }

  /** Whether it holds tasks of a run that it has not begun. */
  hasUnclaimed(run: ActiveRun): boolean {
    return this.leases.some((lease) => lease.run === run && !lease.dropped && this.slot.unclaimed(lease.number) > 0);
  }

  /** The running task with its lease and entry. */
  running(): { readonly at: RunningTask; readonly lease: Lease; readonly entry: Entry } | undefined {
    const at = this.slot.running();
    const lease = this.leases.find(({ number }) => (number & 0x7fff) === at?.lease);
    const entry = lease?.entries[at?.index ?? -1];
    return at && lease && entry ? { at, lease, entry } : undefined;
  }

  /** Whether an idle thread keeps the process alive. */
  holdProcess(hold: boolean): void {
    if (hold) this.#worker.ref();
    else this.#worker.unref();
  }

  /** Lets it dispose its runners and end; after `graceMs` it is terminated. */
  async stop(graceMs: number): Promise<void> {
    this.#post({ kind: 'stop' });
    const timer = setTimeout(() => this.terminate(), graceMs + this.#handOverMs);
    await this.ended;
    clearTimeout(timer);
  }

  /** Ends it at once, whatever it does. */
  terminate(): void {
    this.terminated = true;
    void this.#worker.terminate();
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }
}
