import type {
  AnyIndicator,
  IndicatorColumns,
  IndicatorInputs,
  IndicatorSource,
  IndicatorStatistics,
} from './columns.js';
import { ComputedColumns, columnsKey, fillColumns } from './computed-columns.js';

/** Computes every time it is asked: the baseline that the other sources equal bit for bit. */
export class DirectIndicators implements IndicatorSource {
  #computed = 0;

  columns(recipe: AnyIndicator, inputs: IndicatorInputs): IndicatorColumns {
    this.#computed++;
    const columns = recipe.outputs.map(() => new Float64Array(inputs.length));
    fillColumns(recipe, inputs, columns);
    return new ComputedColumns(columnsKey(recipe, inputs), recipe, inputs, columns);
  }

  statistics(): IndicatorStatistics {
    return { computed: this.#computed, hits: 0, bytes: 0 };
  }
}
