import { type ColumnMemory, columnIn, type WindowPlan } from './column-memory.js';
import type { BundleLayout } from './layout.js';
import type { ColumnExtent } from './manifest.js';
import { readInto, withFile } from './read-bytes.js';

/** Windows of a bundle in memory that all threads of the process see, by key. */
export type SharedFiles = Readonly<Record<string, SharedArrayBuffer>>;

/** Reads every file of a bundle once, into memory that can be handed to other threads without a copy. */
export function readShared(directory: string, plan: WindowPlan, sizes: ReadonlyMap<string, number>): SharedFiles {
  return Object.fromEntries(
    plan.windows.map(({ key, file, start, bytes }) => {
      const memory = new SharedArrayBuffer(bytes);
      withFile(directory, file, sizes.get(file)!, (open) => readInto(open, new Uint8Array(memory), start));
      return [key, memory];
    }),
  );
}

/** Lays the columns of a bundle that no disk has seen, in the order in which they would lie in each file, into such memory. */
export function layShared(plan: WindowPlan, files: BundleLayout['files']): SharedFiles {
  return Object.fromEntries(
    plan.windows.map(({ key, file, start, bytes }) => {
      const memory = new SharedArrayBuffer(bytes);
      let offset = -start;
      for (const column of files.get(file)!) {
        if (offset >= 0 && offset + column.byteLength <= bytes) new Float64Array(memory, offset).set(column);
        offset += column.byteLength;
      }
      return [key, memory];
    }),
  );
}

/** Columns in shared memory. A write would be seen by every thread, so what may be written to is handed out as a copy. */
export class SharedMemory implements ColumnMemory {
  readonly sharing = 'shared';
  readonly #plan: WindowPlan;
  readonly #files: SharedFiles;

  constructor(plan: WindowPlan, files: SharedFiles) {
    this.#plan = plan;
    this.#files = files;
  }

  column(extent: ColumnExtent): Float64Array {
    const window = this.#plan.windowOf(extent);
    return columnIn(this.#files[window.key]!, window, extent);
  }

  viewable(): undefined {
    return undefined;
  }

  restore(): void {}

  close(): void {}
}
