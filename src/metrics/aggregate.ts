import { assertFinite, assertOneOf, assertSameLength } from '../core/assert.js';
import { UsageError } from '../core/errors.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/** Spans of the calendar in UTC; a week begins on Monday. */
export type CalendarSpan = 'day' | 'week' | 'month' | 'quarter' | 'year';

const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const MONDAY_OFFSET = 3;

/** Returns a number that is the same for instants of one span, and larger for later spans. */
function spanOf(time: number, span: CalendarSpan): number {
  const day = Math.floor(time / DAY_MS);
  if (span === 'day') return day;
  if (span === 'week') return Math.floor((day + MONDAY_OFFSET) / 7);
  const date = new Date(time);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth();
  return span === 'year' ? year : span === 'quarter' ? 4 * year + Math.floor(month / 3) : 12 * year + month;
}

const SPANS: readonly CalendarSpan[] = ['day', 'week', 'month', 'quarter', 'year'];

/**
 * Returns the last row of each calendar span, ascending. Times are UTC milliseconds, ascending.
 * @throws UsageError `INVALID_OPTION` for another span, `NOT_A_NUMBER`, `NOT_ASCENDING` for times that are none
 */
export function spanEnds(times: ReadonlyFloat64Array, span: CalendarSpan): number[] {
  assertOneOf('span', span, SPANS);
  assertFinite('times', times);
  const ends: number[] = [];
  for (let row = 0; row < times.length; row++) {
    if (row > 0 && times[row]! < times[row - 1]!) {
      throw new UsageError('NOT_ASCENDING', {
        message: `times must ascend, but row ${row} is before the row above it. Sort the rows by time.`,
        details: { row, time: times[row], before: times[row - 1] },
      });
    }
    if (row + 1 === times.length || spanOf(times[row + 1]!, span) !== spanOf(times[row]!, span)) ends.push(row);
  }
  return ends;
}

/** Returns the compounded return of each calendar span that has any, in order. */
export function aggregateReturns(
  returns: ReadonlyFloat64Array,
  times: ReadonlyFloat64Array,
  span: CalendarSpan,
): Float64Array {
  assertSameLength({ returns, times });
  let row = 0;
  return Float64Array.from(spanEnds(times, span), (end) => {
    let growth = 1;
    for (; row <= end; row++) growth *= 1 + returns[row]!;
    return growth - 1;
  });
}

/** Returns the last value of each calendar span: values of a minute bar's account at the end of each day, for example. */
export function spanValues(
  values: ReadonlyFloat64Array,
  times: ReadonlyFloat64Array,
  span: CalendarSpan,
): Float64Array {
  assertSameLength({ values, times });
  return Float64Array.from(spanEnds(times, span), (end) => values[end]!);
}
