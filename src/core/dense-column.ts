import type { ReadonlyFloat64Array } from './readonly-array.js';

const known = new WeakMap<ReadonlyFloat64Array, boolean>();

/** Whether a column has a value in every row: no NaN. It is looked through once: from then on it must not change. */
export function isDense(column: ReadonlyFloat64Array): boolean {
  let dense = known.get(column);
  if (dense === undefined) {
    let row = 0;
    while (row < column.length && !Number.isNaN(column[row]!)) row++;
    dense = row === column.length;
    known.set(column, dense);
  }
  return dense;
}
