import { assertInteger, assertSameLength } from '../core/assert.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/**
 * Returns a metric over every window of consecutive rows, the first window first: `rows - window + 1` values, none
 * where the columns are shorter than the window. All columns are of one length, and the metric is given views of them.
 *
 * @param window rows of a window, at least 1
 * @throws UsageError `NOT_AN_INTEGER`, `OUT_OF_RANGE`, `UNEQUAL_SERIES`
 */
export function rolling<V>(
  columns: readonly Float64Array[],
  window: number,
  metric: (...parts: ReadonlyFloat64Array[]) => V,
): V[] {
  assertInteger('window', window, { min: 1 });
  assertSameLength(Object.fromEntries(columns.map((column, index) => [`columns[${index}]`, column])));
  const values: V[] = [];
  for (let end = window; end <= (columns[0]?.length ?? 0); end++) {
    values.push(metric(...columns.map((column) => column.subarray(end - window, end))));
  }
  return values;
}
