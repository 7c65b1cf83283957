/** Columns that share their rows; a value that is no finite number counts as missing. */
type Column = ArrayLike<number>;

/**
 * Returns ascending row numbers that draw the same picture as all rows: of each stretch of rows the least and the
 * greatest of every column, beside the first and the last row. At most `2 * columns * stretches + 2` rows; all rows
 * where there are no more than that.
 */
export function representativeRows(columns: readonly Column[], stretches: number): number[] {
  const length = columns[0]?.length ?? 0;
  if (length <= 2 * columns.length * stretches + 2) return Array.from({ length }, (_, row) => row);
  const rows = new Set<number>([0]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = Math.floor((stretch * length) / stretches);
    const to = Math.floor(((stretch + 1) * length) / stretches);
    for (const column of columns) {
      let least = from;
      let greatest = from;
      for (let row = from + 1; row < to; row++) {
        // Written so that a missing value gives way to any other.
        if (column[row]! < column[least]! || Number.isNaN(column[least]!)) least = row;
        if (column[row]! > column[greatest]! || Number.isNaN(column[greatest]!)) greatest = row;
      }
      rows.add(least).add(greatest);
    }
  }
  return [...rows.add(length - 1)].sort((a, b) => a - b);
}

/** Returns the fall from the running peak as a fraction not above 0: -0.29 is 29 % below the peak. */
export function drawdownOf(values: Column): Float64Array {
  const fall = new Float64Array(values.length);
  let peak = Number.NEGATIVE_INFINITY;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value > peak) peak = value;
    fall[row] = peak > 0 ? value / peak - 1 : 0;
  }
  return fall;
}
