import type {
  AnyIndicator,
  IndicatorColumns,
  IndicatorInputs,
  IndicatorSource,
  IndicatorStatistics,
} from './columns.js';
import { ColumnsByIdentity } from './columns-by-identity.js';
import { DirectIndicators } from './direct-indicators.js';
import { type ColumnMemory, ownMemory } from './spare-columns.js';

const MEGABYTE = 2 ** 20;

/** Remembers what this thread computed, up to a limit of bytes; once full it forgets everything and starts again. */
export class MemoIndicators implements IndicatorSource {
  readonly #direct: DirectIndicators;
  readonly #memory: ColumnMemory;
  readonly #known = new ColumnsByIdentity<IndicatorColumns>();
  readonly #byteLimit: number;
  #bytes = 0;
  #computed = 0;
  #hits = 0;

  /**
   * @param byteLimit bytes of columns kept at most. @defaultValue 256 MB
   * @param memory gives each column its memory. @defaultValue its own
   */
  constructor(byteLimit = 256 * MEGABYTE, memory: ColumnMemory = ownMemory) {
    this.#byteLimit = byteLimit;
    this.#memory = memory;
    this.#direct = new DirectIndicators(memory);
  }

  /** Returns what is remembered of a recipe's columns, if anything. */
  remembered(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns | undefined {
    const known = this.#known.get(recipe, inputs);
    if (known !== undefined) this.#hits++;
    return known;
  }

  columns(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns {
    const known = this.remembered(recipe, inputs);
    if (known !== undefined) return known;
    const columns = this.#direct.columns(recipe, inputs, this);
    this.#computed++;
    const bytes = 8 * inputs.length * recipe.outputs.length;
    if (bytes > this.#byteLimit) {
      this.#memory.forget();
      return columns;
    }
    if (this.#bytes + bytes > this.#byteLimit) {
      this.#known.clear();
      this.#memory.forget();
      this.#bytes = 0;
    }
    this.#known.set(recipe, inputs, columns);
    this.#bytes += bytes;
    return columns;
  }

  /** Returns what was computed, what was answered from memory, and the bytes held. */
  statistics(): IndicatorStatistics {
    return { computed: this.#computed, hits: this.#hits, bytes: this.#bytes };
  }
}
