/** Bits of a row that one pass sorts by. */
const BITS = 6;
const DIGITS = 1 << BITS;

/**
 * Merges lists of rows: says from which list each place of the merged one is taken, those of earlier lists first within a row. It sorts by the digits of the rows,
 * because a processor cannot foretell how comparisons of the lists' heads turn out, and because that takes no longer with many lists than with two.
 */
export class RowOrder {
  #rows = new Int32Array(64);
  #lists = new Int32Array(64);
  #order = new Int32Array(64);
  #other = new Int32Array(64);
  readonly #starts = new Int32Array(DIGITS);
  #count = 0;
  #least = 0;
  #most = 0;

  /** Forgets all rows, and makes place for so many. */
  begin(count: number): void {
    this.#count = 0;
    this.#least = 2 ** 31 - 1;
    this.#most = 0;
    if (count <= this.#rows.length) return;
    const length = 2 ** Math.ceil(Math.log2(count));
    this.#rows = new Int32Array(length);
    this.#lists = new Int32Array(length);
    this.#order = new Int32Array(length);
    this.#other = new Int32Array(length);
  }

  /**
   * Adds the next list. A row below the one before it counts as that one: it stays behind it.
   *
   * @param ints holds the rows, from `first` on `stride` apart
   */
  add(list: number, ints: Int32Array, length: number, first: number, stride: number): void {
    const rows = this.#rows;
    const lists = this.#lists;
    let row = 0;
    let from = first | 0;
    let at = this.#count | 0;
    const end = (at + length) | 0;
    for (; at < end; at = (at + 1) | 0) {
      const next = ints[from]!;
      if (next > row) row = next;
      rows[at] = row;
      lists[at] = list;
      from = (from + stride) | 0;
    }
    if (length > 0) this.#least = Math.min(this.#least, rows[this.#count]!);
    this.#most = Math.max(this.#most, row);
    this.#count = end;
  }

  /** Returns the list of each place: as many as were added count. The next merger writes over it. */
  merged(): Int32Array {
    const rows = this.#rows;
    const starts = this.#starts;
    const count = this.#count | 0;
    const least = this.#least | 0;
    let order = this.#order;
    let other = this.#other;
    for (let i = 0; i < count; i = (i + 1) | 0) order[i] = i;
    for (let shift = 0, range = this.#most - least; range > 0; shift += BITS, range >>>= BITS) {
      starts.fill(0);
      for (let i = 0; i < count; i = (i + 1) | 0) {
        const digit = ((rows[i]! - least) >>> shift) & (DIGITS - 1);
        starts[digit] = starts[digit]! + 1;
      }
      let start = 0;
      for (let digit = 0; digit < DIGITS; digit = (digit + 1) | 0) {
        const records = starts[digit]!;
        starts[digit] = start;
        start = (start + records) | 0;
      }
      for (let i = 0; i < count; i = (i + 1) | 0) {
        const record = order[i]!;
        const digit = ((rows[record]! - least) >>> shift) & (DIGITS - 1);
        const at = starts[digit]!;
        other[at] = record;
        starts[digit] = at + 1;
      }
      const sorted = other;
      other = order;
      order = sorted;
    }
    const lists = this.#lists;
    for (let i = 0; i < count; i = (i + 1) | 0) other[i] = lists[order[i]!]!;
    return other;
  }
}
