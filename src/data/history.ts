import { LookaheadError, UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { type AdjustmentSchedule, adjustmentKind, isRestated, restate } from './adjustments.js';
import type { Listing } from './bundle.js';
import { separateWindows, type WindowMemory } from './window-memory.js';

/** Windows of an asset's past as it is known at a row. */
export interface HistoryReader {
  /**
   * Returns the last `count` rows of a column up to and including listing row `endRow`, restated as of that row by the schedule. Rows
   * before the listing's first and after its last are NaN. The values are the caller's own, unless `view` is true, the sharing is `mapped`,
   * and no event lies within the window: then they are the bundle's, and `Bundle.restore` undoes what is written to them.
   *
   * Throws LookaheadError `LOOKAHEAD` for a negative count; UsageError `HISTORY_COUNT` for one that is 0, no whole number, or above
   * {@link MAX_WINDOW}; UsageError `FIELD_UNKNOWN`.
   *
   * @param memory - of what is not a view. @defaultValue memory of its own for each window
   */
  window(
    listing: Listing,
    schedule: AdjustmentSchedule | undefined,
    field: string,
    endRow: number,
    count: number,
    view: boolean,
    memory?: WindowMemory,
  ): ReadonlyFloat64Array;
}

/** Rows of a window at most: 128 MiB, more minutes than 30 years have. */
export const MAX_WINDOW = 2 ** 24;

/** Reads every window from the column. */
export class DirectHistory implements HistoryReader {
  window(
    listing: Listing,
    schedule: AdjustmentSchedule | undefined,
    field: string,
    endRow: number,
    count: number,
    view: boolean,
    memory = separateWindows,
  ): ReadonlyFloat64Array {
    assertWindow(endRow, count);
    const column = listing.column(field);
    const from = endRow - count + 1;
    if (from >= 0 && endRow < column.length) {
      if (adjustmentKind(field) === undefined || !isRestated(schedule, from, endRow)) {
        return view ? listing.view(field, from, endRow + 1) : copyTo(memory.take(count), column, from);
      }
    }
    const out = memory.take(count);
    fillWindow(column, schedule, field, endRow, out);
    return out;
  }
}

/** Writes the values from place `from` on into `out`, as many as it holds, and returns it. */
export function copyTo(out: Float64Array, values: ReadonlyFloat64Array, from: number): Float64Array {
  out.set(values.subarray(from, from + out.length) as Float64Array);
  return out;
}

/** Writes the `out.length` rows up to and including `endRow`, restated as of it, into `out`; rows outside the column are NaN. */
export function fillWindow(
  column: ReadonlyFloat64Array,
  schedule: AdjustmentSchedule | undefined,
  field: string,
  endRow: number,
  out: Float64Array,
): void {
  const start = endRow - out.length + 1;
  const from = Math.min(Math.max(0, start), column.length);
  const to = Math.max(from, Math.min(column.length, endRow + 1));
  const inside = out.subarray(Math.max(0, from - start), Math.max(0, to - start));
  if (inside.length < out.length) out.fill(Number.NaN);
  if (inside.length > 0) restate(column, schedule, adjustmentKind(field), endRow, from, to, inside);
}

/** Throws unless a window of `count` rows up to `endRow` is a question about the past. */
export function assertWindow(endRow: number, count: number): void {
  if (count < 0) {
    throw new LookaheadError('LOOKAHEAD', {
      message: `history of ${count} bars would lie after the current bar. Ask for a positive number of bars.`,
      details: { count },
    });
  }
  if (!Number.isInteger(count) || count === 0 || count > MAX_WINDOW) {
    throw new UsageError('HISTORY_COUNT', {
      message: `history needs a whole number of bars from 1 to ${MAX_WINDOW}, not ${givenText(count)}.`,
      details: { count, max: MAX_WINDOW },
    });
  }
  if (!Number.isSafeInteger(endRow)) {
    throw new UsageError('HISTORY_ROW', { message: `history ends at row ${String(endRow)}: rows are whole numbers.` });
  }
}
