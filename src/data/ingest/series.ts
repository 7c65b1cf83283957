import { period } from '../../market/bar-axis.js';
import type { Frequency } from '../../market/bars.js';
import { type Calendar, lowerBound } from '../../market/calendar.js';
import { DAY_MS, formatDate, weekdayOf } from '../../market/civil-date.js';
import type { SplitDraft } from '../draft.js';
import { atRow, scratchColumn, scratchPlaces } from '../scratch.js';
import { type CalendarChoice, timesOf, withinHours } from './axis-choice.js';
import { BAR_FIELDS, type BarChunk } from './bar-reader.js';
import { type DefectLog, firstPlaces } from './defects.js';
import type { EventKind } from './events.js';
import type { RowTimes } from './local-times.js';
import type { Policy } from './policies.js';

/** Further columns that a series may have, in the order in which it has them. */
const EXTRA_FIELDS = ['adjClose', 'openInterest', 'bid', 'ask'];

/** An event that a bars file has in a column. */
export interface BarEvent {
  readonly kind: EventKind;
  /** Label of its bar. */
  readonly label: number;
  /** Exact text. */
  readonly value: string;
  readonly file: string;
  readonly row: number;
}

/** All bars of one asset at one frequency, ascending and without duplicates. */
export interface BarSeries {
  readonly symbol: string;
  readonly calendar: Calendar;
  readonly calendarReason: string;
  readonly frequency: Frequency;
  /** Files that hold the bars, in order of time. */
  readonly files: readonly string[];
  /** Names of the columns: those of every bar, then what else a file has. */
  readonly fields: readonly string[];
  times: Float64Array;
  /** By place in `fields`; NaN where a file has not what another has. */
  values: Float64Array[];
  /** Where each bar comes from: place in `files`, and data row; row 0 is a bar that was filled in. */
  fileOf: Uint32Array;
  rowOf: Float64Array;
  readonly events: readonly BarEvent[];
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
/** With a larger share of intraday bars outside hours, their time zone or calendar is wrong. */
const OUTSIDE_SHARE = 0.5;

/**
 * Joins the chunks of one asset into a series: turns files that run newest first, finds rows out of order, duplicates within and
 * across files, and bars outside the calendar, and treats them by the log's policies. Where some chunks are of trades and some of quotes,
 * the bars are those of the trades, and the quotes' last bid and ask stand beside them.
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
    .map((chunk) => ordered(chunk, timesOf(chunk, frequency, calendar, timeZone), frequency, log))
    .filter(({ places }) => places.length > 0)
    .sort((a, b) => firstOf(a) - firstOf(b) || (a.chunk.file < b.chunk.file ? -1 : 1));
  const trades = parts.filter(({ chunk }) => !chunk.isQuotes);
  const bars = trades.length > 0 ? trades : parts;
  const names = new Set(parts.flatMap(({ chunk }) => chunk.fields));
  const joiner = new Joiner(bars, [...BAR_FIELDS, ...EXTRA_FIELDS.filter((name) => names.has(name))], {
    symbol,
    calendar,
    calendarReason: reason,
    frequency,
  });
  const series = joiner.join(log);
  if (bars.length < parts.length)
    addQuotes(
      series,
      parts.filter(({ chunk }) => chunk.isQuotes),
      log,
    );
  return fillMarked(series, log);
}

/** Returns a label as people read it: a date, or date and time in UTC. */
export function describeLabel(label: number, frequency: Frequency): string {
  return isIntraday(frequency)
    ? `${new Date(label).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : formatDate(label);
}

/** Returns how many new shares a split gives for one old. */
export function ratioOf({ ratio }: SplitDraft): number {
  const [fresh = 1, old = 1] = ratio.split('/').map(Number);
  return fresh / old;
}

/** Whether labels are instants and not dates. */
export const isIntraday = (frequency: Frequency): boolean =>
  frequency !== '1d' && frequency !== '1w' && frequency !== '1mo';

/** Removes bars from a series, by place. */
export function removeBars(series: BarSeries, places: ReadonlySet<number>): void {
  if (places.size === 0) return;
  const keep = (_: number, place: number): boolean => !places.has(place);
  series.times = series.times.filter(keep);
  series.values = series.values.map((column) => column.filter(keep));
  series.fileOf = series.fileOf.filter(keep);
  series.rowOf = series.rowOf.filter(keep);
}

/** Replaces bars by the last close with volume 0, by place: prices and what else there is as in the bar before. */
export function refillBars(series: BarSeries, places: Iterable<number>): void {
  for (const place of places) {
    for (const [field, column] of series.values.entries()) {
      if (field === VOLUME) column[place] = 0;
      else column[place] = place === 0 ? Number.NaN : series.values[field > VOLUME ? field : CLOSE]![place - 1]!;
    }
  }
}

const CLOSE = 3;
const VOLUME = 4;

/** A chunk with its labels, and the places of those that are times, ascending by label. */
interface Part {
  readonly chunk: BarChunk;
  readonly labels: Float64Array;
  readonly places: Uint32Array;
}

const firstOf = ({ labels, places }: Part): number => labels[places[0]!]!;
const lastOf = ({ labels, places }: Part): number => labels[places.at(-1)!]!;

/** Returns a chunk's places in ascending order of labels, having reported rows out of order and times that do not exist or occur twice. */
function ordered(chunk: BarChunk, times: RowTimes, frequency: Frequency, log: DefectLog): Part {
  const { labels, unclear } = times;
  let ascents = 0;
  let descents = 0;
  let previous = Number.NaN;
  const places = scratchPlaces(labels.length);
  let count = 0;
  for (let place = 0; place < labels.length; place++) {
    atRow(place);
    const label = labels[place]!;
    if (Number.isNaN(label)) {
      const message = `the local time ${stampText(chunk, place)} does not exist: clocks skip it`;
      log.row('SKIPPED_LOCAL_TIME', chunk.file, message, chunk.rows[place]!);
      continue;
    }
    if (unclear.has(place) && reportUnclear(chunk, place, log) !== 'warn') continue;
    if (label > previous) ascents++;
    else if (label < previous) descents++;
    previous = label;
    places[count++] = place;
  }
  reportOnce(chunk, times, log);
  const part = { chunk, labels, places: places.subarray(0, count) };
  if (descents === 0) return part;
  if (ascents === 0) {
    const message = `${named(chunk)}rows run from the newest to the oldest`;
    log.whole('NEWEST_FIRST', chunk.file, message, count, '; they were turned round');
    part.places.reverse();
    return part;
  }
  reportUnsorted(part, descents, frequency, log);
  part.places.sort((a, b) => labels[a]! - labels[b]! || a - b);
  return part;
}

/** A stamp as the file has it, of local time. */
const stampText = ({ stamps }: BarChunk, place: number): string =>
  new Date(stamps[place]!).toISOString().slice(0, 16).replace('T', ' ');

function reportUnclear(chunk: BarChunk, place: number, log: DefectLog): Policy {
  const message = `the local time ${stampText(chunk, place)} occurs twice, and the order of the rows does not tell which of the two it is; sort the rows, or write times in UTC or with an offset`;
  return log.row('AMBIGUOUS_LOCAL_TIME', chunk.file, message, chunk.rows[place]!);
}

function reportOnce(chunk: BarChunk, { once }: RowTimes, log: DefectLog): void {
  if (once.length === 0) return;
  const places = once.slice(0, 3).map((place) => `row ${chunk.rows[place]} (${stampText(chunk, place)})`);
  const message = `${named(chunk)}${once.length} rows are of local times that occur twice and are there once: ${firstPlaces(places, once.length)}`;
  log.whole('LOCAL_TIME_ONCE', chunk.file, message, once.length, '; they were taken for the first occurrence');
}

function reportUnsorted({ chunk, labels, places }: Part, descents: number, frequency: Frequency, log: DefectLog): void {
  const policy = log.policies.of('UNSORTED');
  const rows: string[] = [];
  for (let at = 1; at < places.length; at++) {
    const [place, before] = [places[at]!, places[at - 1]!];
    if (labels[place]! >= labels[before]!) continue;
    const message = `${describeLabel(labels[place]!, frequency)} comes after a later row; sort the file by date, or let it be sorted: --on unsorted=warn`;
    if (policy === 'fail') log.row('UNSORTED', chunk.file, message, chunk.rows[place]!);
    else if (rows.length < 3) rows.push(`row ${chunk.rows[place]}`);
  }
  if (policy === 'fail') return;
  const message = `${named(chunk)}${descents} rows come after later ones: ${firstPlaces(rows, descents)}`;
  log.whole('UNSORTED', chunk.file, message, descents, '; all were sorted by time');
}

/** Puts the bars of several parts into one series. */
class Joiner {
  readonly #parts: readonly Part[];
  readonly #series: BarSeries;
  /** For each part and field of the series: the chunk's column, undefined where it has none. */
  readonly #columns: readonly (Float64Array | undefined)[][];
  readonly #bar: Float64Array;
  #count = 0;
  /** Period of a bar that all rows of are to be dropped. */
  #distrusted = Number.NaN;

  constructor(
    parts: readonly Part[],
    fields: readonly string[],
    about: Pick<BarSeries, 'symbol' | 'calendar' | 'calendarReason' | 'frequency'>,
  ) {
    const rows = parts.reduce((sum, { places }) => sum + places.length, 0);
    this.#parts = parts;
    this.#bar = new Float64Array(fields.length);
    this.#columns = parts.map(({ chunk }) => fields.map((name) => chunk.values[chunk.fields.indexOf(name)]));
    this.#series = {
      ...about,
      files: parts.map(({ chunk }) => chunk.file),
      fields,
      times: scratchColumn(rows),
      values: fields.map(() => scratchColumn(rows)),
      fileOf: scratchPlaces(rows),
      rowOf: scratchColumn(rows),
      events: parts.flatMap(eventsOf),
    };
  }

  join(log: DefectLog): BarSeries {
    const series = this.#series;
    const { calendar, frequency, symbol, files } = series;
    const { firstLabel, lastLabel } = calendar;
    const keep = fitting(this.#parts, calendar, frequency);
    const hours = log.policies.of('OUTSIDE_HOURS');
    const outside: string[] = [];
    let outsideCount = 0;
    let done = 0;
    for (const { part, places } of this.#runs()) {
      const { chunk, labels } = this.#parts[part]!;
      for (const place of places) {
        atRow(done++);
        const label = labels[place]!;
        const row = chunk.rows[place]!;
        if (label < firstLabel || label >= lastLabel + DAY_MS) {
          const years = `${formatDate(firstLabel)} to ${formatDate(lastLabel)}`;
          const message = `${describeLabel(label, frequency)} lies outside ${years}, for which calendar ${calendar.name} is known`;
          log.row('OUTSIDE_CALENDAR_YEARS', chunk.file, message, row);
        } else if (keep(label)) this.#add(part, place, label, row, log);
        else if (isIntraday(frequency)) {
          outsideCount++;
          if (outside.length < 3) outside.push(`row ${row} (${describeLabel(label, frequency)})`);
          if (hours === 'warn') this.#add(part, place, label, row, log);
        } else {
          const message = `${formatDate(label)} (${WEEKDAYS[weekdayOf(label)]}) is no session of ${calendar.name}`;
          log.row('NOT_A_SESSION', chunk.file, message, row);
        }
      }
    }
    series.times = series.times.subarray(0, this.#count);
    series.values = series.values.map((column) => column.subarray(0, this.#count));
    series.fileOf = series.fileOf.subarray(0, this.#count);
    series.rowOf = series.rowOf.subarray(0, this.#count);
    const all = this.#count + (hours === 'warn' ? 0 : outsideCount);
    const message = `${outsideCount} of ${all} bars of ${symbol} lie outside the hours of ${calendar.name}: ${firstPlaces(outside, outsideCount)}`;
    if (outsideCount > OUTSIDE_SHARE * all && !log.policies.isChosen('OUTSIDE_HOURS')) {
      const ways = '--on outside-hours=drop leaves them out, =warn keeps them';
      log.error('OUTSIDE_HOURS', files.join(', '), `${message}; check the time zone and the calendar (${ways})`);
    } else if (outsideCount > 0) {
      const outcome = hours === 'warn' ? '; they were kept' : '; they were left out';
      log.whole('OUTSIDE_HOURS', files.join(', '), message, outsideCount, outcome);
    }
    return series;
  }

  /** Yields all places in order of time: part by part where they follow each other, else one by one. */
  *#runs(): Generator<{ readonly part: number; readonly places: Iterable<number> }> {
    const parts = this.#parts;
    if (parts.every((part, index) => index === 0 || firstOf(part) > lastOf(parts[index - 1]!))) {
      for (const [part, { places }] of parts.entries()) yield { part, places };
      return;
    }
    const total = parts.reduce((sum, { places }) => sum + places.length, 0);
    const partOf = scratchPlaces(total);
    const placeOf = scratchPlaces(total);
    let next = 0;
    for (const [part, { places }] of parts.entries()) {
      for (const place of places) {
        partOf[next] = part;
        placeOf[next++] = place;
      }
    }
    const labelOf = (index: number): number => parts[partOf[index]!]!.labels[placeOf[index]!]!;
    const order = Uint32Array.from({ length: total }, (_, index) => index);
    // Within a part places ascend with their labels, and parts are in order: the index decides between equals.
    order.sort((a, b) => labelOf(a) - labelOf(b) || a - b);
    for (const index of order) yield { part: partOf[index]!, places: [placeOf[index]!] };
  }

  #add(part: number, place: number, label: number, row: number, log: DefectLog): void {
    const { times, values, fileOf, rowOf, frequency } = this.#series;
    const columns = this.#columns[part]!;
    for (let field = 0; field < columns.length; field++) this.#bar[field] = columns[field]?.[place] ?? Number.NaN;
    const time = periodOf(frequency, label);
    if (time === this.#distrusted) {
      const message = `${describeLabel(label, frequency)} is a time with conflicting rows`;
      log.row('DUPLICATE_CONFLICTING', this.#series.files[part]!, message, row);
      return;
    }
    let at = this.#count;
    if (at > 0 && periodOf(frequency, times[at - 1]!) === time) {
      const policy = this.#duplicate(part, row, log);
      if (policy === 'drop') {
        this.#distrusted = time;
        this.#count--;
      }
      if (policy !== 'last') return;
      at--;
    } else this.#count++;
    times[at] = label;
    for (let field = 0; field < values.length; field++) values[field]![at] = this.#bar[field]!;
    fileOf[at] = part;
    rowOf[at] = row;
  }

  /** Reports the bar at hand as one that was there before; returns what is to be done where the two differ, `first` where they do not. */
  #duplicate(part: number, row: number, log: DefectLog): 'first' | 'last' | 'drop' {
    const { files, times, values, fileOf, rowOf, frequency } = this.#series;
    const last = this.#count - 1;
    const file = files[part]!;
    const isSame = values.every((column, field) => Object.is(column[last], this.#bar[field]));
    const firstFile = files[fileOf[last]!]!;
    const first = firstFile === file ? `row ${rowOf[last]}` : `${firstFile} row ${rowOf[last]}`;
    const when = describeLabel(times[last]!, frequency);
    if (isSame) {
      log.row('DUPLICATE_IDENTICAL', file, `${when} repeats ${first}; remove one of the two`, row);
      return 'first';
    }
    const message = `${when} has other values than in ${first}; keep the right one`;
    const policy = log.row('DUPLICATE_CONFLICTING', file, message, row);
    return policy === 'last' || policy === 'drop' ? policy : 'first';
  }
}

/** The one time that all bars of a period share: its beginning for weeks and months, the label itself for all others. */
const periodOf = (frequency: Frequency, label: number): number =>
  frequency === '1w' || frequency === '1mo' ? period(frequency, label)[0] : label;

function fitting(parts: readonly Part[], calendar: Calendar, frequency: Frequency): (label: number) => boolean {
  if (frequency === '1d') return (label) => calendar.isSession(label);
  if (frequency === '1w' || frequency === '1mo') {
    return (label) => {
      const [from, to] = period(frequency, label);
      const { firstLabel, lastLabel } = calendar;
      const [first, last] = [Math.max(from, firstLabel), Math.min(to - DAY_MS, lastLabel)];
      return first <= last && calendar.sessions(first, last).labels.length > 0;
    };
  }
  return withinHours(
    calendar,
    frequency,
    parts.flatMap((part) => [firstOf(part), lastOf(part)]),
  );
}

function eventsOf({ chunk, labels }: Part): BarEvent[] {
  return chunk.events.flatMap(({ kind, row, value }) => {
    const place = lowerBound(chunk.rows, row);
    return chunk.rows[place] === row ? [{ kind, label: labels[place]!, value, file: chunk.file, row }] : [];
  });
}

/** Puts the last bid and ask of quotes beside the bars of the same time; quotes of other times are counted. */
function addQuotes(series: BarSeries, quotes: readonly Part[], log: DefectLog): void {
  const { times, fields, symbol } = series;
  const bid = series.values[fields.indexOf('bid')]!;
  const ask = series.values[fields.indexOf('ask')]!;
  bid.fill(Number.NaN);
  ask.fill(Number.NaN);
  let unused = 0;
  for (const { chunk, labels, places } of quotes) {
    const [bids, asks] = ['bid', 'ask'].map((field) => chunk.values[chunk.fields.indexOf(field)]!);
    for (const place of places) {
      const bar = lowerBound(times, labels[place]!);
      if (times[bar] !== labels[place]) unused++;
      else {
        bid[bar] = bids![place]!;
        ask[bar] = asks![place]!;
      }
    }
  }
  if (unused === 0) return;
  const files = quotes.map(({ chunk }) => chunk.file).join(', ');
  log.warning(
    'QUOTES_WITHOUT_TRADE',
    files,
    `${unused} quotes of ${symbol} are of times without a trade; they were left out`,
  );
}

/** Fills the bars that a policy marked, NaN in all their columns, and removes those that have no bar before them. */
function fillMarked(series: BarSeries, log: DefectLog): BarSeries {
  const close = series.values[CLOSE]!;
  const early = new Set<number>();
  for (let bar = 0; bar < close.length; bar++) {
    if (!Number.isNaN(close[bar]!)) continue;
    if (bar === early.size) early.add(bar);
    else refillBars(series, [bar]);
  }
  if (early.size > 0) {
    const rows = [...early].slice(0, 3).map((bar) => `row ${series.rowOf[bar]}`);
    const message = `${series.symbol} begins with ${early.size} rows that cannot be filled, since no bar is before them: ${firstPlaces(rows, early.size)}; they were left out`;
    log.warning('FILLED', [...new Set(series.files)].join(', '), message);
  }
  removeBars(series, early);
  return series;
}

const named = ({ symbol }: BarChunk): string => (symbol === '' ? '' : `${symbol}: `);
