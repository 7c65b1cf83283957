import { DataError } from '../../core/errors.js';

/** What is wrong with a source, by kind. Errors refuse the whole ingest, warnings go to its report. */
export type DefectCode =
  | 'RAGGED_ROW'
  | 'NUL_BYTE'
  | 'BAD_UTF8'
  | 'MISSING_VALUE'
  | 'NOT_A_NUMBER'
  | 'TEXT_NUMBERS'
  | 'NOT_FINITE'
  | 'ZERO_PRICE'
  | 'NEGATIVE_PRICE'
  | 'NEGATIVE_VOLUME'
  | 'VOLUME_TOO_LARGE'
  | 'HIGH_BELOW_LOW'
  | 'OPEN_OUTSIDE_RANGE'
  | 'CLOSE_OUTSIDE_RANGE'
  | 'NOT_A_DATE'
  | 'MIXED_DATE_FORMATS'
  | 'AMBIGUOUS_DATES'
  | 'SKIPPED_LOCAL_TIME'
  | 'NO_SYMBOL'
  | 'NO_ROWS'
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
  | 'SAME_CONTENT'
  | 'SPLIT_WITHOUT_JUMP'
  | 'BAD_EVENT'
  | 'DUPLICATE_EVENT'
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

/** Errors listed in the details of a refusal. */
const LISTED = 20;
/** Errors spelled out in its message. */
const SPELLED_OUT = 3;
/** Places named in a warning that stands for many rows. */
const PLACES = 3;

/** Collects the defects of one ingest: the first errors in full, all of them by count. */
export class DefectLog {
  readonly #errors: Defect[] = [];
  readonly #counts = new Map<DefectCode, number>();
  readonly #warnings: Defect[] = [];
  #errorCount = 0;

  /** Number of errors so far. */
  get errorCount(): number {
    return this.#errorCount;
  }

  /** Warnings so far, in the order in which they were found. */
  get warnings(): readonly Defect[] {
    return this.#warnings;
  }

  /** Adds an error. */
  error(code: DefectCode, file: string, message: string, row?: number, column?: string): void {
    this.#errorCount++;
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    if (this.#errors.length < LISTED) this.#errors.push(defect(code, 'error', file, message, row, column));
  }

  /** Adds a warning. */
  warning(code: DefectCode, file: string, message: string, row?: number, column?: string): void {
    this.#warnings.push(defect(code, 'warning', file, message, row, column));
  }

  /** Throws a DataError `INGEST_REFUSED` with the first errors and the count of all, when there is one. */
  refuse(): void {
    if (this.#errorCount === 0) return;
    const more = this.#errorCount - Math.min(this.#errorCount, SPELLED_OUT);
    const spelled = this.#errors.slice(0, SPELLED_OUT).map(describeDefect);
    const counts = Object.fromEntries(this.#counts);
    throw new DataError('INGEST_REFUSED', {
      message: `Refused, nothing was stored: ${spelled.join('; ')}${more === 0 ? '' : `; and ${more} more`}. Correct the source and ingest again.`,
      details: { count: this.#errorCount, counts, defects: this.#errors, warnings: this.#warnings.slice(0, LISTED) },
    });
  }
}

/** Returns a defect on one line: `IBM.csv row 31, column 'close': ...`. */
export function describeDefect({ file, row, column, message }: Defect): string {
  const place = [file, ...(row === undefined ? [] : [`row ${row}`])].join(' ');
  return `${place}${column === undefined ? '' : `, column '${column}'`}: ${message}`;
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
