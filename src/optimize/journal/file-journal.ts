import { existsSync } from 'node:fs';
import { RunError, UsageError } from '../../core/errors.js';
import type { Scalar } from '../../engine/parameters.js';
import type { FlatParams, Level } from '../space.js';
import type { JournalTrial, TrialEnding, TrialReport } from '../trial.js';
import { AppendFile } from './append-file.js';
import { ownStudy } from './file-lock.js';
import type { Journal, StudyDescription } from './journal.js';
import {
  applyLines,
  JournalReplay,
  parseRecord,
  type ReadExtent,
  type RecordedStudy,
  type RecordedTrial,
  replayFile,
  replayPieces,
} from './reader.js';
import { BUDGET_ATTR, RecordWriter, SAW_ATTR, TRIAL_ATTR } from './records.js';

/** Begins the worker ids of our records. */
const WORKER_PREFIX = 'hindcast-';
/** Begins the keys of the study attributes that are ours. */
const ATTR_PREFIX = 'hindcast:';

/** What a file journal is opened with. */
export interface FileJournalOptions {
  readonly path: string;
  /** Name of the study; undefined takes the only study of ours in the file, whatever its name. */
  readonly name?: string | undefined;
  /** The parameters as journals write them. */
  readonly level: Level;
  /** Hears of the study, before its first trial. Not called for a file that does not hold it. */
  readonly onStudy: (study: StudyDescription) => void;
  /** Hears of every trial that the file holds of this study: finished ones as they finished, then the others by number. */
  readonly onTrial: (trial: JournalTrial) => void;
}

/** A study in a file that Optuna and its dashboard open as it is. */
export class FileJournal implements Journal {
  readonly path: string;
  readonly found: StudyDescription | undefined;
  readonly #file: AppendFile;
  readonly #release: () => void;
  readonly #records: RecordWriter;
  /** Ids of the unfinished trials by number: ids count over all studies of the file. */
  readonly #ids = new Map<number, number>();
  #study: number | undefined;
  readonly #others: readonly RecordedStudy[];
  #nextStudy: number;
  #nextId: number;
  #closed = false;

  /**
   * Opens or creates the file, repairs its last line, and replays it.
   * @throws UsageError `STUDY_LOCKED` while another process writes it, `JOURNAL_NOT_WRITABLE`; DataError `JOURNAL_MALFORMED`.
   */
  constructor({ path, name, level, onStudy, onTrial }: FileJournalOptions) {
    this.path = path;
    this.#release = ownStudy(path);
    try {
      const isMine = (study: RecordedStudy): boolean => isOurs(study) && (name === undefined || study.name === name);
      let introduced = false;
      const introduce = (mine: RecordedStudy): void => {
        if (!introduced) onStudy(describe(mine));
        introduced = true;
      };
      const replay = new JournalReplay((trial) => {
        if (!isMine(trial.study)) return;
        introduce(trial.study);
        onTrial(asJournalTrial(trial));
      });
      const extent = existsSync(path) ? replayFile(path, replay) : undefined;
      this.#file = new AppendFile(path, (bytes) => this.#admit(bytes));
      if (extent !== undefined && extent.torn !== '') this.#repair(extent, replay);
      const study = [...replay.studies.values()].find(isMine);
      if (study !== undefined) introduce(study);
      for (const trial of replay.open.values()) {
        if (trial.study !== study) continue;
        this.#ids.set(trial.number, trial.id);
        onTrial(asJournalTrial(trial));
      }
      this.#study = study?.id;
      this.#others = [...replay.studies.values()];
      this.found = study === undefined ? undefined : describe(study);
      this.#records = new RecordWriter(`${WORKER_PREFIX}${process.pid}`, level);
      this.#nextId = replay.trials;
      this.#nextStudy = replay.studiesMade;
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  begin({ name, directions, attrs }: StudyDescription): void {
    const same = this.#others.find((study) => study.name === name);
    if (same !== undefined && same.trials > 0) {
      throw new UsageError('STUDY_MISMATCH', {
        message: `${this.path} holds a study '${name}' of another program. Give the new study another file.`,
        details: { path: this.path, name },
      });
    }
    // A study without its attributes is what a killed process left of its beginning: it is begun again.
    const created = same === undefined ? this.#records.createStudy(name, directions) : '';
    this.#study = same?.id ?? this.#nextStudy++;
    // The format goes last: it says that the others are complete.
    const notes = Object.entries({ ...attrs, format: 1 });
    const written = notes.map(([key, value]) => this.#records.studyAttr(this.#id, ATTR_PREFIX + key, value));
    this.#file.append(created + written.join(''));
    this.#file.flush();
  }

  note(key: string, value: unknown): void {
    this.#file.append(this.#records.studyAttr(this.#id, ATTR_PREFIX + key, value));
  }

  create(number: number, params: FlatParams, budget: number, saw?: number): void {
    this.#ids.set(number, this.#nextId++);
    this.#file.append(this.#records.createTrial(this.#id, params, { budget, saw }, Date.now()));
  }

  enqueue(number: number, params: FlatParams): void {
    this.#ids.set(number, this.#nextId++);
    this.#file.append(this.#records.enqueueTrial(this.#id, params));
  }

  start(number: number, params: FlatParams, saw?: number): void {
    this.#file.append(this.#records.startTrial(this.#ids.get(number)!, params, saw, Date.now()));
  }

  finish(number: number, _params: FlatParams, budget: number, ending: TrialEnding): void {
    this.#file.append(this.#records.finishTrial(this.#ids.get(number)!, budget, ending, Date.now()));
    this.#ids.delete(number);
  }

  flush(): void {
    this.#file.flush();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      await this.#file.close();
    } finally {
      this.#release();
    }
  }

  async *finished(): AsyncGenerator<JournalTrial> {
    if (!this.#closed) this.flush();
    yield* finishedTrials(this.path, this.#id);
  }

  get #id(): number {
    if (this.#study === undefined)
      throw new RunError('STUDY_NOT_BEGUN', { message: `${this.path} holds no study yet.` });
    return this.#study;
  }

  /** A torn line that is whole but for its end is completed; any other never counted. */
  #repair({ bytes, lines, torn }: ReadExtent, replay: JournalReplay): void {
    try {
      parseRecord(torn, lines + 1);
    } catch {
      this.#file.repair(bytes, '');
      return;
    }
    applyLines(Buffer.from(`${torn}\n`), replay, lines, this.path);
    this.#file.repair(bytes + Buffer.byteLength(torn), '\n');
  }

  /** Another program's records may stand between ours as long as they make no trial or study: our ids count them. */
  #admit(bytes: Buffer): void {
    const text = bytes.toString('utf8');
    const adds = text.split('\n').some((line) => /"op_code":\s*[014]\b/.test(line));
    if (!adds && text.endsWith('\n')) return;
    throw new RunError('JOURNAL_CHANGED', {
      message: `Another program ${adds ? 'added a trial or a study to' : 'left an unfinished line in'} ${this.path} while it was being written. Stop that program, then resume the study.`,
      details: { path: this.path, added: text.slice(0, 200) },
    });
  }
}

/**
 * Yields the finished trials of a study of a file by number, holding only those whose predecessors have not finished.
 * @param study - id of the study; undefined takes the only study of ours.
 * @throws UsageError `JOURNAL_NOT_FOUND`; DataError `JOURNAL_MALFORMED`.
 */
export function* finishedTrials(path: string, study?: number): Generator<JournalTrial> {
  const early = new Map<number, JournalTrial>();
  const replay = new JournalReplay((trial) => {
    if (study === undefined ? isOurs(trial.study) : trial.study.id === study) {
      early.set(trial.number, asJournalTrial(trial));
    }
  });
  let next = 0;
  for (const _piece of replayPieces(path, replay)) {
    for (let trial = early.get(next); trial !== undefined; trial = early.get(++next)) {
      early.delete(next);
      yield trial;
    }
  }
  yield* [...early.values()].sort((a, b) => a.number - b.number);
}

/** What {@link readStudy} finds. */
export interface StudyInFile extends StudyDescription {
  /** Trials made, ended or not. */
  readonly created: number;
}

/**
 * Reads what a study is, without owning its file: it may be written meanwhile.
 * @throws UsageError `JOURNAL_NOT_FOUND`, `NOT_A_STUDY` for a file without a study of ours; DataError `JOURNAL_MALFORMED`.
 */
export function readStudy(path: string): StudyInFile {
  const replay = new JournalReplay();
  replayFile(path, replay);
  const study = [...replay.studies.values()].find(isOurs);
  if (study !== undefined) return { ...describe(study), created: study.trials };
  const others = [...replay.studies.values()].map(({ name }) => `'${name}'`).join(', ');
  throw new UsageError('NOT_A_STUDY', {
    message: `${path} holds no study of Hindcast${others === '' ? '' : `, but ${others} of another program`}. Give the file that a search wrote.`,
    details: { path },
  });
}

/** Tells whether a study was written by us. */
const isOurs = (study: RecordedStudy): boolean => `${ATTR_PREFIX}format` in study.userAttrs;

/** Returns a recorded trial in our terms. */
function asJournalTrial(trial: RecordedTrial): JournalTrial {
  const { number, state, systemAttrs, maker } = trial;
  const foreign = !maker.startsWith(WORKER_PREFIX);
  const fixed = systemAttrs.fixed_params as Readonly<Record<string, Scalar>> | undefined;
  // Until it ends, a trial's own parameters may be cut short by the death of its writer.
  const params = state === 'waiting' || state === 'running' ? (fixed ?? trial.params) : trial.params;
  const budget = (trial.userAttrs[BUDGET_ATTR] as number | undefined) ?? 1;
  const saw = trial.userAttrs[SAW_ATTR] as number | undefined;
  const seen = saw === undefined ? {} : { saw };
  const base = { number, params, budget, ...seen, enqueued: fixed !== undefined || foreign, foreign, state };
  const ending = endingOf(trial);
  return ending === undefined ? base : { ...base, ending };
}

function endingOf({ state, values, userAttrs, intermediate }: RecordedTrial): TrialEnding | undefined {
  const { reason, ...kept } = (userAttrs[TRIAL_ATTR] ?? {}) as TrialReport & { readonly reason?: string };
  // Under a budget the step is the share of the data, and the value that of the trial.
  const isReported = intermediate.size > 0 && userAttrs[BUDGET_ATTR] === undefined;
  const report = isReported ? { ...kept, intermediate: [...intermediate] } : kept;
  switch (state) {
    case 'complete':
      return { ...report, state, values: (values ?? [Number.NaN]) as [number, ...number[]] };
    case 'pruned': {
      const value = values?.[0];
      return {
        ...report,
        state,
        ...(value === undefined ? {} : { value }),
        ...(reason === undefined ? {} : { reason }),
      };
    }
    case 'failed':
      return { ...report, state, reason: reason ?? 'no reason was recorded' };
    default:
      return undefined;
  }
}

function describe({ name, directions, userAttrs }: RecordedStudy): StudyDescription {
  const attrs = Object.entries(userAttrs)
    .filter(([key]) => key.startsWith(ATTR_PREFIX))
    .map(([key, value]) => [key.slice(ATTR_PREFIX.length), value]);
  return {
    name,
    directions: directions.map((direction) => (direction === 'maximize' ? 'maximize' : 'minimize')),
    attrs: Object.fromEntries(attrs) as Record<string, unknown>,
  };
}
