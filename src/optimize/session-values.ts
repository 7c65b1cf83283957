import { createHash } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { RunError } from '../core/errors.js';
import { canonicalJson } from '../core/json.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { workerEntry } from '../core/worker-entry-url.js';
import type { RunView, ViewOptions } from '../engine/market-view.js';
import type { ResolvedRunOptions } from '../engine/run-options.js';
import { sessionEnds } from '../engine/sessions-of-run.js';
import type { Executor } from '../parallel/executor.js';
import { InlineExecutor } from '../parallel/inline-executor.js';
import { tasksOf } from '../parallel/task-source.js';
import type { FlatParams, ParameterSpace } from './space.js';
import type { TrialEnding } from './trial.js';
import type { TrialSetup } from './trial-runner.js';

/** Bytes of account values that a study keeps unless told otherwise. */
export const SESSION_VALUE_BYTES = 64 * 2 ** 20;

/** What a worker needs to write account values where the searching thread reads them: plain data and shared memory. */
export interface SessionValuesHandle {
  /** A row of `sessions` numbers for each kept trial, then a byte for each that tells whether it is there. */
  readonly buffer: SharedArrayBuffer;
  readonly sessions: number;
  readonly capacity: number;
  /** Of every so many trials one is kept: those whose number it divides. */
  readonly stride: number;
  /** Row of the run at which each session ends; undefined where each bar is one. */
  readonly ends: Int32Array | undefined;
}

/**
 * The account value at the end of each session, of trials by their number. Kept within a limit of bytes: where the trials of a study are
 * more than fit, an even pick of them.
 */
export class SessionValues {
  readonly handle: SessionValuesHandle;
  /** Trials outside of the even pick that were asked for all the same: the best one. */
  readonly #others = new Map<number, ReadonlyFloat64Array>();

  private constructor(handle: SessionValuesHandle) {
    this.handle = handle;
  }

  /**
   * Makes room for the trials of a study.
   *
   * @param trials how many there will be, Infinity when nobody knows: then the first ones are kept
   * @param bytes limit of the memory
   */
  static over(view: RunView, trials: number, bytes: number): SessionValues {
    const ends = sessionEnds(view);
    const sessions = ends?.length ?? view.to - view.from;
    const most = Math.max(1, Math.floor(bytes / (8 * sessions + 1)));
    const capacity = Math.min(most, trials);
    const stride = Number.isFinite(trials) ? Math.max(1, Math.ceil(trials / capacity)) : 1;
    const buffer = new SharedArrayBuffer(capacity * (8 * sessions + 1));
    return new SessionValues({ buffer, sessions, capacity, stride, ends });
  }

  /** Numbers of values in each series. */
  get sessions(): number {
    return this.handle.sessions;
  }

  /** Whether a trial is one of those that are kept, whether or not it is there already. */
  keeps(number: number): boolean {
    const { stride, capacity } = this.handle;
    return number % stride === 0 && number / stride < capacity;
  }

  /** Returns a trial's values; undefined when they are not there. */
  of(number: number): ReadonlyFloat64Array | undefined {
    if (!this.keeps(number)) return this.#others.get(number);
    const place = number / this.handle.stride;
    return flagsOf(this.handle)[place] === 1 ? rowOf(this.handle, place) : undefined;
  }

  /** Iterates over the trials whose values are there. */
  *numbers(): Generator<number> {
    const flags = flagsOf(this.handle);
    for (let place = 0; place < flags.length; place++) if (flags[place] === 1) yield place * this.handle.stride;
    yield* this.#others.keys();
  }

  /** Takes a trial's values, also of one that is not among those that are kept. */
  set(number: number, values: ReadonlyFloat64Array): void {
    if (!this.keeps(number)) {
      this.#others.set(number, values);
      return;
    }
    const place = number / this.handle.stride;
    rowOf(this.handle, place).set(values as Float64Array);
    flagsOf(this.handle)[place] = 1;
  }

  /**
   * Writes what is there of some trials, whole or not at all, beside its place first. Throws what the file system does.
   *
   * @param trials as {@link completeValues} returns them
   */
  save(path: string, { study, keyOf }: ValuesIdentity, trials: readonly KeptTrial[]): void {
    const { sessions } = this.handle;
    const values = new Float64Array(trials.length * sessions);
    trials.forEach(({ number }, place) => {
      values.set(this.of(number) as Float64Array, place * sessions);
    });
    const body = Buffer.from(values.buffer);
    const rows = trials.map(({ number, params }) => [number, pointOf(keyOf(params))] as const);
    const header: Header = { format: FORMAT, key: sha256(Buffer.from(study)), sessions, sha256: sha256(body), rows };
    const draft = `${path}.tmp`;
    try {
      writeFileSync(draft, Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), body]));
      renameSync(draft, path);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    }
  }
}

/** Returns the account values that are kept of a trial; undefined where there are none. */
export type ValuesSource = (trial: KeptTrial) => ReadonlyFloat64Array | undefined;

/**
 * Reads the values that a file has of a study's trials. A row is a trial's if it has its number and its point: the file may lie beside another study than the one that it was made
 * of. One that is missing, of another kind, damaged or not to be read gives nothing, for every value can be made again.
 */
export function readValues(path: string, { study, keyOf }: ValuesIdentity, sessions: number): ValuesSource {
  const bytes = bytesOf(path);
  const end = bytes.indexOf(10);
  const header = headerOf(bytes.subarray(0, Math.max(0, end)));
  if (header?.key !== sha256(Buffer.from(study)) || header.sessions !== sessions) return () => undefined;
  const body = bytes.subarray(end + 1);
  if (body.length !== header.rows.length * sessions * 8 || sha256(body) !== header.sha256) return () => undefined;
  const values = new Float64Array(body.buffer.slice(body.byteOffset, body.byteOffset + body.length));
  const places = new Map(header.rows.map(([number, point], place) => [number, { point, place }]));
  return ({ number, params }) => {
    const row = places.get(number);
    if (row === undefined || row.point !== pointOf(keyOf(params))) return undefined;
    return values.subarray(row.place * sessions, (row.place + 1) * sessions) as unknown as ReadonlyFloat64Array;
  };
}

function bytesOf(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

/**
 * Sees to the values of the trials that have a value, are no copy of another and are kept, and of the best one in any case: what is missing is taken from where it was kept before, or
 * else made by running the trial again, on what the search ran on. Returns these trials.
 *
 * @param parts.kept where values of earlier sessions and studies are. @defaultValue nowhere
 * @throws what the executor does; RunError `TRIAL_NOT_REPEATED` where a trial fails now
 */
export async function completeValues(parts: {
  readonly values: SessionValues;
  readonly trials: AsyncIterable<StudiedTrial> | Iterable<StudiedTrial>;
  readonly best: number | undefined;
  readonly kept?: ValuesSource | undefined;
  readonly executor: Executor;
  readonly setup: TrialSetup;
}): Promise<readonly KeptTrial[]> {
  const { values, trials, best, kept, executor, setup } = parts;
  const valued: KeptTrial[] = [];
  const tasks: ValuesTask[] = [];
  for await (const { number, params, ending } of trials) {
    if (ending?.state !== 'complete') continue;
    const { duplicateOf } = ending;
    if (number !== best && (duplicateOf !== undefined || !values.keeps(number))) continue;
    valued.push({ number, params });
    if (values.of(number) !== undefined) continue;
    const known = kept?.({ number, params });
    if (known !== undefined) values.set(number, known);
    // A copy was never run: its random stream is that of the trial it repeats.
    else tasks.push({ number, stream: duplicateOf ?? number, params });
  }
  if (tasks.length === 0) return valued;
  const isInline = executor instanceof InlineExecutor;
  const job = {
    key: `account values (${++jobs})`,
    module: (isInline
      ? new URL(import.meta.resolve('./values-runner.js'))
      : workerEntry(import.meta.url, './values-runner.js')
    ).href,
    setup,
  };
  try {
    await executor.run<ValuesTask, Float64Array>(job, tasksOf(tasks), ({ number }, _index, outcome) => {
      if (outcome.state === 'done') return values.set(number, outcome.value);
      throw new RunError('TRIAL_NOT_REPEATED', {
        message: `Trial ${number} ended with a value when it was searched, but fails now: ${outcome.error.message}`,
        details: { trial: number },
      });
    });
  } finally {
    await executor.release(job.key);
  }
  return valued;
}

/** Jobs begun in this thread: two on one pool have different keys. */
let jobs = 0;

/** A trial whose account values are kept. */
export interface KeptTrial {
  readonly number: number;
  readonly params: FlatParams;
}

/** A trial of a study, with its parameters in their flat form. */
export interface StudiedTrial extends KeptTrial {
  readonly ending?: TrialEnding | undefined;
}

/** A trial to run again for its account values. */
export interface ValuesTask {
  readonly number: number;
  /** Number of the trial whose random stream it uses. */
  readonly stream: number;
  readonly params: FlatParams;
}

/** What decides the account values of a study's trials. */
export interface ValuesIdentity {
  /** Of the study: equal texts stand for equal studies. */
  readonly study: string;
  /** Of a trial beside its number. */
  readonly keyOf: (params: FlatParams) => string;
}

/** Returns what decides the account values of a study's trials. */
export const valuesIdentity = (parts: {
  readonly sourceHash?: string;
  readonly bundle: { readonly version: string };
  readonly view: ViewOptions;
  readonly run: ResolvedRunOptions;
  readonly seed: number;
  readonly space: Pick<ParameterSpace, 'keyOf'>;
}): ValuesIdentity => ({
  study: canonicalJson({
    strategy: parts.sourceHash ?? null,
    bundle: parts.bundle.version,
    view: parts.view,
    run: parts.run,
    seed: parts.seed,
  }),
  keyOf: (params) => parts.space.keyOf(params),
});

/** Where the values of a study in a file lie. */
export const sessionValuesPath = (study: string): string => `${study}.values`;

/** Lets a run's account values at the end of its sessions be written where the handle's owner reads those of a trial. @param write is not called where they are not kept */
export function keepSessionValues(
  handle: SessionValuesHandle,
  number: number,
  write: (ends: Int32Array | undefined, into: Float64Array) => void,
): void {
  const { stride, capacity } = handle;
  const place = number / stride;
  if (number % stride !== 0 || place >= capacity) return;
  write(handle.ends, rowOf(handle, place));
  flagsOf(handle)[place] = 1;
}

const rowOf = ({ buffer, sessions }: SessionValuesHandle, place: number): Float64Array =>
  new Float64Array(buffer, place * sessions * 8, sessions);

const flagsOf = ({ buffer, sessions, capacity }: SessionValuesHandle): Uint8Array =>
  new Uint8Array(buffer, capacity * sessions * 8, capacity);

const FORMAT = 'hindcast session values 2';

interface Header {
  readonly format: string;
  readonly key: string;
  readonly sessions: number;
  readonly sha256: string;
  /** The number and the point of the trial of each row. */
  readonly rows: readonly (readonly [number: number, point: string])[];
}

function headerOf(bytes: Uint8Array): Header | undefined {
  try {
    const header = JSON.parse(Buffer.from(bytes).toString('utf8')) as Partial<Header> | null;
    return header?.format === FORMAT && header.rows?.every(Array.isArray) ? (header as Header) : undefined;
  } catch {
    return undefined;
  }
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What a row holds of a point: enough to tell it from any other. */
const pointOf = (key: string): string => sha256(Buffer.from(key)).slice(0, 16);
