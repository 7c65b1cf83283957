import { RunError } from '../core/errors.js';
import { type ColumnMemory, columnIn, type Window, type WindowPlan } from './column-memory.js';
import type { ColumnExtent } from './manifest.js';
import { type Mapping, nativeMemory } from './native-memory.js';
import { withFile } from './read-bytes.js';

/**
 * Gives a mapping's addresses back when the last typed array over it is collected. Giving them back when the bundle is closed would turn
 * a stale read into the end of the process; until then a closed mapping costs addresses, not memory.
 */
const collected = new FinalizationRegistry<() => void>((unmap) => unmap());

/**
 * Columns as the file's own pages, mapped private and writable: all threads and processes share them through the system's file cache,
 * a write makes a copy of one page in this mapping alone, and nothing is read before it is touched.
 */
export class MappedMemory implements ColumnMemory {
  readonly sharing = 'mapped';
  readonly #directory: string;
  readonly #plan: WindowPlan;
  readonly #sizes: ReadonlyMap<string, number>;
  readonly #mappings = new Map<string, Mapping>();
  /**
   * The same windows a second time, for views: a strategy that writes into one changes no price that it fills or is marked at. Costs addresses,
   * and memory for written pages only.
   */
  readonly #viewMappings = new Map<string, Mapping>();
  readonly #views = new Map<ColumnExtent, Float64Array>();
  readonly #viewed = new Set<ColumnExtent>();
  #closed = false;

  constructor(directory: string, plan: WindowPlan, sizes: ReadonlyMap<string, number>) {
    this.#directory = directory;
    this.#plan = plan;
    this.#sizes = sizes;
  }

  column(extent: ColumnExtent): Float64Array {
    const window = this.#plan.windowOf(extent);
    const { buffer } = this.#mapping(this.#mappings, window);
    return columnIn(buffer, window, extent);
  }

  viewable(extent: ColumnExtent): Float64Array {
    let view = this.#views.get(extent);
    if (view === undefined) {
      const window = this.#plan.windowOf(extent);
      view = columnIn(this.#mapping(this.#viewMappings, window).buffer, window, extent);
      this.#views.set(extent, view);
    }
    this.#viewed.add(extent);
    return view;
  }

  restore(): void {
    for (const extent of this.#viewed) {
      const window = this.#plan.windowOf(extent);
      const from = extent.offset - window.start;
      this.#mapping(this.#viewMappings, window).discard(from, from + extent.rows * Float64Array.BYTES_PER_ELEMENT);
    }
    this.#viewed.clear();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { key, bytes } of this.#plan.windows) {
      this.#mappings.get(key)?.discard(0, bytes);
      this.#viewMappings.get(key)?.discard(0, bytes);
    }
    this.#mappings.clear();
    this.#viewMappings.clear();
    this.#views.clear();
    this.#viewed.clear();
  }

  #mapping(mappings: Map<string, Mapping>, window: Window): Mapping {
    let mapping = mappings.get(window.key);
    if (mapping === undefined) {
      const memory = nativeMemory();
      if (memory === undefined) {
        throw new RunError('MAP_UNAVAILABLE', {
          message: `Files cannot be mapped here: koffi does not load, the system is not Linux, or HINDCAST_NO_MMAP is set. Use sharing 'shared'.`,
        });
      }
      const size = this.#sizes.get(window.file)!;
      mapping = withFile(this.#directory, window.file, size, (file) => memory.map(file, window.start, window.bytes));
      collected.register(mapping.buffer, mapping.unmap);
      mappings.set(window.key, mapping);
    }
    return mapping;
  }
}
