/** Columns of so many rows have memory of their own; shorter ones lie in blocks, many in each. */
const LEAST_ROWS = 16_384;
/** Rows of a block. */
const BLOCK_ROWS = 131_072;
const ROW_BYTES = Float64Array.BYTES_PER_ELEMENT;
/** Bytes that a thread keeps between runs. */
const KEPT_BYTES = 128 * 2 ** 20;

/** Memory that ended runs of this thread have left, the oldest first. */
const spare: ArrayBuffer[] = [];
let spareBytes = 0;

/** Where memory for columns comes from. */
export interface ColumnMemory {
  /** Returns a column of zeros. */
  take(length: number): Float64Array;
  /** Leaves all columns so far to those who still hold them. */
  forget(): void;
}

/** Memory that belongs to whoever holds it. */
export const ownMemory: ColumnMemory = { take: (length) => new Float64Array(length), forget: () => {} };

/**
 * Memory for the columns of one run or one search, given to the next one when it is disposed: nobody may read them then. A column of a million rows that
 * the system has to find page by page takes longer than computing it, and a thousand short ones of their own keep the collector busy.
 */
export class SpareColumns implements ColumnMemory, Disposable {
  readonly #taken: ArrayBuffer[] = [];
  /** What is left of the last block. */
  #block: Float64Array<ArrayBuffer> = new Float64Array(0);

  take(length: number): Float64Array {
    if (length >= LEAST_ROWS) return this.#zeros(length);
    if (length > this.#block.length) this.#block = this.#zeros(BLOCK_ROWS);
    const column = this.#block.subarray(0, length);
    this.#block = this.#block.subarray(length);
    return column;
  }

  forget(): void {
    this.#taken.length = 0;
    this.#block = new Float64Array(0);
  }

  [Symbol.dispose](): void {
    for (const buffer of this.#taken) {
      spare.push(buffer);
      spareBytes += buffer.byteLength;
    }
    this.forget();
    while (spareBytes > KEPT_BYTES) spareBytes -= spare.shift()!.byteLength;
  }

  #zeros(length: number): Float64Array<ArrayBuffer> {
    const left = unused(length * ROW_BYTES);
    const column = left === undefined ? new Float64Array(length) : new Float64Array(left).fill(0);
    this.#taken.push(column.buffer);
    return column;
  }
}

function unused(bytes: number): ArrayBuffer | undefined {
  const place = spare.findLastIndex(({ byteLength }) => byteLength === bytes);
  if (place === -1) return undefined;
  spareBytes -= bytes;
  return spare.splice(place, 1)[0];
}
