/** Values of a block: some twenty windows of 200 bars. */
const BLOCK = 4096;
/** Longer windows have memory of their own. */
const LONGEST = BLOCK / 4;
const NO_BLOCK = new Float64Array(0);

/** Where windows of the past are written, to be given away. */
export interface WindowMemory {
  /** Returns `count` zeros. */
  take(count: number): Float64Array;
}

/** Memory of its own for each window. */
export const separateWindows: WindowMemory = { take: (count) => new Float64Array(count) };

/**
 * Memory for the windows of one run, many in a block: an array with memory of its own takes longer to make, and to collect, than to fill. Whoever looks behind
 * a window finds others of the same run there, and so nothing later.
 */
export class WindowBlocks implements WindowMemory {
  #block = NO_BLOCK;
  #at = 0;

  take(count: number): Float64Array {
    if (count > LONGEST) return new Float64Array(count);
    if (this.#at + count > this.#block.length) {
      this.#block = new Float64Array(BLOCK);
      this.#at = 0;
    }
    const window = new Float64Array(this.#block.buffer, this.#at * Float64Array.BYTES_PER_ELEMENT, count);
    this.#at += count;
    return window;
  }

  /** Begins another run, which gets nothing of the blocks so far. */
  begin(): void {
    this.#block = NO_BLOCK;
    this.#at = 0;
  }
}
