import type { ColumnMemory } from './column-memory.js';
import type { ColumnExtent } from './manifest.js';
import { readInto, withFile } from './read-bytes.js';

/** Columns that each opener reads for itself when it first touches them: the baseline that sharing is measured against. */
export class CopiedMemory implements ColumnMemory {
  readonly sharing = 'copied';
  readonly #directory: string;
  readonly #sizes: ReadonlyMap<string, number>;

  constructor(directory: string, sizes: ReadonlyMap<string, number>) {
    this.#directory = directory;
    this.#sizes = sizes;
  }

  column({ file, offset, rows }: ColumnExtent): Float64Array {
    const column = new Float64Array(rows);
    const size = this.#sizes.get(file)!;
    withFile(this.#directory, file, size, (open) => readInto(open, new Uint8Array(column.buffer), offset));
    return column;
  }

  viewable(): undefined {
    return undefined;
  }

  restore(): void {}

  close(): void {}
}
