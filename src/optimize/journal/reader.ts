import { closeSync, openSync, readSync } from 'node:fs';
import { DataError, UsageError } from '../../core/errors.js';
import { type Choice, type Distribution, externalValue, readDistribution } from '../distributions.js';
import { OP, STATES } from './records.js';

/** A study as the records of a journal leave it, ours or another program's. */
export interface RecordedStudy {
  /** Count of studies made in the file before this one. */
  readonly id: number;
  readonly name: string;
  readonly directions: readonly ('not set' | 'minimize' | 'maximize')[];
  readonly userAttrs: Record<string, unknown>;
  readonly systemAttrs: Record<string, unknown>;
  /** Trials made in it so far. */
  trials: number;
}

/** A trial as the records leave it. */
export interface RecordedTrial {
  /** Count of trials made in the file, in any study, before this one. */
  readonly id: number;
  readonly study: RecordedStudy;
  /** Count of trials of its study before this one. */
  readonly number: number;
  /** Who made it: the worker id of the record. */
  readonly maker: string;
  state: (typeof STATES)[number];
  values: readonly number[] | null;
  readonly params: Record<string, Choice>;
  readonly distributions: Record<string, Distribution>;
  readonly userAttrs: Record<string, unknown>;
  readonly systemAttrs: Record<string, unknown>;
  /** Intermediate values by step. */
  readonly intermediate: Map<number, number>;
  /** Local time without offset, as written. */
  startedAt: string | null;
  completedAt: string | null;
}

/**
 * Replays the records of a journal the way Optuna does: ids follow from the order, records for what is unknown or finished
 * change nothing. Holds the studies and the unfinished trials; a finished trial is handed on and forgotten.
 */
export class JournalReplay {
  /** The studies that were not deleted, by id. */
  readonly studies = new Map<number, RecordedStudy>();
  /** The trials that wait or run, by id. */
  readonly open = new Map<number, RecordedTrial>();
  /** Trials made in the file so far: the next trial's id. */
  trials = 0;
  /** Studies made in the file so far, deleted ones included: the next study's id. */
  studiesMade = 0;
  readonly #onFinished: (trial: RecordedTrial) => void;

  /** @param onFinished - hears of every trial when it ends, in the order of the records. */
  constructor(onFinished: (trial: RecordedTrial) => void = () => {}) {
    this.#onFinished = onFinished;
  }

  /** Applies one line, without its end. @throws DataError `JOURNAL_MALFORMED` naming the line. */
  apply(line: string, lineNumber: number): void {
    const record = new JournalRecord(parseRecord(line, lineNumber), lineNumber);
    const op = record.integer('op_code');
    switch (op) {
      case OP.createStudy:
        this.#createStudy(record);
        return;
      case OP.deleteStudy:
        this.studies.delete(record.integer('study_id'));
        return;
      case OP.studyUserAttr:
      case OP.studySystemAttr: {
        const study = this.studies.get(record.integer('study_id'));
        if (study !== undefined && op === OP.studyUserAttr) Object.assign(study.userAttrs, record.object('user_attr'));
        if (study !== undefined && op === OP.studySystemAttr)
          Object.assign(study.systemAttrs, record.object('system_attr'));
        return;
      }
      case OP.createTrial:
        this.#createTrial(record);
        return;
      case OP.trialParam:
      case OP.trialState:
      case OP.trialIntermediate:
      case OP.trialUserAttr:
      case OP.trialSystemAttr: {
        const trial = this.open.get(record.integer('trial_id'));
        if (trial !== undefined) this.#changeTrial(trial, op, record);
        return;
      }
      default:
        record.refuse(`op_code ${op} is unknown`);
    }
  }

  #createStudy(record: JournalRecord): void {
    const name = record.text('study_name');
    for (const study of this.studies.values()) if (study.name === name) return;
    const directions = record.array('directions').map((direction) => {
      const word = (['not set', 'minimize', 'maximize'] as const)[direction as number];
      return word ?? record.refuse(`direction ${JSON.stringify(direction)} is unknown`);
    });
    const id = this.studiesMade++;
    this.studies.set(id, { id, name, directions, userAttrs: {}, systemAttrs: {}, trials: 0 });
  }

  #createTrial(record: JournalRecord): void {
    const study = this.studies.get(record.integer('study_id'));
    if (study === undefined) return;
    const trial: RecordedTrial = {
      id: this.trials++,
      study,
      number: study.trials++,
      maker: record.has('worker_id') ? record.text('worker_id') : '',
      state: record.has('state') ? record.state() : 'running',
      values: record.values(),
      params: {},
      distributions: {},
      userAttrs: { ...record.object('user_attrs', {}) },
      systemAttrs: { ...record.object('system_attrs', {}) },
      intermediate: new Map(
        Object.entries(record.object('intermediate_values', {})).map(([step, value]) => [
          Number(step),
          value as number,
        ]),
      ),
      startedAt: record.time('datetime_start'),
      completedAt: record.time('datetime_complete'),
    };
    const distributions = record.object('distributions', {});
    for (const [name, internal] of Object.entries(record.object('params', {}))) {
      setParam(trial, name, internal as number, distributions[name] as string, record);
    }
    if (isFinished(trial)) this.#onFinished(trial);
    else this.open.set(trial.id, trial);
  }

  #changeTrial(trial: RecordedTrial, op: number, record: JournalRecord): void {
    switch (op) {
      case OP.trialParam:
        setParam(
          trial,
          record.text('param_name'),
          record.number('param_value_internal'),
          record.text('distribution'),
          record,
        );
        return;
      case OP.trialIntermediate:
        trial.intermediate.set(record.integer('step'), record.number('intermediate_value'));
        return;
      case OP.trialUserAttr:
        Object.assign(trial.userAttrs, record.object('user_attr'));
        return;
      case OP.trialSystemAttr:
        Object.assign(trial.systemAttrs, record.object('system_attr'));
        return;
      default:
        this.#changeState(trial, record);
    }
  }

  #changeState(trial: RecordedTrial, record: JournalRecord): void {
    const state = record.state();
    if (state === 'running' && trial.state === 'running') return;
    trial.state = state;
    if (state === 'running') trial.startedAt = record.time('datetime_start');
    const values = record.values();
    if (values !== null) trial.values = values;
    if (!isFinished(trial)) return;
    trial.completedAt = record.time('datetime_complete');
    this.open.delete(trial.id);
    this.#onFinished(trial);
  }
}

/** How far a file was read. */
export interface ReadExtent {
  /** Bytes of the whole lines. */
  readonly bytes: number;
  readonly lines: number;
  /** What stands behind the last line end: a line that was not finished; '' when there is none. */
  readonly torn: string;
}

/**
 * Replays a journal file to its end.
 * @throws UsageError `JOURNAL_NOT_FOUND` when it cannot be read, DataError `JOURNAL_MALFORMED` naming a line that is no record.
 */
export function replayFile(path: string, replay: JournalReplay): ReadExtent {
  let extent: ReadExtent = { bytes: 0, lines: 0, torn: '' };
  for (const reached of replayPieces(path, replay)) extent = reached;
  return extent;
}

/** Replays a journal file in pieces of a MiB, so that a caller can use what each brought. Throws as {@link replayFile} does. */
export function* replayPieces(path: string, replay: JournalReplay): Generator<ReadExtent> {
  const descriptor = openForReading(path);
  try {
    const piece = Buffer.allocUnsafe(1 << 20);
    let rest = Buffer.alloc(0);
    let lines = 0;
    let bytes = 0;
    for (let count = read(descriptor, piece, path); count > 0; count = read(descriptor, piece, path)) {
      const whole = Buffer.concat([rest, piece.subarray(0, count)]);
      const used = applyLines(whole, replay, lines, path);
      lines = used.lines;
      bytes += used.bytes;
      rest = whole.subarray(used.bytes);
      yield { bytes, lines, torn: rest.toString('utf8') };
    }
  } finally {
    closeSync(descriptor);
  }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw notReadable(error, path);
  }
}

function read(descriptor: number, piece: Buffer, path: string): number {
  try {
    return readSync(descriptor, piece, 0, piece.length, null);
  } catch (error) {
    throw notReadable(error, path);
  }
}

function notReadable(error: unknown, path: string): UsageError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reason = code === 'ENOENT' ? 'it does not exist' : code === 'EISDIR' ? 'it is a folder' : message;
  return new UsageError('JOURNAL_NOT_FOUND', {
    message: `Cannot read the study ${path}: ${reason}. Give the file that a search wrote.`,
    details: { path, code },
    cause: error,
  });
}

/** Applies the whole lines at the start of some bytes; returns how many bytes they were and the number of lines so far. */
export function applyLines(
  bytes: Buffer,
  replay: JournalReplay,
  linesBefore: number,
  path: string,
): { bytes: number; lines: number } {
  let from = 0;
  let lines = linesBefore;
  for (let end = bytes.indexOf(10, from); end >= 0; end = bytes.indexOf(10, from)) {
    lines++;
    try {
      replay.apply(bytes.toString('utf8', from, end), lines);
    } catch (error) {
      throw error instanceof DataError ? inFile(error, path, lines) : error;
    }
    from = end + 1;
  }
  return { bytes: from, lines };
}

/** Returns a line's record; Python's NaN, Infinity and -Infinity are read as numbers. @throws DataError `JOURNAL_MALFORMED`. */
export function parseRecord(line: string, lineNumber: number): Record<string, unknown> {
  let record: unknown;
  try {
    record = parsePythonJson(line);
  } catch (error) {
    return refuse(lineNumber, `is not JSON (${(error as Error).message})`);
  }
  if (typeof record === 'object' && record !== null && !Array.isArray(record)) return record as Record<string, unknown>;
  return refuse(lineNumber, 'is no JSON object');
}

/** Begins the strings that stand for the words JSON does not have; no text of a journal begins with it. */
const MARK = '\u0000number:';

function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
  }
  const marked = text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? Number(value.slice(MARK.length)) : value,
  );
}

const isFinished = ({ state }: RecordedTrial): boolean => state !== 'running' && state !== 'waiting';

function setParam(
  trial: RecordedTrial,
  name: string,
  internal: number,
  distribution: string,
  record: JournalRecord,
): void {
  if (typeof internal !== 'number' || typeof distribution !== 'string') {
    record.refuse(`parameter '${name}' has no number or no distribution`);
  }
  const read = readDistribution(distribution);
  trial.distributions[name] = read;
  trial.params[name] = externalValue(read, internal);
}

/** The fields of one record, checked as they are read. */
class JournalRecord {
  readonly #fields: Record<string, unknown>;
  readonly #line: number;

  constructor(fields: Record<string, unknown>, line: number) {
    this.#fields = fields;
    this.#line = line;
  }

  refuse(problem: string): never {
    return refuse(this.#line, `is no record of a study: ${problem}`);
  }

  has(key: string): boolean {
    return this.#fields[key] !== undefined;
  }

  integer(key: string): number {
    const value = this.#fields[key];
    return typeof value === 'number' && Number.isInteger(value) ? value : this.refuse(`${key} is no integer`);
  }

  number(key: string): number {
    const value = this.#fields[key];
    return typeof value === 'number' ? value : this.refuse(`${key} is no number`);
  }

  text(key: string): string {
    const value = this.#fields[key];
    return typeof value === 'string' ? value : this.refuse(`${key} is no text`);
  }

  array(key: string): readonly unknown[] {
    const value = this.#fields[key];
    return Array.isArray(value) ? value : this.refuse(`${key} is no list`);
  }

  object(key: string, absent?: object): Record<string, unknown> {
    const value = this.#fields[key] ?? absent;
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : this.refuse(`${key} is no object`);
  }

  time(key: string): string | null {
    return this.has(key) && this.#fields[key] !== null ? this.text(key) : null;
  }

  state(): (typeof STATES)[number] {
    const state = this.integer('state');
    return STATES[state] ?? this.refuse(`state ${state} is unknown`);
  }

  values(): readonly number[] | null {
    const { values, value } = this.#fields;
    if (Array.isArray(values)) return values as number[];
    return typeof value === 'number' ? [value] : null;
  }
}

function refuse(line: number, problem: string): never {
  throw new DataError('JOURNAL_MALFORMED', { message: `Line ${line} ${problem}.`, details: { line } });
}

function inFile(error: DataError, path: string, line: number): DataError {
  return new DataError(error.code, {
    message: `The study ${path} is damaged. ${error.message}${error.details.line === undefined ? ` (line ${line})` : ''}`,
    details: { ...error.details, path, line },
    cause: error,
  });
}
