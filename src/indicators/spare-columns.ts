/** Shorter columns are not worth keeping: their memory comes from where it was given back. */
const LEAST_ROWS = 16_384;
/** Bytes that a thread keeps between runs. */
const KEPT_BYTES = 128 * 2 ** 20;

/** Memory that ended runs of this thread have left, the oldest first. */
const spare: ArrayBuffer[] = [];
let spareBytes = 0;

/** Where memory for a column comes from. Its values are zeros. */
export type NewColumn = (length: number) => Float64Array;

/** Memory that belongs to whoever holds it. */
export const newColumn: NewColumn = (length) => new Float64Array(length);

/**
 * Memory for the columns of one run, given to the next one when it is disposed: nobody may read them then. A column of a million rows that the system has
 * to find page by page takes longer than computing it.
 */
export class SpareColumns implements Disposable {
  readonly #taken: ArrayBuffer[] = [];

  /** Returns a column of zeros. */
  readonly take: NewColumn = (length) => {
    if (length < LEAST_ROWS) return newColumn(length);
    const buffer = unused(length * Float64Array.BYTES_PER_ELEMENT);
    const column = buffer === undefined ? newColumn(length) : new Float64Array(buffer).fill(0);
    this.#taken.push(column.buffer as ArrayBuffer);
    return column;
  };

  [Symbol.dispose](): void {
    for (const buffer of this.#taken) {
      spare.push(buffer);
      spareBytes += buffer.byteLength;
    }
    this.#taken.length = 0;
    while (spareBytes > KEPT_BYTES) spareBytes -= spare.shift()!.byteLength;
  }
}

function unused(bytes: number): ArrayBuffer | undefined {
  const place = spare.findLastIndex(({ byteLength }) => byteLength === bytes);
  if (place === -1) return undefined;
  spareBytes -= bytes;
  return spare.splice(place, 1)[0];
}
