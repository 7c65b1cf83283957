/** Cholesky factors of symmetric matrices, row by row in packed lower triangles: row i starts at i (i + 1) / 2. */

/** Returns the place of row `row` in a packed lower triangle. */
export const rowStart = (row: number): number => (row * (row + 1)) / 2;

/**
 * Turns the packed lower triangle of a symmetric matrix into that of its factor L, from a given row on: the rows before are factored
 * already. Returns false, with the rest undefined, when the matrix is not positive definite to working precision.
 */
export function factor(matrix: Float64Array, size: number, from = 0): boolean {
  for (let i = from; i < size; i++) {
    const rowI = rowStart(i);
    for (let j = 0; j < i; j++) {
      const rowJ = rowStart(j);
      let sum = matrix[rowI + j]!;
      let other = 0;
      let k = 0;
      for (; k + 1 < j; k += 2) {
        sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
        other -= matrix[rowI + k + 1]! * matrix[rowJ + k + 1]!;
      }
      if (k < j) sum -= matrix[rowI + k]! * matrix[rowJ + k]!;
      matrix[rowI + j] = (sum + other) / matrix[rowJ + j]!;
    }
    let pivot = matrix[rowI + i]!;
    for (let k = 0; k < i; k++) pivot -= matrix[rowI + k]! * matrix[rowI + k]!;
    if (!(pivot > 1e-14)) return false;
    matrix[rowI + i] = Math.sqrt(pivot);
  }
  return true;
}

/** Solves L x = b in place, for the first `size` rows of a factor; from a given row on, where those before are solved already. */
export function solveLower(factored: Float64Array, size: number, b: Float64Array, offset = 0, from = 0): void {
  for (let i = from, row = rowStart(from); i < size; row += ++i) {
    let sum = b[offset + i]!;
    let other = 0;
    let k = 0;
    for (; k + 1 < i; k += 2) {
      sum -= factored[row + k]! * b[offset + k]!;
      other -= factored[row + k + 1]! * b[offset + k + 1]!;
    }
    if (k < i) sum -= factored[row + k]! * b[offset + k]!;
    b[offset + i] = (sum + other) / factored[row + i]!;
  }
}

/** Solves L' x = b in place. */
export function solveUpper(factored: Float64Array, size: number, b: Float64Array): void {
  for (let i = size - 1; i >= 0; i--) {
    const row = rowStart(i);
    const value = b[i]! / factored[row + i]!;
    b[i] = value;
    for (let k = 0; k < i; k++) b[k]! -= factored[row + k]! * value;
  }
}

/** Returns twice the sum of the logarithms of the diagonal's square roots: log det of L L'. `log` is the caller's. */
export function logDeterminant(factored: Float64Array, size: number, log: (x: number) => number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += log(factored[rowStart(i) + i]!);
  return 2 * sum;
}

/**
 * Writes the packed lower triangle of the inverse of L L' into `out`. `work` is a packed triangle too, and is overwritten: L's inverse,
 * column by column (row j of the transposed one holds its column j from the diagonal on).
 */
export function inverse(factored: Float64Array, size: number, out: Float64Array, work: Float64Array): void {
  // Column j of the inverse of L, kept contiguous: entry i at start(j) + i - j.
  const start = (column: number): number => column * size - (column * (column - 1)) / 2;
  for (let j = 0; j < size; j++) {
    const at = start(j) - j;
    work[at + j] = 1 / factored[rowStart(j) + j]!;
    for (let i = j + 1; i < size; i++) {
      const row = rowStart(i);
      let sum = 0;
      for (let k = j; k < i; k++) sum -= factored[row + k]! * work[at + k]!;
      work[at + i] = sum / factored[row + i]!;
    }
  }
  // The inverse of L L' is the product of the transposed inverse with the inverse: dot products of columns.
  for (let i = 0; i < size; i++) {
    const columnI = start(i) - i;
    for (let j = 0; j <= i; j++) {
      const columnJ = start(j) - j;
      let sum = 0;
      let other = 0;
      let k = i;
      for (; k + 1 < size; k += 2) {
        sum += work[columnI + k]! * work[columnJ + k]!;
        other += work[columnI + k + 1]! * work[columnJ + k + 1]!;
      }
      if (k < size) sum += work[columnI + k]! * work[columnJ + k]!;
      out[rowStart(i) + j] = sum + other;
    }
  }
}
