import { UsageError } from '../core/errors.js';
import { type BarTimes, daysOf, INTRADAY_MS, midnight } from '../market/bar-axis.js';
import { lowerBound } from '../market/calendar.js';
import { DAY_MS } from '../market/civil-date.js';
import { calendarOf, sessionAxis } from '../market/session-axis.js';

type Unit = 'bar' | 'session' | 'day' | 'week' | 'month' | 'year';

/** A length of time: a number of bars, `'126 sessions'`, `'2 years'`, or short `'90d'`, `'12w'`, `'6m'` (months), `'2y'`. */
export type Span = number | `${number} ${Unit}${'' | 's'}` | `${number}${'d' | 'w' | 'm' | 'y'}`;

/** A length with its units apart, so that lengths can be added before they are laid onto an axis: a month has no fixed number of bars. */
export interface SpanParts {
  readonly months: number;
  readonly days: number;
  readonly sessions: number;
  readonly bars: number;
}

/** Axis rows `[from, to)`. */
export interface RowRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export const NO_SPAN: SpanParts = Object.freeze({ months: 0, days: 0, sessions: 0, bars: 0 });

const UNITS: Readonly<Record<string, Partial<SpanParts>>> = {
  bar: { bars: 1 },
  session: { sessions: 1 },
  day: { days: 1 },
  d: { days: 1 },
  week: { days: 7 },
  w: { days: 7 },
  month: { months: 1 },
  m: { months: 1 },
  year: { months: 12 },
  y: { months: 12 },
};

/** Returns a length as its parts. @throws UsageError `INVALID_SPAN` for anything but a whole number of a known unit, above 0 */
export function parseSpan(name: string, span: Span | string): SpanParts {
  const match = /^\s*(\d+)\s*([a-z]*)\s*$/i.exec(String(span));
  const word = (match?.[2] ?? '').toLowerCase();
  const unit = word === '' ? UNITS.bar : (UNITS[word] ?? UNITS[word.replace(/s$/, '')]);
  const count = Number(match?.[1] ?? 0);
  if (unit === undefined || !(count > 0) || !Number.isSafeInteger(count * 12)) {
    throw new UsageError('INVALID_SPAN', {
      message: `'${name}' is a whole number of bars above 0 (504), or of sessions, days, weeks, months or years: '126 sessions', '90d', '12w', '6m', '2y'. It is '${String(span)}'.`,
      details: { name, span },
    });
  }
  return timesSpan(count, { ...NO_SPAN, ...unit });
}

/** Returns the sum of lengths, unit by unit. */
export const addSpans = (...spans: readonly SpanParts[]): SpanParts =>
  spans.reduce((sum, span) => ({
    months: sum.months + span.months,
    days: sum.days + span.days,
    sessions: sum.sessions + span.sessions,
    bars: sum.bars + span.bars,
  }));

/** Returns a length so many times. */
export const timesSpan = (count: number, { months, days, sessions, bars }: SpanParts): SpanParts => ({
  months: count * months,
  days: count * days,
  sessions: count * sessions,
  bars: count * bars,
});

/** Lays lengths onto the rows of a time axis, all from one origin: the first row. */
export class SpanAxis {
  readonly #axis: BarTimes;
  readonly #rows: RowRange;
  /** First label at which a bar behind the last row would be due. */
  readonly #due: number;
  #sessions: Int32Array | undefined;

  constructor(axis: BarTimes, rows: RowRange) {
    this.#axis = axis;
    this.#rows = rows;
    this.#due = rows.to < axis.length ? axis.times[rows.to]! : dueAfter(axis);
  }

  /**
   * Returns the row at which a length from the origin is over: the first that lies beyond it. Months are added to the origin's date (a day that
   * the month lacks becomes its last), then days, then sessions, then bars. The end of the rows where the length ends with them; undefined where it
   * reaches beyond.
   * @throws UsageError `NO_SESSIONS` for sessions on bars that are longer than one
   */
  rowAfter({ months, days, sessions, bars }: SpanParts): number | undefined {
    let row = this.#rows.from;
    if (months !== 0 || days !== 0) {
      const label = addMonths(midnight(this.#axis.times[row]!), months) + days * DAY_MS;
      if (label > this.#due) return undefined;
      row = lowerBound(this.#axis.times, label);
    }
    if (sessions !== 0) {
      const later = this.#rowAfterSessions(row, sessions);
      if (later === undefined) return undefined;
      row = later;
    }
    row += bars;
    return row <= this.#rows.to ? row : undefined;
  }

  #rowAfterSessions(row: number, sessions: number): number | undefined {
    const { frequency, length } = this.#axis;
    if (frequency === '1d') return row + sessions;
    if (!(frequency in INTRADAY_MS)) {
      throw new UsageError('NO_SESSIONS', {
        message: `A ${frequency} bar stands for several sessions: give lengths in bars, months or years.`,
        details: { frequency },
      });
    }
    this.#sessions ??= sessionBegins(this.#axis);
    const begins = this.#sessions;
    const at = lowerBound(begins, row + 1) - 1 + sessions;
    return at < begins.length ? begins[at]! : at === begins.length ? length : undefined;
  }
}

/** Returns a date so many months later, on the month's last day where it lacks the date's own. */
function addMonths(label: number, months: number): number {
  const date = new Date(label);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + months];
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last));
}

function sessionBegins(axis: BarTimes): Int32Array {
  const sessions = sessionAxis(axis);
  const begins: number[] = [];
  for (let row = 0; row < axis.length; row++) if (row === 0 || sessions.opensSession(row)) begins.push(row);
  return Int32Array.from(begins);
}

/** The first label behind an axis that a further bar could have: a span that ends by then has lost nothing. */
function dueAfter(axis: BarTimes): number {
  const { frequency, length, times } = axis;
  const last = times[length - 1]!;
  if (frequency === '1w' || frequency === '1mo') return daysOf(frequency, last)[1];
  const day = midnight(last);
  if (frequency in INTRADAY_MS && !(axis.closes[length - 1]! >= sessionAxis(axis).closeOf(length - 1))) return day;
  return calendarOf(axis).sessionOnOrAfter(day + DAY_MS) ?? day + DAY_MS;
}
