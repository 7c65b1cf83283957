import type { TrialTask } from '../optimize/search.js';
import type {
  Activity,
  Executor,
  Job,
  OutcomeListener,
  PrepareOptions,
  RunOptions,
  TaskSource,
} from '../parallel/executor.js';
import type { WindowTask } from './window-runner.js';

/** Runs the trials of one window's training on an executor that all windows share. Whoever opened that one closes it. */
export class WindowExecutor implements Executor {
  readonly #shared: Executor;
  readonly #window: number;

  constructor(shared: Executor, window: number) {
    this.#shared = shared;
    this.#window = window;
  }

  get workers(): number {
    return this.#shared.workers;
  }

  /** {@inheritDoc Executor.run} */
  run<T, R>(job: Job, source: TaskSource<T>, onOutcome: OutcomeListener<T, R>, options?: RunOptions): Promise<void> {
    const ofWindow: TaskSource<WindowTask> = {
      next: () => {
        const task = source.next() as TrialTask | symbol | undefined;
        return typeof task === 'object' ? { ...task, window: this.#window, part: 'train' } : (task as undefined);
      },
      ...(source.remaining === undefined ? {} : { remaining: () => source.remaining!() }),
      ...(source.onReady === undefined ? {} : { onReady: (wake) => source.onReady!(wake) }),
    };
    return this.#shared.run(job, ofWindow, onOutcome as unknown as OutcomeListener<WindowTask, R>, options);
  }

  /** {@inheritDoc Executor.prepare} */
  prepare(job: Job, options?: PrepareOptions): Promise<void> {
    return this.#shared.prepare(job, options);
  }

  /** {@inheritDoc Executor.activity} */
  activity(): readonly Activity[] {
    return this.#shared.activity();
  }

  /** {@inheritDoc Executor.release} */
  release(key: string): Promise<void> {
    return this.#shared.release(key);
  }

  async close(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {}
}
