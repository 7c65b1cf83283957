import { DataError } from '../../core/errors.js';
import { INTRADAY_MS } from '../../market/bar-axis.js';
import type { Frequency } from '../../market/bars.js';
import { type Calendar, lowerBound } from '../../market/calendar.js';
import { calendarNames, getCalendar } from '../../market/calendars.js';
import { DAY_MS, weekdayOf } from '../../market/civil-date.js';
import { type ZoneClock, zoneClock } from '../../market/zone-clock.js';
import { findCalendar } from '../calendar-file.js';
import { afterValues, atRow, scratchColumn } from '../scratch.js';
import type { BarChunk } from './bar-reader.js';

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
    const labels = labelsOf(chunk, frequency, xnys, timeZone);
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
 * date), for intraday bars the instant. NaN for a local time that clocks skipped. A local time that occurs twice is the one that the
 * rows before it leave, see {@link LocalTimes}.
 */
export function labelsOf(
  chunk: BarChunk,
  frequency: Frequency,
  calendar: Calendar,
  timeZone: string | undefined,
): Float64Array {
  const clock = zoneClock(timeZone ?? chunk.timezone ?? calendar.timeZone);
  const midnight = (stamp: number): number => Math.floor(stamp / DAY_MS) * DAY_MS;
  if (!(frequency in INTRADAY_MS)) {
    const isDated = chunk.kind !== 'instant' || chunk.stamps.every((stamp) => stamp % DAY_MS === 0);
    return changed(chunk.stamps, (stamp) => midnight(isDated ? stamp : clock.toWallClock(stamp)));
  }
  return chunk.kind === 'local' ? instantsOf(chunk, INTRADAY_MS[frequency]!, clock) : chunk.stamps;
}

/** Returns the instants of local stamps, read from the oldest to the newest row. */
function instantsOf(chunk: BarChunk, length: number, clock: ZoneClock): Float64Array {
  const { stamps } = chunk;
  const labels = scratchColumn(stamps.length);
  const times = new LocalTimes(chunk, length, clock);
  const isNewestFirst = stamps[0]! > stamps.at(-1)!;
  for (let done = 0; done < stamps.length; done++) {
    const row = isNewestFirst ? stamps.length - 1 - done : done;
    labels[row] = times.next(row);
    atRow(done);
  }
  return labels;
}

/**
 * Tells the two occurrences of a local time apart, of which stamps without an offset say nothing: the second begins where the clock of
 * the rows goes back. Bars as long as the change have the same stamp twice then, and shorter ones only if a row is there twice.
 */
class LocalTimes {
  readonly #chunk: BarChunk;
  readonly #length: number;
  readonly #clock: ZoneClock;
  /** The row before, which had a time. */
  #row = -1;
  #label = Number.NEGATIVE_INFINITY;
  #isSecond = false;

  constructor(chunk: BarChunk, length: number, clock: ZoneClock) {
    this.#chunk = chunk;
    this.#length = length;
    this.#clock = clock;
  }

  /** Returns the instant of a row that follows the ones before, NaN for a time that clocks skipped. */
  next(row: number): number {
    const stamp = this.#chunk.stamps[row]!;
    const first = this.#clock.toInstant(stamp);
    if (Number.isNaN(first)) return first;
    const second = first > this.#label ? first : this.#clock.toLaterInstant(stamp);
    this.#isSecond = second > first && this.#goesBack(row, second, second - first);
    this.#label = this.#isSecond ? second : first;
    this.#row = row;
    return this.#label;
  }

  #goesBack(row: number, second: number, change: number): boolean {
    if (this.#isSecond) return second >= this.#label;
    if (second <= this.#label) return false;
    const { stamps } = this.#chunk;
    if (stamps[row]! < stamps[this.#row]!) return true;
    return this.#length >= change && !this.#repeats(row);
  }

  /** Whether the row has the values of the one before, down to what was traded. */
  #repeats(row: number): boolean {
    const { fields, values } = this.#chunk;
    const volume = values[fields.indexOf('volume')]?.[row];
    return volume !== 0 && values.every((column) => Object.is(column[row], column[this.#row]));
  }
}

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
