/** Rows that a position was held on, first and last inclusive. */
export interface HeldRows {
  readonly entryRow: number;
  readonly exitRow: number;
}

/**
 * Returns the share of rows with a position, 0 to 1, entry and exit rows included; undefined without rows.
 *
 * @param rows number of rows; those of the holdings are within 0 and it, exclusive
 */
export function exposure(holdings: readonly HeldRows[], rows: number): number | undefined {
  if (rows === 0) return undefined;
  const held = new Uint8Array(rows);
  for (const { entryRow, exitRow } of holdings) held.fill(1, entryRow, exitRow + 1);
  return held.reduce((total, one) => total + one, 0) / rows;
}
