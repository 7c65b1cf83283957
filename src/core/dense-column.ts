import type { ReadonlyFloat64Array } from './readonly-array.js';

const known = new WeakMap<ReadonlyFloat64Array, boolean>();

/** Whether a column has no value in some row: NaN. */
export function hasMissing(column: ReadonlyFloat64Array): boolean {
  for (let row = 0; row < column.length; row++) if (Number.isNaN(column[row]!)) return true;
  return false;
}

/** Whether a column has a value in every row. It is looked through once: from then on it must not change. */
export function isDense(column: ReadonlyFloat64Array): boolean {
  let dense = known.get(column);
  if (dense === undefined) {
    dense = !hasMissing(column);
    known.set(column, dense);
  }
  return dense;
}
