import { UsageError } from '../core/errors.js';
import { type BarTimes, INTRADAY_MS, midnight, period } from './bar-axis.js';
import { FREQUENCIES, type Frequency } from './bars.js';
import { lowerBound, type SessionTable } from './calendar.js';
import { calendarOf, sessionsAround } from './session-axis.js';

/** Longer bars, and which of them each bar of a shorter axis is part of. */
export interface ResampledAxis extends BarTimes {
  readonly times: Float64Array;
  readonly opens: Float64Array;
  readonly closes: Float64Array;
  /** By row of the shorter axis: the row here, or -1 for a bar outside the sessions. Ascending but for those. */
  readonly bars: Int32Array;
}

/** Returns the longer lengths that bars of a length make up, ascending: whole multiples within a day, days, weeks and months of days. */
export function longerThan(frequency: Frequency): Frequency[] {
  const length = INTRADAY_MS[frequency];
  return FREQUENCIES.filter((longer) => {
    const other = INTRADAY_MS[longer];
    if (length !== undefined) return other === undefined || (other > length && other % length === 0);
    return frequency === '1d' && (longer === '1w' || longer === '1mo');
  });
}

/**
 * Returns the longer bars that the bars of an axis make.
 *
 * Within a day they begin at the opening of the session, and again at the end of its break; the last one before a break or a close is cut
 * there. They are labelled by their beginning. A daily bar has its session's label and hours, early close included. A week (Monday to
 * Sunday) or month has the label of its last session, the opening of its first and the close of its last. Bars outside sessions are left
 * out. A bar is complete at its close by the calendar, whichever bars it has: that is no secret of the future, and no bar is known earlier.
 *
 * @throws UsageError `UNSUPPORTED_FREQUENCY` unless the length is one of {@link longerThan}; `UNKNOWN_CALENDAR`
 */
export function resampleAxis(axis: BarTimes, frequency: Frequency): ResampledAxis {
  const possible = longerThan(axis.frequency);
  if (!possible.includes(frequency)) {
    throw new UsageError('UNSUPPORTED_FREQUENCY', {
      message: `Bars of ${axis.frequency} do not make bars of ${frequency}${possible.length === 0 ? '' : `; they make ${possible.join(', ')}`}.`,
      details: { frequency, from: axis.frequency, possible },
    });
  }
  const venue = calendarOf(axis);
  const { length } = axis;
  const bars = new Int32Array(length).fill(-1);
  const made = new LongerBars(frequency, length === 0 ? undefined : sessionsAround(axis, venue));
  const isIntraday = axis.frequency in INTRADAY_MS;
  for (let row = 0; row < length; row++) {
    bars[row] = isIntraday
      ? made.holding(axis.opens[row]!, axis.closes[row]!)
      : made.ofDay(axis.times[row]!, axis.closes[row]!);
  }
  return { calendar: axis.calendar, venue, frequency, bars, isJoined: axis.isJoined, ...made.columns() };
}

/** Longer bars in the making. */
class LongerBars {
  readonly #frequency: Frequency;
  readonly #length: number | undefined;
  readonly #table: SessionTable | undefined;
  readonly #times: number[] = [];
  readonly #opens: number[] = [];
  readonly #closes: number[] = [];
  #session = 0;

  constructor(frequency: Frequency, table: SessionTable | undefined) {
    this.#frequency = frequency;
    this.#length = INTRADAY_MS[frequency];
    this.#table = table;
  }

  columns(): Pick<ResampledAxis, 'length' | 'times' | 'opens' | 'closes'> {
    return {
      length: this.#times.length,
      times: Float64Array.from(this.#times),
      opens: Float64Array.from(this.#opens),
      closes: Float64Array.from(this.#closes),
    };
  }

  /** Returns the row of the bar that an intraday bar is part of, made if need be; -1 outside sessions. */
  holding(open: number, close: number): number {
    const { opens, closes, breakStarts, breakEnds } = this.#table!;
    while (this.#session < closes.length && closes[this.#session]! <= open) this.#session++;
    const session = this.#session;
    if (!(opens[session]! <= open)) return -1;
    const pause = breakStarts[session]!;
    const resume = breakEnds[session]!;
    if (open >= pause && open < resume) return -1;
    if (this.#length === undefined) return this.#ofSession(session, close);
    const from = open >= resume ? resume : opens[session]!;
    const to = open < pause ? pause : closes[session]!;
    const label = from + Math.floor((open - from) / this.#length) * this.#length;
    // A bar that reaches beyond the end of its longer bar makes that known later, never earlier.
    return this.#bar(label, label, Math.max(Math.min(label + this.#length, to), close));
  }

  /** Returns the row of the bar that a daily bar is part of; -1 for a day without a session. */
  ofDay(time: number, close: number): number {
    const { labels } = this.#table!;
    const label = midnight(time);
    while (this.#session < labels.length && labels[this.#session]! < label) this.#session++;
    return labels[this.#session] === label ? this.#ofSession(this.#session, close) : -1;
  }

  #ofSession(session: number, known: number): number {
    const { labels, opens, closes } = this.#table!;
    const frequency = this.#frequency;
    if (frequency !== '1w' && frequency !== '1mo') {
      return this.#bar(labels[session]!, opens[session]!, Math.max(closes[session]!, known));
    }
    const [begin, end] = period(frequency, labels[session]!);
    const last = lowerBound(labels, end) - 1;
    return this.#bar(labels[last]!, opens[lowerBound(labels, begin)]!, Math.max(closes[last]!, known));
  }

  #bar(label: number, open: number, close: number): number {
    const last = this.#times.length - 1;
    if (this.#times[last] === label) {
      if (close > this.#closes[last]!) this.#closes[last] = close;
      return last;
    }
    this.#times.push(label);
    this.#opens.push(open);
    this.#closes.push(close);
    return last + 1;
  }
}
