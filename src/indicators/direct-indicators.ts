import type {
  AnyIndicator,
  IndicatorColumns,
  IndicatorInputs,
  IndicatorSource,
  IndicatorStatistics,
} from './columns.js';
import { ComputedColumns, fillColumns } from './computed-columns.js';
import { type ColumnMemory, ownMemory } from './spare-columns.js';

/** Computes every time it is asked: the baseline that the other sources equal bit for bit. */
export class DirectIndicators implements IndicatorSource {
  readonly #memory: ColumnMemory;
  #computed = 0;

  /** @param memory gives each column its memory. @defaultValue its own */
  constructor(memory: ColumnMemory = ownMemory) {
    this.#memory = memory;
  }

  /** @param source of the columns that a recipe is composed of. @defaultValue this one */
  columns(recipe: AnyIndicator, inputs: IndicatorInputs, source: IndicatorSource = this): IndicatorColumns {
    this.#computed++;
    const columns = recipe.outputs.map(() => this.#memory.take(inputs.length));
    const warmUp = fillColumns(recipe, inputs, columns, source);
    return new ComputedColumns(recipe, inputs, columns, { warmUp });
  }

  statistics(): IndicatorStatistics {
    return { computed: this.#computed, hits: 0, bytes: 0 };
  }
}
