import { DataError } from '../../core/errors.js';
import { INTRADAY_MS, period } from '../../market/bar-axis.js';
import { type Calendar, lowerBound } from '../../market/calendar.js';
import { DAY_MS, formatDate } from '../../market/civil-date.js';
import { atRow, scratchColumn, scratchPlaces } from '../scratch.js';
import { type DefectLog, firstPlaces } from './defects.js';
import { NumberList } from './number-list.js';
import { type BarSeries, describeLabel, isIntraday, refillBars } from './series.js';

/** What happens to sessions and bars that are missing inside an asset's life. */
export type MissingPolicy = 'fail' | 'skip' | 'fill';

/** What the policy did to one series. */
export interface MissingBars {
  /** Bars that the calendar expects between the first and the last one and the source lacks. */
  readonly missing: number;
  /** Bars that were made from the last close: all of the missing ones, or none. */
  readonly filled: number;
}

/** More bars than this are not made up: the frequency or a date is wrong. */
const MOST_FILLED = 10_000_000;

/**
 * Compares a series with its calendar between its first and its last bar, and applies the policy to what is missing: `fail` logs an
 * error, `warn` a warning, `fill` adds bars in place at the last close with volume 0 and warns of their count.
 * Intraday bars are expected inside sessions, outside breaks, at the step and phase of the bar before, weeks and months where they have a session.
 *
 * @throws DataError `FILL_TOO_LARGE`
 */
export function applyMissingPolicy(series: BarSeries, log: DefectLog): MissingBars {
  const { symbol, calendar, frequency, times, files } = series;
  const code = isIntraday(frequency) ? 'MISSING_BARS' : 'MISSING_SESSIONS';
  const policy = log.policies.of(code);
  const first: string[] = [];
  const fill = new NumberList();
  let missing = 0;
  for (const label of missingLabels(series)) {
    missing++;
    if (first.length < 3) first.push(describeLabel(label, frequency));
    if (policy === 'fill') fill.push(label);
    if (fill.length > MOST_FILLED) throw tooMany(series);
  }
  if (missing === 0) return { missing, filled: 0 };
  const unit = frequency === '1d' ? 'sessions' : 'bars';
  const span = `${formatDate(times[0]!)} to ${formatDate(times.at(-1)!)}`;
  const what = `${symbol} lacks ${missing} of ${missing + times.length} ${calendar.name} ${unit} from ${span}: ${firstPlaces(first, missing)}`;
  const file = [...new Set(files)].join(', ');
  if (policy === 'fail') {
    const ways = '--missing skip (gaps in which nothing trades) or fill';
    log.error(code, file, `${what}. Complete the source, or choose ${ways}`);
  } else if (policy === 'warn') {
    const done = '. They stay gaps in which nothing trades (--missing fail refuses, fill repeats the last close)';
    log.whole(code, file, what, missing, done);
  } else {
    fillIn(series, fill.finish());
    log.filled(code, file, `${what}. They were filled with the last close and volume 0`, missing);
  }
  return { missing, filled: policy === 'fill' ? missing : 0 };
}

/** Yields the labels of the bars that the calendar expects between the first and the last one and that are not there. */
export function* missingLabels({
  calendar,
  frequency,
  times,
}: Pick<BarSeries, 'calendar' | 'frequency' | 'times'>): Generator<number> {
  const first = times[0];
  const last = times.at(-1);
  if (first === undefined || last === undefined) return;
  const day = (instant: number): number => Math.floor(instant / DAY_MS) * DAY_MS;
  if (frequency === '1d') {
    let row = 0;
    for (const label of calendar.sessions(first, last).labels) {
      while (times[row]! < label) row++;
      if (times[row] !== label) yield label;
    }
    return;
  }
  if (frequency === '1w' || frequency === '1mo') {
    yield* missingPeriods(frequency, times, calendar);
    return;
  }
  const step = INTRADAY_MS[frequency]!;
  const { opens, closes, breakStarts, breakEnds } = calendar.sessions(
    Math.max(calendar.firstLabel, day(first) - 2 * DAY_MS),
    Math.min(calendar.lastLabel, day(last) + 2 * DAY_MS),
  );
  for (let row = 1; row < times.length; row++) {
    atRow(row);
    const before = times[row - 1]!;
    const after = times[row]!;
    if (after - before <= step) continue;
    let session = lowerBound(closes, before + 1);
    const phase = (((before - opens[session]!) % step) + step) % step;
    let latest = before;
    for (; session < opens.length && opens[session]! < after; session++) {
      // A bar that began before the opening still belongs to the session it overlaps.
      const start = opens[session]! + (phase === 0 ? 0 : phase - step);
      const skipped = Math.max(0, Math.ceil((latest + 1 - start) / step));
      for (let label = start + skipped * step; label < closes[session]! && label + step <= after; label += step) {
        if (label >= breakStarts[session]! && label + step <= breakEnds[session]!) continue;
        yield label;
        latest = label;
      }
    }
  }
}

/** Yields the first session of every week or month without a bar. */
function* missingPeriods(frequency: '1w' | '1mo', times: Float64Array, calendar: Calendar): Generator<number> {
  for (let row = 1; row < times.length; row++) {
    const [end] = period(frequency, times[row]!);
    for (
      let [from, to] = period(frequency, period(frequency, times[row - 1]!)[1]);
      from < end;
      [from, to] = period(frequency, to)
    ) {
      const session = calendar.sessionOnOrAfter(from);
      if (session !== undefined && session < to) yield session;
    }
  }
}

/** Merges bars at the given labels (ascending, none in the series) into the series. */
function fillIn(series: BarSeries, labels: Float64Array): void {
  const { times, values, fileOf, rowOf } = series;
  const length = times.length + labels.length;
  series.times = scratchColumn(length);
  series.values = values.map(() => scratchColumn(length));
  series.fileOf = scratchPlaces(length);
  series.rowOf = scratchColumn(length);
  let next = 0;
  const made: number[] = [];
  for (let row = 0; row < times.length; row++) {
    for (; next < labels.length && labels[next]! < times[row]!; next++) {
      made.push(row + next);
      series.times[row + next] = labels[next]!;
      series.fileOf[row + next] = fileOf[row - 1]!;
    }
    atRow(row);
    const at = row + next;
    series.times[at] = times[row]!;
    for (const [field, column] of values.entries()) series.values[field]![at] = column[row]!;
    series.fileOf[at] = fileOf[row]!;
    series.rowOf[at] = rowOf[row]!;
  }
  refillBars(series, made);
}

function tooMany({ symbol, frequency, times }: BarSeries): DataError {
  return new DataError('FILL_TOO_LARGE', {
    message: `${symbol} lacks more than ${MOST_FILLED} bars of ${frequency} between its ${times.length} ones. Check the dates and the frequency, or do not fill.`,
    details: { symbol, frequency, bars: times.length },
  });
}
