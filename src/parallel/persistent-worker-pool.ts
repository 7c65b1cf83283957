import { RunError, UsageError } from '../core/errors.js';
import { ActiveRun, type Entry, interrupted, type KnownJob, resolveRunOptions } from './active-run.js';
import { deathError, setupTimeoutError, startError, taskNotCloneable, timeoutError } from './death-reason.js';
import {
  type Activity,
  type Executor,
  type Job,
  NOT_YET,
  type OutcomeListener,
  type PrepareOptions,
  type RunOptions,
  type TaskOutcome,
  type TaskSource,
} from './executor.js';
import { monotonicNow } from './monotonic-clock.js';
import { type PoolOptions, type ResolvedPoolOptions, resolvePoolOptions } from './pool-options.js';
import { type PoolStatistics, workerStatistics } from './pool-statistics.js';
import { jobError, portableError } from './portable-error.js';
import type { FromWorker, Results } from './protocol.js';
import { runBatch } from './task-source.js';
import { type Death, type Lease, type ThreadListener, WorkerThread } from './worker-thread.js';

/** Leases a worker may hold: one it works on and one to go on with while the parent is busy. */
const LEASES_PER_WORKER = 2;
/** Deaths of workers between tasks that one run bears without a result before it is given up. */
const IDLE_DEATHS = 10;
/** Milliseconds after which a run that began with few threads gets all: what another one takes to start, load and compile the same code again. */
const GROW_AFTER = 300;

/**
 * Worker threads that live through many runs. Threads start at the first run (or `ready`), import each job's module by
 * URL, and keep its runner until `release`, so that searches and walk-forward windows after one another, or at the same
 * time, share them.
 *
 * A thread that dies (uncaught error, `process.exit`, heap limit, deadline) is replaced, and what it had not reported is
 * run again elsewhere. What ends the whole process, such as an abort in native code, no thread pool survives.
 */
export class PersistentWorkerPool implements Executor {
  readonly workers: number;
  readonly #options: ResolvedPoolOptions;
  readonly #listener: ThreadListener;
  readonly #threads: WorkerThread[] = [];
  /** Threads asked to stop that have not ended. */
  readonly #leaving = new Set<WorkerThread>();
  readonly #jobs = new Map<string, KnownJob>();
  readonly #runs: ActiveRun[] = [];
  readonly #releases = new Map<WorkerThread, Map<number, () => void>>();
  /** Called when a thread has made a runner. */
  readonly #attachListeners = new Set<() => void>();
  #closing: Promise<void> | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #dispatching = false;
  #dispatchAgain = false;
  #waitingForReady: { resolve: () => void; reject: (error: unknown) => void }[] = [];
  #jobNumber = 0;
  #threadNumber = 0;
  /** Threads that are kept up; as many as `workers`, unless runs began with fewer. */
  #wanted = 0;
  #activeSince = 0;
  #activeMs = 0;
  #counters = { threadsLost: 0, tasksCompleted: 0, tasksFailed: 0, tasksRetried: 0, runs: 0, reuseCount: 0, busyMs: 0 };
  #lastActive: number | undefined;

  /** @throws UsageError `INVALID_POOL_SIZE`, `INVALID_OPTION`, `UNKNOWN_OPTION` */
  constructor(options: PoolOptions = {}) {
    this.#options = resolvePoolOptions(options);
    this.workers = this.#options.workers;
    this.#listener = {
      onMessage: (thread, message) => this.#onMessage(thread, message),
      onDeath: (thread, death) => this.#onDeath(thread, death),
    };
  }

  /** {@inheritDoc Executor.run} */
  async run<T, R>(
    job: Job,
    source: TaskSource<T>,
    onOutcome: OutcomeListener<T, R>,
    options: RunOptions = {},
  ): Promise<void> {
    const resolved = resolveRunOptions(options);
    this.#assertOpen();
    const { signal } = resolved;
    const run = new ActiveRun(
      this.#know(job),
      source as TaskSource<unknown>,
      onOutcome as OutcomeListener<unknown, unknown>,
      resolved,
    );
    if (signal?.aborted === true) throw interrupted(signal, 0, 0);

    this.#counters.runs++;
    if (this.#threads.length > 0) this.#counters.reuseCount++;
    if (this.#runs.length === 0) this.#activeSince = monotonicNow();
    this.#runs.push(run);
    const onAbort = (): void => this.#stopRun(run, () => interrupted(signal!, run.told, run.open));
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      this.#startThreads(resolved.startWith);
      for (const thread of this.#threads) {
        thread.holdProcess(true);
        this.#attach(thread, run);
      }
      if (deadlineOf(run) < Number.POSITIVE_INFINITY) this.#watch();
      source.onReady?.(() => {
        run.wake();
        this.#dispatch();
      });
    } catch (error) {
      this.#stopRun(run, () => error);
    }
    this.#dispatch();
    try {
      await run.finished;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Runs a list of tasks; returns their outcomes in the order of the list. */
  runBatch<T, R>(job: Job, tasks: readonly T[], options: RunOptions = {}): Promise<TaskOutcome<R>[]> {
    return runBatch(this, job, tasks, options);
  }

  /** {@inheritDoc Executor.prepare} */
  async prepare(job: Job, options: PrepareOptions = {}): Promise<void> {
    this.#assertOpen();
    const { number } = this.#know(job);
    const hasRunner = ({ attached, attaching }: WorkerThread): boolean =>
      attached.has(number) && !attaching.has(number);
    let heard: (() => void) | undefined;
    // A run without tasks, which ends when every thread has answered: what can go wrong in a run is handled there.
    const source: TaskSource<never> = {
      next: () => (this.#threads.every(hasRunner) ? undefined : NOT_YET),
      onReady: (wake) => {
        heard = wake;
        this.#attachListeners.add(wake);
      },
    };
    try {
      await this.run(job, source, () => {}, options);
    } finally {
      if (heard !== undefined) this.#attachListeners.delete(heard);
    }
  }

  /** Starts so many threads now, which load a module at once: while the caller still finds out what there is to do. */
  begin(threads: number, module: string): void {
    this.#assertOpen();
    this.#startThreads(threads);
    for (const thread of this.#threads) thread.load(module);
  }

  /** Starts all threads now, and resolves when they answer. @throws RunError when one cannot start */
  async ready(): Promise<void> {
    this.#assertOpen();
    this.#startThreads(this.workers);
    if (this.#threads.every(({ readyAfterMs }) => readyAfterMs !== undefined)) return;
    await new Promise<void>((resolve, reject) => {
      this.#waitingForReady.push({ resolve, reject });
    });
  }

  /** Replaces every thread by a fresh one, busy ones after their leases; resolves when the fresh ones answer. */
  async resetWorkers(): Promise<void> {
    this.#assertOpen();
    const old = [...this.#threads];
    for (const thread of old) {
      thread.retiring = true;
      this.#retireIfIdle(thread);
    }
    await Promise.all(old.map(({ ended }) => ended));
    if (this.#closing === undefined) await this.ready();
  }

  /** {@inheritDoc Executor.release} */
  async release(key: string): Promise<void> {
    const job = this.#jobs.get(key);
    if (job === undefined) return;
    if (this.#runs.some((run) => run.job === job)) {
      throw new UsageError('JOB_IN_USE', {
        message: `Job '${key}' is running. Release it when its run has ended.`,
        details: { key },
      });
    }
    this.#jobs.delete(key);
    const answers = this.#threads.map((thread) => {
      if (!thread.release(job.number)) return undefined;
      const waiting = this.#releases.get(thread) ?? new Map<number, () => void>();
      this.#releases.set(thread, waiting);
      return new Promise<void>((resolve) => waiting.set(job.number, resolve));
    });
    this.#limitSetups(job, this.#options.graceMs);
    await Promise.all(answers);
  }

  /** {@inheritDoc Executor.activity} */
  activity(): readonly Activity[] {
    const now = monotonicNow();
    const utc = performance.timeOrigin + performance.now();
    return this.#threads.flatMap((thread) => {
      const running = thread.running();
      if (running === undefined) return [];
      const { at, lease, entry } = running;
      const startedAt = utc - (now - at.startedAt);
      return { worker: thread.id, job: lease.run.job.key, task: entry.index, fraction: at.fraction, startedAt };
    });
  }

  /** Returns what the pool has done so far, active runs included. */
  statistics(): PoolStatistics {
    const { tasksCompleted, tasksFailed } = this.#told();
    const told = tasksCompleted + tasksFailed;
    const activeMs = this.#activeMs + (this.#runs.length > 0 ? monotonicNow() - this.#activeSince : 0);
    return {
      ...this.#counters,
      tasksCompleted,
      tasksFailed,
      workers: this.workers,
      threadsStarted: this.#threadNumber,
      throughput: activeMs === 0 ? 0 : (told / activeMs) * 1000,
      successRate: told === 0 ? undefined : tasksCompleted / told,
      lastActive: this.#lastActive,
      perWorker: this.#threads.map(workerStatistics),
    };
  }

  /** Returns a line for people: size, state and tasks so far. */
  toString(): string {
    const state = this.#closing
      ? 'closed'
      : this.#runs.length > 0
        ? 'running'
        : this.#threads.length > 0
          ? 'idle'
          : 'not started';
    const { tasksCompleted, tasksFailed } = this.#told();
    return `PersistentWorkerPool(workers=${this.workers}, ${state}, completed=${tasksCompleted}, failed=${tasksFailed})`;
  }

  /**
   * Ends the pool: active runs reject with `POOL_CLOSED` after their grace, runners are disposed, threads end, those
   * that do not within the grace are terminated. Nothing keeps the process alive afterwards.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** True from {@link close} on: it runs nothing any more. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const runs = [...this.#runs];
    for (const run of runs) {
      const message = `The pool was closed while job '${run.job.key}' was running.`;
      this.#stopRun(run, () => new RunError('POOL_CLOSED', { message }), this.#options.graceMs);
    }
    await Promise.allSettled(runs.map(({ finished }) => finished));
    for (const waiter of this.#waitingForReady.splice(0)) {
      waiter.reject(new RunError('POOL_CLOSED', { message: 'The pool was closed before its threads were ready.' }));
    }
    for (const thread of this.#threads.splice(0)) this.#dismiss(thread);
    await Promise.all([...this.#leaving].map(({ ended }) => ended));
  }

  #told(): { readonly tasksCompleted: number; readonly tasksFailed: number } {
    let { tasksCompleted, tasksFailed } = this.#counters;
    for (const { told, failed } of this.#runs) {
      tasksCompleted += told - failed;
      tasksFailed += failed;
    }
    return { tasksCompleted, tasksFailed };
  }

  #assertOpen(): void {
    if (this.#closing === undefined) return;
    throw new UsageError('POOL_CLOSED', { message: 'The pool is closed. Make a new one.' });
  }

  #know(job: Job): KnownJob {
    const known = this.#jobs.get(job.key);
    if (known !== undefined && known.module !== job.module) {
      throw new UsageError('JOB_KEY_TAKEN', {
        message: `Job key '${job.key}' belongs to ${known.module}. Use another key, or release it first.`,
        details: { key: job.key, module: known.module },
      });
    }
    if (known !== undefined) return known;
    const { key, module, subject, setup } = job;
    const fresh = { number: ++this.#jobNumber, key, module, subject, setup };
    this.#jobs.set(job.key, fresh);
    return fresh;
  }

  /** Starts what is missing of the threads that are wanted, and from now on of so many. */
  #startThreads(wanted = 0): void {
    this.#wanted = Math.max(this.#wanted, Math.min(wanted, this.workers));
    while (this.#threads.length < this.#wanted) {
      const { maxOldGenerationSizeMb, profile } = this.#options;
      const limits = maxOldGenerationSizeMb === undefined ? {} : { maxOldGenerationSizeMb };
      const thread = new WorkerThread(this.#threadNumber++, this.workers, limits, profile?.settings, this.#listener);
      thread.holdProcess(this.#options.holdProcess || this.#runs.length > 0);
      this.#threads.push(thread);
      for (const run of this.#runs) this.#attach(thread, run);
    }
  }

  #attach(thread: WorkerThread, run: ActiveRun): void {
    try {
      thread.attach(run.job);
    } catch (thrown) {
      this.#forget(run);
      const message = `The setup of job '${run.job.key}' cannot cross threads: ${portableError(thrown).message} Pass plain data and the path of a module, never functions.`;
      run.stop(() => new UsageError('JOB_NOT_CLONEABLE', { message, details: { key: run.job.key } }));
    }
  }

  /** Drops a job that failed, so that the next run with its key starts afresh. */
  #forget(run: ActiveRun): void {
    if (this.#jobs.get(run.job.key) === run.job) this.#jobs.delete(run.job.key);
  }

  /** Gives work to every worker that can take it, idle ones first, and settles runs that are over. */
  #dispatch(): void {
    if (this.#dispatching) {
      this.#dispatchAgain = true;
      return;
    }
    this.#dispatching = true;
    try {
      this.#dispatchAll();
    } finally {
      this.#dispatching = false;
    }
  }

  #dispatchAll(): void {
    do {
      this.#dispatchAgain = false;
      for (let held = 0; held < LEASES_PER_WORKER; held++) {
        const asking = this.#threads.filter(
          (thread) =>
            thread.leases.length === held &&
            thread.leases[0]?.entries[0]?.alone !== true &&
            thread.usable(this.#options.maxTasksPerWorker),
        );
        for (let i = 0; i < asking.length; i++) {
          const given = this.#supply(asking[i]!, asking.length - i) || (held === 0 && this.#steal(asking[i]!));
          if (!given) break;
        }
      }
      for (const run of [...this.#runs]) this.#settle(run);
    } while (this.#dispatchAgain);
  }

  /** Leases fresh tasks to a worker, of the runs in turn; returns whether there were any. */
  #supply(thread: WorkerThread, asking: number): boolean {
    for (let i = 0; i < this.#runs.length; i++) {
      const run = this.#runs.shift()!;
      this.#runs.push(run);
      const holdsNone = thread.leases.length === 0;
      for (;;) {
        const entries = run.take(this.workers, asking, this.#options.maxTasksPerWorker - thread.given, holdsNone);
        if (run.stopReason !== undefined) this.#stopRun(run, run.stopReason);
        if (entries.length === 0) break;
        if (this.#lease(thread, run, entries)) return true;
      }
    }
    return false;
  }

  /** Sends a lease; tasks that cannot be sent fail on the spot. Returns whether any went out. */
  #lease(thread: WorkerThread, run: ActiveRun, entries: Entry[]): boolean {
    if (this.#wanted < this.workers) run.growTimer ??= setTimeout(() => this.#grow(run), GROW_AFTER);
    try {
      thread.lease(run, entries);
      return true;
    } catch {
      const sendable = entries.filter((entry) => {
        try {
          structuredClone(entry.task);
          return true;
        } catch (thrown) {
          const error = taskNotCloneable(entry.index, thrown);
          run.tell(entry, { state: 'failed', error, attempts: 0 }, thread.id, 0);
          return false;
        }
      });
      if (run.stopReason !== undefined || sendable.length === 0) return false;
      thread.lease(run, sendable);
      return true;
    }
  }

  /** Starts all threads for a run that is taking its time, if there is work that others could do. */
  #grow(run: ActiveRun): void {
    if (this.#closing !== undefined || run.stopReason !== undefined || !this.#runs.includes(run)) return;
    if (!run.hasMore && !this.#threads.some((thread) => thread.hasUnclaimed(run))) return;
    this.#startThreads(this.workers);
    this.#dispatch();
  }

  /** Moves half of the tasks that some busy worker has not begun to an idle one. */
  #steal(idle: WorkerThread): boolean {
    let victim: WorkerThread | undefined;
    let lease: Lease | undefined;
    let most = 0;
    for (const thread of this.#threads) {
      for (const candidate of thread.leases) {
        const unclaimed = candidate.dropped ? 0 : thread.slot.unclaimed(candidate.number);
        if (unclaimed > most) {
          victim = thread;
          lease = candidate;
          most = unclaimed;
        }
      }
    }
    if (victim === undefined || lease === undefined) return false;
    const allowance = this.#options.maxTasksPerWorker - idle.given;
    const taken = victim.revoke(lease, Math.min(Math.ceil(most / 2), allowance));
    return taken.length > 0 && this.#lease(idle, lease.run, taken);
  }

  /** Stops a run: unbegun tasks come back at once, running ones have `graceMs`. */
  #stopRun(run: ActiveRun, reason: () => unknown, graceMs = run.options.graceMs): void {
    run.stop(reason);
    if (run.stopTimer !== undefined || !this.#runs.includes(run)) return;
    for (const thread of this.#threads) {
      for (const lease of thread.leases) {
        if (lease.run !== run) continue;
        thread.revoke(lease, lease.entries.length);
        if (lease.entries.length === 0) this.#drop(lease);
      }
    }
    run.stopTimer = setTimeout(() => {
      for (const thread of this.#threads) {
        if (thread.leases.some((lease) => lease.run === run && !lease.dropped)) thread.terminate();
      }
    }, graceMs);
    this.#settle(run);
  }

  #settle(run: ActiveRun): void {
    const at = this.#runs.indexOf(run);
    if (at < 0 || !run.settleIfOver()) return;
    clearTimeout(run.stopTimer);
    clearTimeout(run.growTimer);
    this.#runs.splice(at, 1);
    this.#counters.tasksCompleted += run.told - run.failed;
    this.#counters.tasksFailed += run.failed;
    if (run.stopReason !== undefined) this.#limitSetups(run.job, run.options.graceMs);
    if (this.#runs.every((each) => deadlineOf(each) === Number.POSITIVE_INFINITY)) {
      clearInterval(this.#watchdog);
      this.#watchdog = undefined;
    }
    if (this.#runs.length > 0) return;
    this.#activeMs += monotonicNow() - this.#activeSince;
    if (!this.#options.holdProcess) for (const thread of this.#threads) thread.holdProcess(false);
  }

  /** Gives threads that set up a job which nobody waits for any more, or are still to do so, the grace to come to an end of it. */
  #limitSetups({ number }: KnownJob, graceMs: number): void {
    const isOver = (): boolean =>
      this.#runs.some(({ job }) => job.number === number) ||
      !this.#threads.some(({ attaching }) => attaching.has(number));
    if (isOver()) return;
    const timer = setInterval(() => {
      if (isOver()) return clearInterval(timer);
      for (const thread of this.#threads) {
        const at = thread.slot.settingUp();
        if (at?.job === number && monotonicNow() - at.startedAt >= graceMs) thread.terminate();
      }
    }, graceMs).unref();
  }

  #drop(lease: Lease): void {
    if (lease.dropped) return;
    lease.dropped = true;
    lease.run.leasesOut--;
  }

  #onMessage(thread: WorkerThread, message: FromWorker): void {
    switch (message.kind) {
      case 'results':
        this.#onResults(thread, message);
        break;
      case 'attached':
        thread.attaching.delete(message.job);
        for (const heard of this.#attachListeners) heard();
        break;
      case 'refused':
        thread.attaching.delete(message.job);
        for (const run of this.#runs.filter((each) => each.job.number === message.job)) {
          this.#forget(run);
          this.#stopRun(run, () => jobError(message.error, run.job.module));
        }
        break;
      case 'released':
        this.#releases.get(thread)?.get(message.job)?.();
        this.#releases.get(thread)?.delete(message.job);
        break;
      case 'recorded':
        thread.recorded = true;
        this.#options.profile?.onRecording(thread.id, message.recording);
        break;
      case 'ready':
        thread.readyAfterMs = monotonicNow() - thread.startedAt;
        if (this.#threads.some(({ readyAfterMs }) => readyAfterMs === undefined)) break;
        for (const waiter of this.#waitingForReady.splice(0)) waiter.resolve();
    }
  }

  #onResults(thread: WorkerThread, { lease: number, values, milliseconds, failures, done }: Results): void {
    const lease = thread.leases.find((each) => each.number === number);
    if (lease === undefined) return;
    const { run } = lease;
    const first = lease.received;
    const busyMs = milliseconds.reduce((sum, each) => sum + each, 0);
    lease.received += values.length;
    if (values.length > 0) run.idleDeaths = 0;
    run.size.observe(busyMs, values.length);
    thread.done += values.length;
    thread.busyMs += busyMs;
    this.#counters.busyMs += busyMs;
    this.#lastActive = thread.lastActive = performance.timeOrigin + performance.now();

    let failure = 0;
    for (let i = 0; i < values.length; i++) {
      const entry = lease.entries[first + i]!;
      const failed = failures[failure]?.[0] === i ? failures[failure++]![1] : undefined;
      const outcome: TaskOutcome<unknown> =
        failed === undefined
          ? { state: 'done', value: values[i] }
          : { state: 'failed', error: failed, attempts: entry.crashes + 1 };
      run.tell(entry, outcome, thread.id, milliseconds[i]!);
    }
    if (run.stopReason !== undefined) this.#stopRun(run, run.stopReason);
    if (done) {
      thread.leases.splice(thread.leases.indexOf(lease), 1);
      this.#drop(lease);
      this.#retireIfIdle(thread);
    }
    this.#dispatch();
  }

  #onDeath(thread: WorkerThread, death: Death): void {
    for (const release of this.#releases.get(thread)?.values() ?? []) release();
    this.#releases.delete(thread);
    if (!thread.recorded) this.#options.profile?.onLost(thread.id);
    if (this.#leaving.delete(thread)) return;
    this.#threads.splice(this.#threads.indexOf(thread), 1);
    this.#counters.threadsLost++;

    const running = thread.running();
    if (running !== undefined) this.#counters.busyMs += monotonicNow() - running.at.startedAt;
    if (running === undefined && !thread.terminated) {
      // It died of what it was loading. Another thread would, too.
      if (thread.readyAfterMs === undefined) this.#giveUp(this.#runs, startError(death));
      const [settingUpJob] = thread.attaching;
      const settingUp = this.#runs.filter(({ job }) => job.number === settingUpJob);
      this.#giveUp(settingUp, deathError(death, 'while it set up the job'));
    }
    if (running !== undefined) this.#onGuilty(thread, running.lease, running.entry, death);
    for (const lease of thread.leases) {
      const claimed = thread.slot.claimed(lease.number);
      const left = lease.entries.slice(lease.received).filter((entry) => entry !== running?.entry);
      if (claimed > 0) lease.run.suspect(left);
      else lease.run.giveBack(left);
      if (running === undefined && ++lease.run.idleDeaths > IDLE_DEATHS) {
        this.#giveUp([lease.run], deathError(death, 'again and again between tasks'));
      }
      this.#drop(lease);
    }
    thread.leases.length = 0;
    for (const run of [...this.#runs]) this.#settle(run);
    if (this.#closing === undefined && this.#runs.length > 0) this.#startThreads();
    this.#dispatch();
  }

  /** Decides about the task under which a worker died. */
  #onGuilty(thread: WorkerThread, lease: Lease, entry: Entry, death: Death): void {
    const { run } = lease;
    if (run.stopReason !== undefined) return;
    const at = thread.slot.running()!;
    const overdue = thread.overdue?.lease === at.lease && thread.overdue.index === at.index;
    if (thread.terminated && !overdue) {
      run.suspect([entry]);
      return;
    }
    entry.crashes++;
    if (!overdue && entry.crashes <= run.options.retries) {
      this.#counters.tasksRetried++;
      run.suspect([entry]);
      return;
    }
    const error = overdue
      ? timeoutError(entry.index, run.options.taskTimeoutMs)
      : deathError(death, `under task ${entry.index}`, { task: entry.index, attempts: entry.crashes });
    run.tell(
      entry,
      { state: 'failed', error: portableError(error), attempts: entry.crashes },
      thread.id,
      monotonicNow() - at.startedAt,
    );
    if (run.stopReason !== undefined) this.#stopRun(run, run.stopReason);
  }

  #giveUp(runs: readonly ActiveRun[], error: RunError): void {
    for (const waiter of runs === this.#runs ? this.#waitingForReady.splice(0) : []) waiter.reject(error);
    for (const run of [...runs]) {
      this.#forget(run);
      this.#stopRun(run, () => error);
    }
  }

  #retireIfIdle(thread: WorkerThread): void {
    if (thread.leases.length > 0 || thread.usable(this.#options.maxTasksPerWorker)) return;
    const at = this.#threads.indexOf(thread);
    if (at < 0 || this.#closing !== undefined) return;
    this.#threads.splice(at, 1);
    this.#dismiss(thread);
    this.#startThreads();
  }

  #dismiss(thread: WorkerThread): void {
    this.#leaving.add(thread);
    thread.holdProcess(true);
    // One that was never given a job has nothing to dispose of: it need not even come up.
    if (thread.attached.size === 0 && this.#options.profile === undefined) thread.terminate();
    else void thread.stop(this.#options.graceMs);
  }

  /** Looks for tasks and setups past their deadline, often enough that none overruns by more than a tenth. */
  #watch(): void {
    clearInterval(this.#watchdog);
    const shortest = Math.min(...this.#runs.map(deadlineOf));
    this.#watchdog = setInterval(
      () => {
        const now = monotonicNow();
        this.#endOverdueTasks(now);
        this.#endOverdueSetups(now);
      },
      Math.min(250, Math.max(5, shortest / 10)),
    );
  }

  #endOverdueTasks(now: number): void {
    for (const thread of this.#threads) {
      const running = thread.running();
      if (running === undefined || thread.terminated) continue;
      if (now - running.at.startedAt <= running.lease.run.options.taskTimeoutMs) continue;
      thread.overdue = running.at;
      thread.terminate();
    }
  }

  /** Another thread would take as long: so the runs that wait for the job end, too. */
  #endOverdueSetups(now: number): void {
    const overdue = new Set<ActiveRun>();
    for (const thread of this.#threads) {
      const at = thread.slot.settingUp();
      if (at === undefined || thread.terminated) continue;
      const waiting = this.#runs.filter(
        ({ job, options }) => job.number === at.job && now - at.startedAt > options.setupTimeoutMs,
      );
      if (waiting.length > 0) thread.terminate();
      for (const run of waiting) overdue.add(run);
    }
    for (const run of overdue) this.#giveUp([run], setupTimeoutError(run.job, run.options.setupTimeoutMs));
  }
}

/** Milliseconds of a run's shortest deadline; Infinity where it has none. */
const deadlineOf = ({ options }: ActiveRun): number => Math.min(options.taskTimeoutMs, options.setupTimeoutMs);
