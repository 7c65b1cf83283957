import { SeededRandom } from '../core/random.js';

/** What a run offers to be cut at. Rows are axis rows, ascending. */
export interface CuttableRun {
  /** The row of the first decision. */
  readonly first: number;
  /** The last row after which the bundle has more bars. */
  readonly last: number;
  /** Rows on which something was ordered. */
  readonly orders: readonly number[];
  /** Rows on which something was filled. */
  readonly fills: readonly number[];
}

/**
 * Returns the rows after which to cut, ascending: always the first decision, the first order, the bar of its fill and the last bars; and one
 * row of each of `cuts` equal parts of the run, in turn one with an order, one just after a fill, and any.
 */
export function cutPoints({ first, last, orders, fills }: CuttableRun, cuts: number, seed: number): number[] {
  const random = SeededRandom.derive(seed, 'cuts');
  const rows = new Set([first, orders[0] ?? first, fills[0] ?? first, last - 1, last]);
  const kinds = [orders, fills.flatMap((row) => [row, row + 1]), []];
  for (let part = 0; part < cuts; part++) {
    const from = first + Math.floor(((last + 1 - first) * part) / cuts);
    const to = first + Math.floor(((last + 1 - first) * (part + 1)) / cuts) - 1;
    if (from > to) continue;
    const any = random.int(from, to);
    const within = kinds[part % kinds.length]!.filter((row) => row >= from && row <= to);
    rows.add(within.length === 0 ? any : random.choice(within));
  }
  return [...rows].filter((row) => row >= first && row <= last).sort((a, b) => a - b);
}
