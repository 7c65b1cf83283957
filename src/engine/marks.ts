import type { ReadonlyFloat64Array } from '../core/readonly-array.js';

/**
 * equity[i] = cash + units * marks[i + offset], for i in [from, to); after the last mark it stays. Four bars make one turn of these loops, because the
 * compiler checks the columns anew in each.
 */
export function writeMarks(
  equity: Float64Array,
  from: number,
  to: number,
  cash: number,
  units: number,
  marks: ReadonlyFloat64Array,
  offset: number,
): void {
  const stop = Math.min(to, marks.length - offset) | 0;
  const last = (stop - 3) | 0;
  let i = from | 0;
  for (; i < last; i = (i + 4) | 0) {
    const row = (i + offset) | 0;
    equity[i] = cash + units * marks[row]!;
    equity[(i + 1) | 0] = cash + units * marks[(row + 1) | 0]!;
    equity[(i + 2) | 0] = cash + units * marks[(row + 2) | 0]!;
    equity[(i + 3) | 0] = cash + units * marks[(row + 3) | 0]!;
  }
  for (; i < stop; i = (i + 1) | 0) equity[i] = cash + units * marks[(i + offset) | 0]!;
  if (i < to) equity.fill(cash + units * marks[marks.length - 1]!, i, to);
}

/** The same as {@link writeMarks}, added to what is there: twice the work for an account in one asset. */
export function addMarks(
  equity: Float64Array,
  from: number,
  to: number,
  cash: number,
  units: number,
  marks: ReadonlyFloat64Array,
  offset: number,
): void {
  const stop = Math.min(to, marks.length - offset) | 0;
  const last = (stop - 3) | 0;
  let i = from | 0;
  for (; i < last; i = (i + 4) | 0) {
    const row = (i + offset) | 0;
    const b = (i + 1) | 0;
    const c = (i + 2) | 0;
    const d = (i + 3) | 0;
    equity[i] = equity[i]! + (cash + units * marks[row]!);
    equity[b] = equity[b]! + (cash + units * marks[(row + 1) | 0]!);
    equity[c] = equity[c]! + (cash + units * marks[(row + 2) | 0]!);
    equity[d] = equity[d]! + (cash + units * marks[(row + 3) | 0]!);
  }
  for (; i < stop; i = (i + 1) | 0) equity[i] = equity[i]! + (cash + units * marks[(i + offset) | 0]!);
  addCash(equity, i, to, cash + units * marks[marks.length - 1]!);
}

/** equity[i] += cash, for i in [from, to). */
export function addCash(equity: Float64Array, from: number, to: number, cash: number): void {
  const stop = to | 0;
  const last = (stop - 3) | 0;
  let i = from | 0;
  for (; i < last; i = (i + 4) | 0) {
    const b = (i + 1) | 0;
    const c = (i + 2) | 0;
    const d = (i + 3) | 0;
    equity[i] = equity[i]! + cash;
    equity[b] = equity[b]! + cash;
    equity[c] = equity[c]! + cash;
    equity[d] = equity[d]! + cash;
  }
  for (; i < stop; i = (i + 1) | 0) equity[i] = equity[i]! + cash;
}
