import { isMainThread } from 'node:worker_threads';
import type { IndicatorArena } from './arena.js';
import type {
  AnyIndicator,
  IndicatorColumns,
  IndicatorInputs,
  IndicatorSource,
  IndicatorStatistics,
} from './columns.js';
import { ColumnsByIdentity } from './columns-by-identity.js';
import { ComputedColumns, columnsKey, fillColumns } from './computed-columns.js';
import { MemoIndicators } from './memo-indicators.js';

/** Options of {@link SharedIndicators}. */
export interface SharedIndicatorsOptions {
  /**
   * Milliseconds to wait for another thread that computes the same, before doing it oneself; 0 never waits.
   * @defaultValue 2,000 in a worker, 0 in the main thread, which has others to serve
   */
  readonly patienceMs?: number;
  /** Bytes of columns that this thread keeps for itself when the arena has no room. @defaultValue 256 MB */
  readonly privateByteLimit?: number;
}

/** Shares columns with the other threads of an arena: each is computed once, by whoever wants it first. */
export class SharedIndicators implements IndicatorSource {
  readonly #arena: IndicatorArena;
  readonly #patienceMs: number;
  readonly #private: MemoIndicators;
  readonly #known = new ColumnsByIdentity<IndicatorColumns>();
  #generation: number;
  #computed = 0;
  #hits = 0;
  #bytes = 0;

  constructor(arena: IndicatorArena, options: SharedIndicatorsOptions = {}) {
    this.#arena = arena;
    this.#patienceMs = options.patienceMs ?? (isMainThread ? 0 : 2000);
    this.#private = new MemoIndicators(options.privateByteLimit);
    this.#generation = arena.generation;
  }

  columns(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns {
    const { generation } = this.#arena;
    if (generation !== this.#generation) {
      this.#known.clear();
      this.#generation = generation;
    }
    const shared = this.#known.get(recipe, inputs);
    if (shared !== undefined) {
      this.#hits++;
      return shared;
    }
    const own = this.#private.remembered(recipe, inputs);
    if (own !== undefined) return own;
    const key = columnsKey(recipe, inputs);
    const values = this.#values(key, recipe, inputs);
    if (values === undefined) return this.#private.columns(recipe, inputs);
    const columns = new ComputedColumns(recipe, inputs, split(values, recipe, inputs), { key });
    this.#known.set(recipe, inputs, columns);
    return columns;
  }

  /** Returns what this thread did: what it computed, what it found in the arena, and the bytes that it put there or keeps for itself. */
  statistics(): IndicatorStatistics {
    const own = this.#private.statistics();
    return {
      computed: this.#computed + own.computed,
      hits: this.#hits + own.hits,
      bytes: this.#bytes + own.bytes,
    };
  }

  /** Returns memory of the arena with all outputs one after the other, or undefined when this thread is on its own. */
  #values(key: string, recipe: AnyIndicator, inputs: IndicatorInputs): Float64Array | undefined {
    const length = recipe.outputs.length * inputs.length;
    const acquired = this.#arena.acquire(key, length, this.#patienceMs);
    if (acquired.kind === 'ready') {
      this.#hits++;
      return acquired.values;
    }
    if (acquired.kind === 'private') return undefined;
    const { claim } = acquired;
    try {
      const values = this.#arena.allocate(claim, length);
      if (values === undefined) return undefined;
      fillColumns(recipe, inputs, split(values, recipe, inputs), this);
      this.#arena.publish(claim, values);
      this.#computed++;
      this.#bytes += values.byteLength;
      return values;
    } catch (error) {
      this.#arena.abandon(claim);
      throw error;
    }
  }
}

const split = (values: Float64Array, recipe: AnyIndicator, { length }: IndicatorInputs): Float64Array[] =>
  recipe.outputs.map((_, k) => values.subarray(k * length, (k + 1) * length));
