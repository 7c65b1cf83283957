import { DataError } from '../../core/errors.js';
import { INTRADAY_MS } from '../../market/bar-axis.js';
import type { Frequency } from '../../market/bars.js';
import { type Calendar, lowerBound } from '../../market/calendar.js';
import { calendarNames, getCalendar } from '../../market/calendars.js';
import { DAY_MS, weekdayOf } from '../../market/civil-date.js';
import { zoneClock } from '../../market/zone-clock.js';
import { findCalendar } from '../calendar-file.js';
import { afterValues, atRow, scratchColumn } from '../scratch.js';
import type { BarChunk } from './bar-reader.js';
import { localTimes, type RowTimes } from './local-times.js';

/** A calendar and why it was taken. */
export interface CalendarChoice {
  readonly calendar: Calendar;
  readonly reason: string;
}

/** Bar lengths that can be ingested. */
export const INGESTED_FREQUENCIES = ['1m', '5m', '15m', '30m', '1h', '1d', '1w', '1mo'] as const;

/** Rows that must lie on weekends for a venue to be open on them: two days in seven would be 0.29. */
const WEEKEND_SHARE = 0.1;
/** Rows that must fit an exchange's sessions for the rest to be taken for defects. */
const FITTING_SHARE = 0.9;
/** Days that daily bars may usually lie apart. */
const WIDEST_DAILY_STEP = 4 * DAY_MS;
const NARROWEST_DAILY_STEP = 20 * 3_600_000;
const SHORTEST_MONTH = 28 * DAY_MS;
const LONGEST_MONTH = 31 * DAY_MS;

/**
 * Returns the length of a chunk's bars by the most frequent step between two rows: a day, a week, a month or an intraday one.
 * @throws DataError `FREQUENCY_UNCLEAR`
 */
export function frequencyOf(chunk: BarChunk, given: Frequency | undefined): Frequency {
  const step = usualStep(chunk.stamps);
  if (given !== undefined) {
    if (chunk.kind !== 'date' || INTRADAY_MS[given] === undefined) return given;
    throw unclear(chunk, `holds dates without times, which cannot be bars of ${given}`);
  }
  if (step === undefined) {
    if (chunk.kind === 'date' || chunk.stamps.every((stamp) => stamp % DAY_MS === 0)) return '1d';
    throw unclear(chunk, 'has one time only, from which the length of a bar cannot be told: give the frequency');
  }
  if (step >= NARROWEST_DAILY_STEP && step <= WIDEST_DAILY_STEP) return '1d';
  if (step === 7 * DAY_MS) return '1w';
  if (step >= SHORTEST_MONTH && step <= LONGEST_MONTH) return '1mo';
  const known = INGESTED_FREQUENCIES.find((frequency) => INTRADAY_MS[frequency] === step);
  if (known !== undefined) return known;
  const apart = step >= DAY_MS ? `${step / DAY_MS} days` : `${step / 60_000} minutes`;
  throw unclear(
    chunk,
    `has bars ${apart} apart; ingested are ${INGESTED_FREQUENCIES.join(', ')}. Ingest shorter bars, or give the frequency if most bars are missing`,
  );
}

/**
 * Returns the calendar of one asset's bars. `auto` is XNYS when every row fits its sessions (intraday: nearly all its hours),
 * 24/7 when rows lie on weekends, and XNYS again when few rows do not fit: they are defects then.
 *
 * @param given a calendar's name or file, or `auto`
 * @param timeZone zone of stamps without an offset; undefined: the calendar's
 * @throws UsageError `UNKNOWN_CALENDAR`, `CALENDAR_FILE`; DataError `CALENDAR_UNCLEAR`
 */
export function chooseCalendar(
  chunks: readonly BarChunk[],
  frequency: Frequency,
  given: string,
  timeZone: string | undefined,
): CalendarChoice {
  if (given !== 'auto') return { calendar: findCalendar(given), reason: 'as asked for' };
  const xnys = getCalendar('XNYS');
  const count = { rows: 0, fitting: 0, weekend: 0 };
  for (const chunk of chunks) {
    const { labels } = timesOf(chunk, frequency, xnys, timeZone);
    const fits = !(frequency in INTRADAY_MS)
      ? (label: number) => xnys.isSession(label)
      : withinHours(xnys, frequency, labels);
    for (let row = 0; row < labels.length; row++) {
      atRow(row);
      const label = labels[row]!;
      if (Number.isNaN(label)) continue;
      count.rows++;
      if (fits(label)) count.fitting++;
      if (weekdayOf(label) % 6 === 0) count.weekend++;
    }
  }
  const { rows, fitting, weekend } = count;
  const unit = frequency in INTRADAY_MS ? 'trading hours' : 'sessions';
  if (fitting === rows) return { calendar: xnys, reason: `all ${rows} rows fall into XNYS ${unit}` };
  // A week or month may be labelled by a day without a session: nothing follows from that.
  const isLong = frequency === '1w' || frequency === '1mo';
  if (weekend >= WEEKEND_SHARE * rows && !isLong) {
    return { calendar: getCalendar('24/7'), reason: `${weekend} of ${rows} rows fall on weekends` };
  }
  if (fitting >= FITTING_SHARE * rows && !isLong) {
    return { calendar: xnys, reason: `${fitting} of ${rows} rows fall into XNYS ${unit}` };
  }
  const { file, symbol } = chunks[0]!;
  throw new DataError('CALENDAR_UNCLEAR', {
    message: `${file}: ${rows - fitting} of ${rows} rows${symbol === '' ? '' : ` of ${symbol}`} fall outside XNYS ${unit}, and ${weekend} on weekends, so that the calendar is unclear. Name it, --calendar ${calendarNames().join(', ')}${frequency in INTRADAY_MS ? '; and the time zone, if stamps have no offset' : ''}.`,
    details: { file, symbol, rows, fitting, weekend },
  });
}

/**
 * Returns the bar label of every row: for daily bars the date (an instant's date in the zone, but midnight UTC is always its own
 * date), for intraday bars the instant, see {@link localTimes}.
 */
export function timesOf(
  chunk: BarChunk,
  frequency: Frequency,
  calendar: Calendar,
  timeZone: string | undefined,
): RowTimes {
  const clock = zoneClock(timeZone ?? chunk.timezone ?? calendar.timeZone);
  const midnight = (stamp: number): number => Math.floor(stamp / DAY_MS) * DAY_MS;
  if (!(frequency in INTRADAY_MS)) {
    const isDated = chunk.kind !== 'instant' || chunk.stamps.every((stamp) => stamp % DAY_MS === 0);
    return certain(changed(chunk.stamps, (stamp) => midnight(isDated ? stamp : clock.toWallClock(stamp))));
  }
  return chunk.kind === 'local' ? localTimes(chunk, INTRADAY_MS[frequency]!, clock) : certain(chunk.stamps);
}

const certain = (labels: Float64Array): RowTimes => ({ labels, unclear: new Set(), once: [] });

function changed(stamps: Float64Array, change: (stamp: number) => number): Float64Array {
  const labels = scratchColumn(stamps.length);
  for (let row = 0; row < stamps.length; row++) {
    labels[row] = change(stamps[row]!);
    atRow(row);
  }
  return labels;
}

/** Returns a test of whether an intraday bar overlaps a session outside its break, for labels anywhere between the given ones. */
export function withinHours(
  calendar: Calendar,
  frequency: Frequency,
  labels: Iterable<number>,
): (label: number) => boolean {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const label of labels) {
    if (Number.isNaN(label)) continue;
    first = Math.min(first, label);
    last = Math.max(last, label);
  }
  const from = Math.max(calendar.firstLabel, Math.floor(first / DAY_MS - 2) * DAY_MS);
  const to = Math.min(calendar.lastLabel, Math.floor(last / DAY_MS + 2) * DAY_MS);
  if (!(from <= to)) return () => false;
  const { opens, closes, breakStarts, breakEnds } = calendar.sessions(from, to);
  const length = INTRADAY_MS[frequency]!;
  return (label) => {
    const session = lowerBound(closes, label + 1);
    if (!(opens[session]! < label + length)) return false;
    return !(label >= breakStarts[session]! && label + length <= breakEnds[session]!);
  };
}

/** Returns the most frequent distance between neighbouring stamps, the shorter one of two; undefined when there is none. */
function usualStep(stamps: Float64Array): number | undefined {
  const counts = new Map<number, number>();
  for (let place = 1; place < stamps.length; place++) {
    const step = Math.abs(stamps[place]! - stamps[place - 1]!);
    if (step > 0) counts.set(step, (counts.get(step) ?? 0) + 1);
  }
  afterValues(stamps.length);
  let best: number | undefined;
  for (const [step, count] of counts) {
    const bestCount = best === undefined ? 0 : counts.get(best)!;
    if (count > bestCount || (count === bestCount && step < best!)) best = step;
  }
  return best;
}

function unclear({ file, symbol }: BarChunk, message: string): DataError {
  return new DataError('FREQUENCY_UNCLEAR', {
    message: `${file}${symbol === '' ? '' : `, symbol ${symbol},`} ${message}.`,
    details: { file, symbol },
  });
}
