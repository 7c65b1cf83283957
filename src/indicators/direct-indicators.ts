import type {
  AnyIndicator,
  IndicatorColumns,
  IndicatorInputs,
  IndicatorSource,
  IndicatorStatistics,
} from './columns.js';
import { ComputedColumns, fillColumns } from './computed-columns.js';

/** Computes every time it is asked: the baseline that the other sources equal bit for bit. */
export class DirectIndicators implements IndicatorSource {
  #computed = 0;

  /** @param source of the columns that a recipe is composed of. @defaultValue this one */
  columns(recipe: AnyIndicator, inputs: IndicatorInputs, source: IndicatorSource = this): IndicatorColumns {
    this.#computed++;
    const columns = recipe.outputs.map(() => new Float64Array(inputs.length));
    fillColumns(recipe, inputs, columns, source);
    return new ComputedColumns(recipe, inputs, columns);
  }

  statistics(): IndicatorStatistics {
    return { computed: this.#computed, hits: 0, bytes: 0 };
  }
}
