import { checkedLabel, DAY_MS } from '../../market/civil-date.js';
import type { DefectCode } from './defects.js';
import { badByte, type CellProblem, quote } from './number-cell.js';

/** What the stamps of a file are: dates, wall-clock times without a zone, or instants. */
export type StampKind = 'date' | 'local' | 'instant';

/** A stamp whose order of day and month was not known when it was read. */
interface Deferred {
  readonly text: string;
  readonly row: number;
}

const YEAR_FIRST = /^(\d{4})([-/.]?)(\d{2})\2(\d{2})$/;
/** Month and day of a format whose year is last. */
const MONTH_FIRST = /^MM(.)DD/;
const YEAR_LAST = /^(\d{1,2})([-/.])(\d{1,2})\2(\d{4})$/;
const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
const EPOCH = /^\d{9,14}(?:\.0+)?$/;
/** Beyond it an epoch stamp counts milliseconds: seconds would lie after the year 5138. */
const MILLISECONDS_FROM = 1e11;
/** Beyond it a Date does not exist. */
const LAST_INSTANT = 8.64e15;
/** No zone is further from UTC. */
const WIDEST_OFFSET = 14 * 3_600_000;

/**
 * Reads the stamps of one file, which must all have one format: `YYYY-MM-DD`, `YYYYMMDD`, `MM/DD/YYYY` or `DD/MM/YYYY` (told
 * apart by a day above 12 anywhere in the file), each alone or with a time and an offset; or epoch seconds or milliseconds.
 */
export class StampReader {
  #format: string | undefined;
  #kind: StampKind = 'date';
  #order: 'month-first' | 'day-first' | undefined;
  #deferred: Deferred[] = [];
  readonly #later = new Map<number, number>();
  readonly #problems: { readonly row: number; readonly problem: CellProblem }[] = [];

  /** What the stamps are, once the first was read. */
  get kind(): StampKind {
    return this.#kind;
  }

  /** The file's format for people, undefined before the first stamp. */
  get format(): string | undefined {
    return this.#order === 'day-first' ? this.#format?.replace(MONTH_FIRST, 'DD$1MM') : this.#format;
  }

  /**
   * Returns a stamp's value: a date's label, a wall-clock time as if in UTC, or an instant, all in milliseconds. NaN for a date whose
   * order of day and month the file has not told yet: {@link finish} gives it by row.
   */
  read(text: string, row: number): number | CellProblem {
    const trouble = badByte(text);
    if (trouble !== undefined) return trouble;
    if (EPOCH.test(text)) {
      const epoch = Number(text);
      const different = this.#adopt('epoch', 'instant', text);
      return different ?? (epoch >= MILLISECONDS_FROM ? epoch : epoch * 1000);
    }
    const [datePart = '', timePart] = splitStamp(text);
    const yearFirst = YEAR_FIRST.exec(datePart);
    const yearLast = yearFirst === null ? YEAR_LAST.exec(datePart) : null;
    const time = timePart === undefined ? { ms: 0, offset: undefined } : readTime(timePart);
    if ((yearFirst === null && yearLast === null) || time === undefined) return notADate(text);
    const separator = (yearFirst ?? yearLast)![2]!;
    const written = yearFirst !== null ? ['YYYY', 'MM', 'DD'].join(separator) : ['MM', 'DD', 'YYYY'].join(separator);
    const kind = timePart === undefined ? 'date' : time.offset === undefined ? 'local' : 'instant';
    const suffix = { date: '', local: ' with time', instant: ' with time and offset' }[kind];
    const isDayFirst = this.#order === 'day-first' || Number(yearLast?.[1]) > 12;
    const shown = isDayFirst ? written.replace(MONTH_FIRST, 'DD$1MM') : written;
    const different = this.#adopt(written + suffix, kind, text, shown + suffix);
    if (different !== undefined) return different;
    const rest = time.ms - (time.offset ?? 0);
    if (yearFirst !== null) {
      return labelled(checkedLabel(Number(yearFirst[1]), Number(yearFirst[3]), Number(yearFirst[4])), rest, text);
    }
    return this.#readYearLast(yearLast!, rest, text, row);
  }

  /**
   * Returns the stamp of a typed source: milliseconds of `kind`; where the source does not say, the integer of a date, 20240131, or epoch seconds
   * or milliseconds.
   */
  readNumber(value: number, kind: StampKind | undefined): number | CellProblem {
    if (!Number.isFinite(value)) return notADate(Number.isNaN(value) ? '' : String(value));
    const date = kind === undefined ? YEAR_FIRST.exec(String(value)) : null;
    if (date !== null) {
      const label = checkedLabel(Number(date[1]), Number(date[3]), Number(date[4]));
      return this.#adopt('YYYYMMDD', 'date', String(value)) ?? labelled(label, 0, String(value));
    }
    const ms = kind === undefined && Math.abs(value) < MILLISECONDS_FROM ? value * 1000 : value;
    if (!Number.isSafeInteger(ms) || Math.abs(ms) > LAST_INSTANT) return notADate(String(value));
    return this.#adopt(kind === undefined ? 'epoch' : `typed ${kind}`, kind ?? 'instant', String(value)) ?? ms;
  }

  /**
   * Returns the stamp of a typed source that has the day and the time of day, as text, in two columns.
   *
   * @param day milliseconds of `dayKind`: a date's label, or a wall-clock time, which is a midnight
   */
  readDay(day: number, dayKind: StampKind, time: string): number | CellProblem {
    if (!Number.isSafeInteger(day) || Math.abs(day) > LAST_INSTANT)
      return notADate(Number.isNaN(day) ? '' : String(day));
    if (dayKind === 'instant' || (dayKind === 'local' && day % DAY_MS !== 0)) {
      const stands = `stands beside ${quote(time)} in a column of times; hold the day alone as a date, or leave the times out, --column time=none`;
      return { code: 'NOT_A_DATE', message: `${typedText(day, dayKind)} has a time of its own and ${stands}` };
    }
    const read = readTime(time);
    if (read === undefined) {
      return { code: time === '' ? 'MISSING_VALUE' : 'NOT_A_DATE', message: `${quote(time)} is no time of day` };
    }
    const { ms, offset } = read;
    const kind = offset === undefined ? 'local' : 'instant';
    return this.#adopt('typed date and time', kind, time) ?? day + ms - (offset ?? 0);
  }

  /** Ends the file: returns by row the stamps that were told later than read, and the rows whose day and month nobody can tell apart. */
  finish(): {
    readonly later: ReadonlyMap<number, number>;
    readonly problems: readonly { readonly row: number; readonly problem: CellProblem }[];
  } {
    const [first] = this.#deferred;
    if (first === undefined) return { later: this.#later, problems: this.#problems };
    const message = `${quote(first.text)} and all other dates of the file may be MM/DD or DD/MM; write dates as YYYY-MM-DD`;
    return { later: this.#later, problems: [{ row: first.row, problem: { code: 'AMBIGUOUS_DATES', message } }] };
  }

  #readYearLast(match: RegExpExecArray, rest: number, text: string, row: number): number | CellProblem {
    const a = Number(match[1]);
    const b = Number(match[3]);
    if (this.#order === undefined && (a > 12 || b > 12)) {
      this.#order = a > 12 ? 'day-first' : 'month-first';
      for (const deferred of this.#deferred.splice(0)) {
        const value = this.read(deferred.text, deferred.row);
        if (typeof value === 'number') this.#later.set(deferred.row, value);
        else this.#problems.push({ row: deferred.row, problem: value });
      }
    }
    // A number below 13 twice is the same date in both orders.
    if (this.#order === undefined && a !== b) {
      this.#deferred.push({ text, row });
      return Number.NaN;
    }
    const [month, day] = this.#order === 'day-first' ? [b, a] : [a, b];
    return labelled(checkedLabel(Number(match[4]), month, day), rest, text);
  }

  #adopt(format: string, kind: StampKind, text: string, shown = format): CellProblem | undefined {
    if (this.#format === undefined) {
      this.#format = format;
      this.#kind = kind;
    }
    if (this.#format === format) return undefined;
    return {
      code: 'MIXED_DATE_FORMATS',
      message: `${quote(text)} is written ${shown}, but the file began with ${this.format}; use one format`,
    };
  }
}

/** A typed stamp as people write it. */
function typedText(value: number, kind: StampKind): string {
  const text = new Date(value).toISOString().slice(0, 19);
  return quote(kind === 'instant' ? `${text}Z` : text);
}

function splitStamp(text: string): string[] {
  const at = text.search(/[T ]/);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + 1).trim()];
}

function readTime(text: string): { ms: number; offset: number | undefined } | undefined {
  const match = TIME.exec(text);
  if (match === null) return undefined;
  const [, hour, minute, second = '0', fraction = '', zone] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const milliseconds = Math.floor(Number(`0.${fraction || '0'}`) * 1000 + 1e-6);
  const ms = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000 + milliseconds;
  if (zone === undefined) return { ms, offset: undefined };
  const digits = zone.replace(/[^\d]/g, '');
  const size = digits === '' ? 0 : (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))) * 60_000;
  return size > WIDEST_OFFSET ? undefined : { ms, offset: zone.startsWith('-') ? -size : size };
}

function labelled(label: number, rest: number, text: string): number | CellProblem {
  if (Number.isNaN(label)) return { code: 'NOT_A_DATE', message: `${quote(text)} is a date that does not exist` };
  return label + rest;
}

function notADate(text: string): CellProblem {
  const code: DefectCode = text === '' ? 'MISSING_VALUE' : 'NOT_A_DATE';
  return { code, message: text === '' ? 'no date (empty cell)' : `${quote(text)} is not a date` };
}
