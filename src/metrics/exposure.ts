import { assertInteger } from '../core/assert.js';

/** Rows that a position was held on, first and last inclusive. */
export interface HeldRows {
  readonly entryRow: number;
  readonly exitRow: number;
}

/**
 * Returns the share of rows with a position, 0 to 1, entry and exit rows included; undefined without rows.
 *
 * @param rows number of rows; those of the holdings are within 0 and it, exclusive
 * @throws UsageError `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export function exposure(holdings: readonly HeldRows[], rows: number): number | undefined {
  assertInteger('rows', rows, { min: 0 });
  const held = new Uint8Array(rows);
  for (const { entryRow, exitRow } of holdings) {
    assertInteger('exitRow', exitRow, { min: 0, max: rows - 1 });
    assertInteger('entryRow', entryRow, { min: 0, max: exitRow });
    held.fill(1, entryRow, exitRow + 1);
  }
  if (rows === 0) return undefined;
  return held.reduce((total, one) => total + one, 0) / rows;
}
