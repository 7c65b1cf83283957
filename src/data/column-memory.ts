import { RunError } from '../core/errors.js';
import type { Sharing } from './bundle.js';
import { type BundleManifest, type ColumnExtent, columnsOf, fileSizes } from './manifest.js';

/** Where the bytes of a bundle's columns lie while it is open. Three implementations, one contract suite. */
export interface ColumnMemory {
  readonly sharing: Sharing;
  /** Returns a column of the bundle. Touched lazily where the implementation can. */
  column(extent: ColumnExtent): Float64Array;
  /**
   * Returns a column that may be handed to somebody who writes: what is written reaches neither `column` nor another thread, and `restore`
   * undoes it. Undefined where only a copy can promise that.
   */
  viewable(extent: ColumnExtent): Float64Array | undefined;
  /** Brings back the file's bytes in every column that was viewable since. Free when none was. */
  restore(): void;
  /** Lets the memory go. Closing twice is harmless; columns handed out before stay readable. */
  close(): void;
}

/** A run of neighbouring columns of one file that come into memory together. */
export interface Window {
  /** Unique within the bundle. */
  readonly key: string;
  readonly file: string;
  /** First byte, a multiple of {@link ALIGNMENT}. */
  readonly start: number;
  readonly bytes: number;
}

/** Bytes of a window at most: 2 GiB is what typed arrays over foreign memory take on every release that we support. */
export const WINDOW_BYTES = 2 ** 31;

/** A multiple of every page size in use (4, 16 and 64 KiB), so that a mapping may begin there. */
export const ALIGNMENT = 65_536;

/** The windows of a bundle, and which of them holds a column. */
export class WindowPlan {
  readonly windows: readonly Window[];
  readonly #byFile: ReadonlyMap<string, readonly Window[]>;

  /**
   * Divides each file into windows of at most `limit` bytes, none of which parts a column.
   * Throws {@link RunError} `COLUMN_TOO_LARGE` for a column that no window can hold.
   */
  constructor(manifest: BundleManifest, limit: number = WINDOW_BYTES) {
    const columns = new Map<string, ColumnExtent[]>([...fileSizes(manifest).keys()].map((file) => [file, []]));
    for (const { record } of columnsOf(manifest)) columns.get(record.file)!.push(record);
    this.#byFile = new Map([...columns].map(([file, extents]) => [file, windowsOf(file, extents, limit)]));
    this.windows = [...this.#byFile.values()].flat();
  }

  /** Returns the window that holds the column. */
  windowOf({ file, offset, rows }: ColumnExtent): Window {
    const end = offset + rows * Float64Array.BYTES_PER_ELEMENT;
    return this.#byFile.get(file)!.find(({ start, bytes }) => start <= offset && end <= start + bytes)!;
  }
}

function windowsOf(file: string, extents: ColumnExtent[], limit: number): Window[] {
  const windows: Window[] = [];
  let start = 0;
  let end = 0;
  const finish = (): void => {
    if (end > start) windows.push({ key: `${file}@${start}`, file, start, bytes: end - start });
  };
  for (const { offset, rows } of extents.sort((a, b) => a.offset - b.offset)) {
    const columnEnd = offset + rows * Float64Array.BYTES_PER_ELEMENT;
    if (columnEnd - start > limit) {
      finish();
      start = offset - (offset % ALIGNMENT);
      if (columnEnd - start > limit) {
        throw new RunError('COLUMN_TOO_LARGE', {
          message: `A column of ${file} has ${rows} rows; at most ${Math.floor((limit - ALIGNMENT) / 8)} fit into one window of memory. Divide the asset's history into two bundles.`,
          details: { file, rows, limit },
        });
      }
    }
    end = columnEnd;
  }
  finish();
  return windows;
}

/** Returns the column as a typed array over a window's memory. */
export const columnIn = (buffer: ArrayBufferLike, window: Window, { offset, rows }: ColumnExtent): Float64Array =>
  new Float64Array(buffer, offset - window.start, rows);
