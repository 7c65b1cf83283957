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
function addCash(equity: Float64Array, from: number, to: number, cash: number): void {
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

/** Bars whose values are summed at a time: the sums stay in the processor's nearest memory. */
export const SUMMED_BARS = 2048;

/**
 * Values of several accounts, added up bar by bar: what the thread works on at present. The column is a constant of the function around it, so that compiled code
 * knows where it lies; the same loops over a column that they are given take a quarter longer. Four bars at a time go beyond the end of a stretch, where what was
 * there is put back: a second loop for the odd bars is a jump that no processor foretells.
 */
export const marksSum = (() => {
  const sums = new Float64Array(SUMMED_BARS + 3);

  /** sums[i] += cash, for i in [from, to). */
  function addCash(from: number, to: number, cash: number): void {
    const stop = to | 0;
    const second = (stop + 1) | 0;
    const third = (stop + 2) | 0;
    const x = sums[stop]!;
    const y = sums[second]!;
    const z = sums[third]!;
    for (let i = from | 0; i < stop; i = (i + 4) | 0) {
      const b = (i + 1) | 0;
      const c = (i + 2) | 0;
      const d = (i + 3) | 0;
      sums[i] = sums[i]! + cash;
      sums[b] = sums[b]! + cash;
      sums[c] = sums[c]! + cash;
      sums[d] = sums[d]! + cash;
    }
    sums[stop] = x;
    sums[second] = y;
    sums[third] = z;
  }

  /** sums[i] += cash + units * marks[i + offset], for i in [from, to); after the last mark it stays. */
  function add(
    from: number,
    to: number,
    cash: number,
    units: number,
    marks: ReadonlyFloat64Array,
    offset: number,
  ): void {
    const end = (marks.length - offset) | 0;
    const stop = Math.max(from, Math.min(to, end - 3)) | 0;
    const second = (stop + 1) | 0;
    const third = (stop + 2) | 0;
    const x = sums[stop]!;
    const y = sums[second]!;
    const z = sums[third]!;
    for (let i = from | 0; i < stop; i = (i + 4) | 0) {
      const row = (i + offset) | 0;
      const b = (i + 1) | 0;
      const c = (i + 2) | 0;
      const d = (i + 3) | 0;
      sums[i] = sums[i]! + (cash + units * marks[row]!);
      sums[b] = sums[b]! + (cash + units * marks[(row + 1) | 0]!);
      sums[c] = sums[c]! + (cash + units * marks[(row + 2) | 0]!);
      sums[d] = sums[d]! + (cash + units * marks[(row + 3) | 0]!);
    }
    sums[stop] = x;
    sums[second] = y;
    sums[third] = z;
    if (stop < to) addLast(stop, to, cash, units, marks, offset);
  }

  /** The same at the end of the marks. */
  function addLast(
    from: number,
    to: number,
    cash: number,
    units: number,
    marks: ReadonlyFloat64Array,
    offset: number,
  ): void {
    const end = marks.length - offset;
    let i = from;
    for (; i < to && i < end; i++) sums[i] = sums[i]! + (cash + units * marks[i + offset]!);
    if (i < to) addCash(i, to, cash + units * marks[marks.length - 1]!);
  }

  return { sums, addCash, add };
})();
