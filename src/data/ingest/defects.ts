import { DataError } from '../../core/errors.js';
import type { FaultCode } from '../sound-bar.js';
import { quote } from './number-cell.js';
import { defectName, Policies, type Policy } from './policies.js';

/** What is wrong with a source, by kind. Errors refuse the whole ingest, warnings go to its report. */
export type DefectCode =
  | 'RAGGED_ROW'
  | 'NUL_BYTE'
  | 'BAD_UTF8'
  | 'MISSING_VALUE'
  | 'NOT_A_NUMBER'
  | 'TEXT_NUMBERS'
  | 'NOT_FINITE'
  | FaultCode
  | 'NOT_A_DATE'
  | 'MIXED_DATE_FORMATS'
  | 'AMBIGUOUS_DATES'
  | 'SKIPPED_LOCAL_TIME'
  | 'AMBIGUOUS_LOCAL_TIME'
  | 'LOCAL_TIME_ONCE'
  | 'NO_SYMBOL'
  | 'NO_ROWS'
  | 'NO_VOLUME'
  | 'WRONG_HEADER'
  | 'MIXED_SCALE'
  | 'DUPLICATE_IDENTICAL'
  | 'DUPLICATE_CONFLICTING'
  | 'UNSORTED'
  | 'NEWEST_FIRST'
  | 'NOT_A_SESSION'
  | 'OUTSIDE_CALENDAR_YEARS'
  | 'OUTSIDE_HOURS'
  | 'OFF_GRID'
  | 'MISSING_SESSIONS'
  | 'MISSING_BARS'
  | 'FILLED'
  | 'PRECISION'
  | 'SUSPECT_SPIKE'
  | 'LARGE_MOVE'
  | 'STALE_RUN'
  | 'SAME_CONTENT'
  | 'SPLIT_WITHOUT_JUMP'
  | 'ADJUSTED_CLOSE'
  | 'ADJUSTED_STEP'
  | 'DERIVED_EVENTS'
  | 'REUSED_TICKER'
  | 'QUOTES_WITHOUT_TRADE'
  | 'BAD_EVENT'
  | 'DUPLICATE_EVENT'
  | 'EVENT_DROPPED'
  | 'EVENT_MOVED'
  | 'EVENT_OUTSIDE_LIFE'
  | 'EVENT_OF_OTHER_SYMBOL';

/** One thing wrong with a source, where it is, and why. */
export interface Defect {
  readonly code: DefectCode;
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Data row from 1, the header not counted; absent when the defect is of the whole file. */
  readonly row?: number;
  /** Name of the column in the file. */
  readonly column?: string;
  readonly message: string;
}

/** What was found of one kind, in all files, and what was done about it. Plain data. */
export interface QualityEntry {
  /** As policies name it: `duplicate-identical`. */
  readonly defect: string;
  readonly policy: Policy;
  /** Rows, or whatever the defect is of. */
  readonly count: number;
  /** The first of them. */
  readonly places: readonly Defect[];
}

/** Errors listed in the details of a refusal. */
const LISTED = 20;
/** Errors spelled out in its message. */
const SPELLED_OUT = 3;
/** Places named in a warning that stands for many rows. */
const PLACES = 3;

/** Rows with one kind of defect in one file, treated alike. */
interface Tally {
  readonly code: DefectCode;
  readonly policy: Policy;
  readonly file: string;
  count: number;
  /** The row that was counted last: two columns of a row are one row. */
  lastRow: number | undefined;
  readonly places: Defect[];
}

/** What a policy did to rows, in the words of a warning. */
const DONE: Readonly<Record<Policy, string>> = {
  fail: 'refused',
  warn: 'kept as they are',
  drop: 'left out',
  fill: 'filled with the last close and volume 0',
  first: 'left out for the first of them',
  last: 'taken in place of the ones before',
};

/** What a log found, as plain data that may cross threads. */
export interface DefectFindings {
  readonly causes: readonly Defect[];
  readonly errors: readonly Defect[];
  readonly errorCount: number;
  readonly counts: readonly (readonly [code: DefectCode, count: number])[];
  readonly warnings: readonly Defect[];
  readonly tallies: readonly (readonly [key: string, tally: Readonly<Tally>])[];
  readonly wholes: readonly Whole[];
}

/** A defect of a file, an asset or several rows. */
interface Whole {
  readonly defect: Defect;
  readonly policy: Policy;
  readonly count: number;
}

/** Collects the defects of one ingest and decides about them by its policies: the first ones in full, all of them by count. */
export class DefectLog {
  readonly #policies: Policies;
  /** What explains other errors: before them in every list. */
  readonly #causes: Defect[] = [];
  readonly #errors: Defect[] = [];
  readonly #counts = new Map<DefectCode, number>();
  readonly #warnings: Defect[] = [];
  readonly #tallies = new Map<string, Tally>();
  readonly #wholes: Whole[] = [];
  #errorCount = 0;

  /** @param policies what is done about each kind of defect. Default: each one's own */
  constructor(policies: Policies = new Policies()) {
    this.#policies = policies;
  }

  get policies(): Policies {
    return this.#policies;
  }

  /** Number of errors so far. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** Warnings so far: rows by kind and file, then those of files and assets, each in the order in which they were found. */
  get warnings(): readonly Defect[] {
    return [...[...this.#tallies.values()].map(warningOf), ...this.#warnings];
  }

  /** What was found that did not refuse the ingest, by kind. */
  get quality(): readonly QualityEntry[] {
    const entries = new Map<string, { defect: string; policy: Policy; count: number; places: Defect[] }>();
    const all = [
      ...[...this.#tallies.values()].map(({ code, policy, count, places }) => ({ code, policy, count, places })),
      ...this.#wholes.map(({ defect, policy, count }) => ({ code: defect.code, policy, count, places: [defect] })),
    ];
    for (const { code, policy, count, places } of all) {
      const key = `${code} ${policy}`;
      const entry = entries.get(key) ?? { defect: defectName(code), policy, count: 0, places: [] };
      entry.count += count;
      entry.places.push(...places.slice(0, LISTED - entry.places.length));
      entries.set(key, entry);
    }
    return [...entries.values()];
  }

  /** All that was found so far. */
  get findings(): DefectFindings {
    return {
      causes: this.#causes,
      errors: this.#errors,
      errorCount: this.#errorCount,
      counts: [...this.#counts],
      warnings: this.#warnings,
      tallies: [...this.#tallies],
      wholes: this.#wholes,
    };
  }

  /** Adds what another log with the same policies found, behind what this one has. */
  absorb({ causes, errors, errorCount, counts, warnings, tallies, wholes }: DefectFindings): void {
    this.#causes.push(...causes.slice(0, LISTED - this.#causes.length));
    this.#errors.push(...errors.slice(0, LISTED - this.#errors.length));
    this.#errorCount += errorCount;
    for (const [code, count] of counts) this.#counts.set(code, (this.#counts.get(code) ?? 0) + count);
    this.#warnings.push(...warnings);
    this.#wholes.push(...wholes);
    for (const [key, tally] of tallies) {
      const known = this.#tallies.get(key);
      if (known === undefined) this.#tallies.set(key, { ...tally, places: [...tally.places] });
      else {
        known.count += tally.count;
        known.lastRow = tally.lastRow;
        known.places.push(...tally.places.slice(0, LISTED - known.places.length));
      }
    }
  }

  /** Adds an error, whatever the policies say. */
  error(code: DefectCode, file: string, message: string, row?: number, column?: string): void {
    this.#errorCount++;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#errors.length < LISTED) this.#errors.push(defect(code, 'error', file, message, row, column));
  }

  /** Adds an error before all others: what explains them. */
  cause(code: DefectCode, file: string, message: string): void {
    this.#errorCount++;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#causes.length < LISTED) this.#causes.push(defect(code, 'error', file, message));
  }

  /** Adds a warning, whatever the policies say. */
  warning(code: DefectCode, file: string, message: string, row?: number, column?: string): void {
    this.#warnings.push(defect(code, 'warning', file, message, row, column));
  }

  /** Notes a defect of a row and returns what is to be done about it. Rows that are not refused become one warning by kind and file. */
  row(code: DefectCode, file: string, message: string, row: number, column?: string): Policy {
    const policy = this.#policies.of(code);
    if (policy === 'fail') {
      this.error(code, file, message, row, column);
      return policy;
    }
    const key = `${code} ${file}`;
    let tally = this.#tallies.get(key);
    if (tally === undefined) {
      tally = { code, policy, file, count: 0, lastRow: undefined, places: [] };
      this.#tallies.set(key, tally);
    }
    if (tally.lastRow !== row) tally.count++;
    tally.lastRow = row;
    if (tally.places.length < LISTED) tally.places.push(defect(code, 'warning', file, message, row, column));
    return policy;
  }

  /**
   * Notes a defect of a file, an asset or several rows and returns what is to be done about it.
   * @param count how many rows or things the message stands for
   */
  whole(code: DefectCode, file: string, message: string, count = 1, done = ''): Policy {
    const policy = this.#policies.of(code);
    if (policy === 'fail') this.error(code, file, message);
    else {
      this.#wholes.push({ defect: defect(code, 'warning', file, message + done), policy, count });
      this.warning(code, file, message + done);
    }
    return policy;
  }

  /** Notes bars that were made where the calendar expects them. */
  filled(code: DefectCode, file: string, message: string, count: number): void {
    this.#wholes.push({ defect: defect(code, 'warning', file, message), policy: 'fill', count });
    this.warning('FILLED', file, message);
  }

  /** Throws a DataError `INGEST_REFUSED` with the first errors and the count of all, when there is one. */
  refuse(): void {
    if (this.#errorCount === 0) return;
    const more = this.#errorCount - Math.min(this.#errorCount, SPELLED_OUT);
    const defects = [...this.#causes, ...this.#errors].slice(0, LISTED);
    const spelled = defects.slice(0, SPELLED_OUT).map(describeDefect);
    const counts = Object.fromEntries(this.#counts);
    throw new DataError('INGEST_REFUSED', {
      message: `Refused, nothing was stored: ${spelled.join('; ')}${more === 0 ? '' : `; and ${more} more`}. Correct the source and ingest again.`,
      details: { count: this.#errorCount, counts, defects, warnings: this.#warnings.slice(0, LISTED) },
    });
  }
}

/** Returns one warning that stands for many rows. */
function warningOf({ code, policy, file, count, places }: Tally): Defect {
  const [first] = places;
  if (count === 1) {
    const { message, row, column } = first!;
    return defect(
      code,
      'warning',
      file,
      `${message}; the row was ${DONE[policy].replace('they are', 'it is')}`,
      row,
      column,
    );
  }
  const rows = [...new Set(places.map(({ row }) => row))].map((row) => `row ${row}`);
  const message = `${count} rows with ${defectName(code)} were ${DONE[policy]}: ${firstPlaces(rows, count)} (the first: ${first!.message})`;
  return defect(code, 'warning', file, message);
}

/** Returns a defect on one line: `IBM.csv row 31, column 'close': ...`. */
export function describeDefect({ file, row, column, message }: Defect): string {
  const place = [file, ...(row === undefined ? [] : [`row ${row}`])].join(' ');
  return `${place}${column === undefined ? '' : `, column ${quote(column)}`}: ${message}`;
}

/** Returns the first places of a list and how many follow: `2015-03-09, 2015-03-26, 2015-05-22 and 3 more`. */
export function firstPlaces(places: readonly string[], count = places.length): string {
  const named = places.slice(0, PLACES).join(', ');
  return count > PLACES ? `${named} and ${count - PLACES} more` : named;
}

function defect(
  code: DefectCode,
  severity: 'error' | 'warning',
  file: string,
  message: string,
  row?: number,
  column?: string,
): Defect {
  return {
    code,
    severity,
    file,
    ...(row === undefined ? {} : { row }),
    ...(column === undefined ? {} : { column }),
    message,
  };
}
