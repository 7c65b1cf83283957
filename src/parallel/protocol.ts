import type { SerializedError } from '../core/errors.js';
import type { Recording, RecordingSettings } from '../profiling/recorder.js';

/** What a worker thread is started with. */
export interface WorkerBirth {
  readonly workerId: number;
  readonly threads: number;
  /** Memory of the worker's slot; see WorkerSlot. */
  readonly slot: SharedArrayBuffer;
  /** How closely the thread watches itself; not at all where it is undefined. */
  readonly recording: RecordingSettings | undefined;
}

/** Messages to a worker; it handles them one after the other, in order. */
export type ToWorker =
  /** Imports a module ahead of the job that will ask for it; what is wrong with it is told then. */
  | { readonly kind: 'load'; readonly module: string }
  | { readonly kind: 'attach'; readonly job: number; readonly module: string; readonly setup: unknown }
  /** Tasks to claim one by one from the slot; the parent may take unclaimed ones back. */
  | {
      readonly kind: 'lease';
      readonly job: number;
      readonly lease: number;
      readonly tasks: readonly unknown[];
      /** Whether each result is posted at once, because the source waits for results. */
      readonly prompt: boolean;
    }
  | { readonly kind: 'release'; readonly job: number }
  | { readonly kind: 'stop' };

/** Results of consecutive tasks of one lease. */
export interface Results {
  readonly kind: 'results';
  readonly lease: number;
  /** One value a task; undefined where the task failed. */
  readonly values: readonly unknown[];
  /** Time of each task in milliseconds. */
  readonly milliseconds: readonly number[];
  /** The failed ones by place in `values`, ascending, and the error. */
  readonly failures: readonly (readonly [at: number, error: SerializedError])[];
  /** True when the worker has left the lease: what it has not reported by now, it has not run. */
  readonly done: boolean;
}

/** Messages from a worker. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'attached'; readonly job: number }
  | { readonly kind: 'refused'; readonly job: number; readonly error: SerializedError }
  | { readonly kind: 'released'; readonly job: number }
  /** What it has done since its start; its last message but for runners that are disposed. */
  | { readonly kind: 'recorded'; readonly recording: Recording }
  | Results;
