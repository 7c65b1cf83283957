import type { Frequency } from '../../market/bars.js';
import type { Calendar } from '../../market/calendar.js';
import { DAY_MS, formatDate, weekdayOf } from '../../market/civil-date.js';
import { type CalendarChoice, labelsOf, withinHours } from './axis-choice.js';
import { BAR_FIELDS, type BarChunk } from './bar-reader.js';
import { type DefectLog, firstPlaces } from './defects.js';

/** All bars of one asset at one frequency, ascending and without duplicates. */
export interface BarSeries {
  readonly symbol: string;
  readonly calendar: Calendar;
  readonly calendarReason: string;
  readonly frequency: Frequency;
  /** Files that hold the bars, in order of time. */
  readonly files: readonly string[];
  readonly times: number[];
  /** By place in {@link BAR_FIELDS}; the adjusted close only where a file has it, NaN where another has not. */
  readonly values: number[][];
  /** Where each bar comes from: place in `files`, and data row; row 0 is a bar that was filled in. */
  readonly fileOf: number[];
  readonly rowOf: number[];
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** With a larger share of intraday bars outside hours, their time zone or calendar is wrong. */
const OUTSIDE_SHARE = 0.5;

/**
 * Joins the chunks of one asset into a series: turns files that run newest first, finds rows out of order, duplicates within and
 * across files, and bars outside the calendar. Defects go to the log; what it returns leaves the rows concerned out.
 */
export function joinChunks(
  symbol: string,
  chunks: readonly BarChunk[],
  frequency: Frequency,
  { calendar, reason }: CalendarChoice,
  timeZone: string | undefined,
  log: DefectLog,
): BarSeries {
  const parts = chunks
    .map((chunk) => ordered(chunk, labelsOf(chunk, frequency, calendar, timeZone), frequency, log))
    .filter(({ labels }) => labels.length > 0)
    .sort((a, b) => a.labels[0]! - b.labels[0]! || (a.chunk.file < b.chunk.file ? -1 : 1));
  const fields = parts.some(({ chunk }) => chunk.values.length === BAR_FIELDS.length) ? BAR_FIELDS.length : 5;
  const series: BarSeries = {
    symbol,
    calendar,
    calendarReason: reason,
    frequency,
    files: parts.map(({ chunk }) => chunk.file),
    times: [],
    values: Array.from({ length: fields }, () => []),
    fileOf: [],
    rowOf: [],
  };
  const keep = fitting(
    parts.flatMap(({ labels }) => labels),
    calendar,
    frequency,
  );
  const outside: string[] = [];
  for (const { part, place } of byTime(parts)) {
    const { chunk, labels, places } = parts[part]!;
    const label = labels[place]!;
    const row = chunk.rows[places[place]!]!;
    const bar = series.values.map((_, field) => chunk.values[field]?.[places[place]!] ?? Number.NaN);
    const last = series.times.length - 1;
    if (last >= 0 && series.times[last] === label) {
      reportDuplicate(series, last, bar, chunk.file, row, log);
    } else if (label < calendar.firstLabel || label >= calendar.lastLabel + DAY_MS) {
      const years = `${formatDate(calendar.firstLabel)} to ${formatDate(calendar.lastLabel)}`;
      const message = `${describeLabel(label, frequency)} lies outside ${years}, for which calendar ${calendar.name} is known`;
      log.error('OUTSIDE_CALENDAR_YEARS', chunk.file, message, row);
    } else if (keep(label)) {
      series.times.push(label);
      for (let field = 0; field < fields; field++) series.values[field]!.push(bar[field]!);
      series.fileOf.push(part);
      series.rowOf.push(row);
    } else if (frequency === '1d') {
      const message = `${formatDate(label)} (${WEEKDAYS[weekdayOf(label)]}) is no session of ${calendar.name}`;
      log.error('NOT_A_SESSION', chunk.file, message, row);
    } else outside.push(`row ${row} (${describeLabel(label, frequency)})`);
  }
  reportOutside(series, outside, log);
  return series;
}

/** Returns a label as people read it: a date, or date and time in UTC. */
export function describeLabel(label: number, frequency: Frequency): string {
  return frequency === '1d' ? formatDate(label) : `${new Date(label).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

interface Part {
  readonly chunk: BarChunk;
  /** Ascending. */
  readonly labels: readonly number[];
  /** Place in the chunk of each label. */
  readonly places: readonly number[];
}

/** Returns a chunk's labels in ascending order, having reported rows out of order and times that do not exist. */
function ordered(chunk: BarChunk, labels: Float64Array, frequency: Frequency, log: DefectLog): Part {
  let ascents = 0;
  const descents: number[] = [];
  const places: number[] = [];
  let previous = Number.NaN;
  for (const [place, label] of labels.entries()) {
    if (Number.isNaN(label)) {
      const message = `the local time ${new Date(chunk.stamps[place]!).toISOString().slice(0, 16).replace('T', ' ')} does not exist: clocks skip it`;
      log.error('SKIPPED_LOCAL_TIME', chunk.file, message, chunk.rows[place]);
      continue;
    }
    if (label > previous) ascents++;
    else if (label < previous) descents.push(place);
    previous = label;
    places.push(place);
  }
  if (descents.length > 0 && ascents === 0) {
    log.warning(
      'NEWEST_FIRST',
      chunk.file,
      `${named(chunk)}rows run from the newest to the oldest; they were turned round`,
    );
    places.reverse();
  } else if (descents.length > 0) {
    for (const place of descents) {
      const message = `${describeLabel(labels[place]!, frequency)} comes after a later row; sort the file by date`;
      log.error('UNSORTED', chunk.file, message, chunk.rows[place]);
    }
    places.sort((a, b) => labels[a]! - labels[b]! || a - b);
  }
  return { chunk, labels: places.map((place) => labels[place]!), places };
}

function byTime(parts: readonly Part[]): { part: number; place: number }[] {
  const all = parts.flatMap(({ labels }, part) => labels.map((_, place) => ({ part, place })));
  const labelOf = ({ part, place }: { part: number; place: number }): number => parts[part]!.labels[place]!;
  const overlaps = parts.some(({ labels }, part) => part > 0 && labels[0]! <= parts[part - 1]!.labels.at(-1)!);
  return overlaps ? all.sort((a, b) => labelOf(a) - labelOf(b) || a.part - b.part || a.place - b.place) : all;
}

function fitting(labels: readonly number[], calendar: Calendar, frequency: Frequency): (label: number) => boolean {
  return frequency === '1d' ? (label) => calendar.isSession(label) : withinHours(calendar, frequency, labels);
}

function reportDuplicate(
  series: BarSeries,
  last: number,
  bar: readonly number[],
  file: string,
  row: number,
  log: DefectLog,
): void {
  const same = bar.every((value, field) => Object.is(value, series.values[field]![last]));
  const firstFile = series.files[series.fileOf[last]!]!;
  const first = firstFile === file ? `row ${series.rowOf[last]}` : `${firstFile} row ${series.rowOf[last]}`;
  const when = describeLabel(series.times[last]!, series.frequency);
  if (same) log.error('DUPLICATE_IDENTICAL', file, `${when} repeats ${first}; remove one of the two`, row);
  else log.error('DUPLICATE_CONFLICTING', file, `${when} has other values than in ${first}; keep the right one`, row);
}

function reportOutside(
  { symbol, calendar, files, times }: BarSeries,
  outside: readonly string[],
  log: DefectLog,
): void {
  if (outside.length === 0) return;
  const all = outside.length + times.length;
  const message = `${outside.length} of ${all} bars of ${symbol} lie outside the hours of ${calendar.name}: ${firstPlaces(outside)}`;
  if (outside.length > OUTSIDE_SHARE * all) {
    log.error('OUTSIDE_HOURS', files.join(', '), `${message}; check the time zone and the calendar`);
  } else log.warning('OUTSIDE_HOURS', files.join(', '), `${message}; they were left out`);
}

const named = ({ symbol }: BarChunk): string => (symbol === '' ? '' : `${symbol}: `);
