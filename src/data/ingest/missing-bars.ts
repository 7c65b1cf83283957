import { DataError } from '../../core/errors.js';
import { INTRADAY_MS } from '../../market/bar-axis.js';
import { lowerBound } from '../../market/calendar.js';
import { DAY_MS, formatDate } from '../../market/civil-date.js';
import { type DefectLog, firstPlaces } from './defects.js';
import { type BarSeries, describeLabel } from './series.js';

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
 * error, `skip` a warning, `fill` adds bars in place at the last close with volume 0 and warns of their count.
 * Intraday bars are expected inside sessions, outside breaks, at the step and phase of the bar before.
 *
 * @throws DataError `FILL_TOO_LARGE`
 */
export function applyMissingPolicy(series: BarSeries, policy: MissingPolicy, log: DefectLog): MissingBars {
  const { symbol, calendar, frequency, times, files } = series;
  const first: string[] = [];
  const fill: number[] = [];
  let missing = 0;
  for (const label of missingLabels(series)) {
    missing++;
    if (first.length < 3) first.push(describeLabel(label, frequency));
    if (policy === 'fill') fill.push(label);
    if (fill.length > MOST_FILLED) throw tooMany(series);
  }
  if (missing === 0) return { missing, filled: 0 };
  const [unit, code] =
    frequency === '1d' ? ['sessions', 'MISSING_SESSIONS' as const] : ['bars', 'MISSING_BARS' as const];
  const span = `${formatDate(times[0]!)} to ${formatDate(times.at(-1)!)}`;
  const what = `${symbol} lacks ${missing} of ${missing + times.length} ${calendar.name} ${unit} from ${span}: ${firstPlaces(first, missing)}`;
  const file = [...new Set(files)].join(', ');
  if (policy === 'fail') {
    log.error(
      code,
      file,
      `${what}. Complete the source, or choose --missing skip (gaps in which nothing trades) or fill`,
    );
  } else if (policy === 'skip') {
    log.warning(
      code,
      file,
      `${what}. They stay gaps in which nothing trades (--missing fail refuses, fill repeats the last close)`,
    );
  } else {
    fillIn(series, fill);
    log.warning('FILLED', file, `${what}. They were filled with the last close and volume 0`);
  }
  return { missing, filled: policy === 'fill' ? missing : 0 };
}

function* missingLabels({ calendar, frequency, times }: BarSeries): Generator<number> {
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
  const step = INTRADAY_MS[frequency]!;
  const { opens, closes, breakStarts, breakEnds } = calendar.sessions(
    Math.max(calendar.firstLabel, day(first) - 2 * DAY_MS),
    Math.min(calendar.lastLabel, day(last) + 2 * DAY_MS),
  );
  for (let row = 1; row < times.length; row++) {
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

/** Merges bars at the given labels (ascending, none in the series) into the series. */
function fillIn(series: BarSeries, labels: readonly number[]): void {
  const { times, values, fileOf, rowOf } = series;
  const merged = {
    times: [] as number[],
    values: values.map((): number[] => []),
    fileOf: [] as number[],
    rowOf: [] as number[],
  };
  let next = 0;
  for (let row = 0; row < times.length; row++) {
    for (; next < labels.length && labels[next]! < times[row]!; next++) {
      const close = values[3]![row - 1]!;
      const bar = [close, close, close, close, 0, ...values.slice(5).map((column) => column[row - 1]!)];
      merged.times.push(labels[next]!);
      for (const [field, value] of bar.entries()) merged.values[field]!.push(value);
      merged.fileOf.push(fileOf[row - 1]!);
      merged.rowOf.push(0);
    }
    merged.times.push(times[row]!);
    for (const [field, column] of values.entries()) merged.values[field]!.push(column[row]!);
    merged.fileOf.push(fileOf[row]!);
    merged.rowOf.push(rowOf[row]!);
  }
  replace(times, merged.times);
  for (const [field, column] of values.entries()) replace(column, merged.values[field]!);
  replace(fileOf, merged.fileOf);
  replace(rowOf, merged.rowOf);
}

function replace(target: number[], source: readonly number[]): void {
  target.length = source.length;
  for (let place = 0; place < source.length; place++) target[place] = source[place]!;
}

function tooMany({ symbol, frequency, times }: BarSeries): DataError {
  return new DataError('FILL_TOO_LARGE', {
    message: `${symbol} lacks more than ${MOST_FILLED} bars of ${frequency} between its ${times.length} ones. Check the dates and the frequency, or do not fill.`,
    details: { symbol, frequency, bars: times.length },
  });
}
