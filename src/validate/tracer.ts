import { RunError } from '../core/errors.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { BundleDraft } from '../data/draft.js';
import { type ViewOptions, viewOf } from '../engine/market-view.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import type { AnyDefinition } from '../engine/strategy.js';
import type { StrategyPlace } from '../optimize/trial-runner.js';
import type { TaskOutcome } from '../parallel/executor.js';
import { PersistentWorkerPool } from '../parallel/persistent-worker-pool.js';
import { homeOf, openAltered } from './altered-market.js';
import type { Trace } from './trace.js';
import type { TraceTask } from './trace-entry.js';
import { type TraceInput, traceRun } from './traced-run.js';

/** A market to run on, made when its turn comes. */
export interface TracedMarket {
  readonly name: string;
  readonly draft: () => BundleDraft;
  /** The last axis row up to which the run is compared; what follows need not be run. @defaultValue all is */
  readonly upTo?: number | undefined;
}

/** Rows that a run goes on behind those that it is compared by: what is ordered on the last of them is filled on the next. */
const BEHIND = 2;

/** What the runs of a tracer have in common. */
export interface TracerOptions {
  readonly definition: AnyDefinition;
  /** Where the compiled strategy lies; undefined for one that has no file and runs in this thread. */
  readonly place: StrategyPlace | undefined;
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly input: TraceInput;
  /** Threads at the same time. */
  readonly jobs: number;
}

/** How a list of runs is followed. */
export interface TraceControl {
  readonly signal?: AbortSignal | undefined;
  readonly onTrace: () => void;
}

/** Runs one strategy on several markets. */
export interface Tracer extends AsyncDisposable {
  /** Returns what the strategy did on each market, in the order of the list. Throws RunError `INTERRUPTED`. */
  traces(markets: readonly TracedMarket[], control: TraceControl): Promise<Trace[]>;
}

/** Returns a tracer: a fresh thread for each run of a strategy with a file, this thread for any other. */
export function openTracer(options: TracerOptions): Tracer {
  return options.place === undefined ? new InlineTracer(options) : new ThreadTracer(options, options.place);
}

class InlineTracer implements Tracer {
  readonly #options: TracerOptions;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  async traces(markets: readonly TracedMarket[], { signal, onTrace }: TraceControl): Promise<Trace[]> {
    const { definition, view, run, input } = this.#options;
    const traces: Trace[] = [];
    for (const { name, draft, upTo = Number.POSITIVE_INFINITY } of markets) {
      if (signal?.aborted === true) throw interrupted();
      using bundle = await openAltered(draft(), name, 'memory');
      const whole = viewOf(bundle, view);
      traces.push(traceRun(definition, { ...whole, to: Math.min(whole.to, upTo + 1 + BEHIND) }, run, input));
      onTrace();
    }
    return traces;
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

class ThreadTracer implements Tracer {
  readonly #options: TracerOptions;
  readonly #place: StrategyPlace;
  readonly #pool: PersistentWorkerPool;

  constructor(options: TracerOptions, place: StrategyPlace) {
    this.#options = options;
    this.#place = place;
    // A thread for one task: nothing that a strategy keeps in its module outlives a run.
    this.#pool = new PersistentWorkerPool({ workers: options.jobs, maxTasksPerWorker: 1 });
  }

  async traces(markets: readonly TracedMarket[], control: TraceControl): Promise<Trace[]> {
    const traces: Trace[] = new Array(markets.length);
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < markets.length) {
        const index = next++;
        traces[index] = await this.#trace(markets[index]!, control.signal);
        control.onTrace();
      }
    };
    await Promise.all(Array.from({ length: this.#options.jobs }, lane));
    return traces;
  }

  async #trace({ name, draft }: TracedMarket, signal: AbortSignal | undefined): Promise<Trace> {
    const { view, run, input } = this.#options;
    using bundle = await openAltered(draft(), name, 'store');
    const job = { key: 'lookahead', module: workerEntry(import.meta.url, './trace-entry.js').href, setup: undefined };
    const task: TraceTask = { strategy: this.#place, home: homeOf(bundle), bundle: name, view, run, input };
    const [outcome] = await this.#pool.runBatch<TraceTask, Trace>(job, [task], signal === undefined ? {} : { signal });
    return traceOf(outcome!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }
}

/** A thread that died is the strategy's doing, like an error. */
function traceOf(outcome: TaskOutcome<Trace>): Trace {
  if (outcome.state === 'done') return outcome.value;
  return { accounts: [], fills: [], orderStreamHash: undefined, failure: outcome.error };
}

const interrupted = (): RunError =>
  new RunError('INTERRUPTED', { message: 'Interrupted before the proof was complete.' });
