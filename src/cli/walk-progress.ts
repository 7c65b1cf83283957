import type { WalkForwardControl } from '../validate/walk-forward.js';
import { cacheOptions } from './cache-options.js';
import { ProgressDisplay } from './progress.js';
import type { Session } from './session.js';

/** What the options of where a walk-forward runs are read into. */
export interface WalkControlFlags {
  readonly jobs?: number;
  readonly trialTimeout?: number;
  readonly workerMemory?: number;
}

/** Runs with progress and Ctrl-C, which keeps what has finished. */
export async function withWalkProgress<R>(
  session: Session,
  { jobs, trialTimeout, workerMemory }: WalkControlFlags,
  start: (control: WalkForwardControl) => Promise<R>,
): Promise<R> {
  const { io, output, log } = session;
  using display = new ProgressDisplay(session);
  using interruption = io.interruptible(() => {
    display.interrupt('Stopping; finished trials are kept. Ctrl-C again kills at once.');
  });
  let started = performance.now();
  let workers = 0;
  return await start({
    jobs,
    trialTimeoutMs: trialTimeout,
    heapLimitMb: workerMemory,
    ...cacheOptions(session),
    signal: interruption.signal,
    onWarning: (message) => output.warn(message),
    onStart: (begun) => {
      started = performance.now();
      workers = begun.workers;
      log.info({ event: 'walk-forward-started', ...begun });
    },
    onProgress: ({ counts, found, total, busy }) =>
      display.show({
        done: counts.total,
        total,
        doneBefore: found,
        elapsedMs: performance.now() - started,
        best: undefined,
        failed: counts.failed,
        workers: { busy, total: workers },
      }),
  });
}
