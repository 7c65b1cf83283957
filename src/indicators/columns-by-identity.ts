import type { AnyIndicator, IndicatorInputs } from './columns.js';

/** Columns by data and recipe, looked up without hashing anything anew. */
export class ColumnsByIdentity<T> {
  readonly #byInputs = new Map<string, Map<string, T>>();

  get(recipe: AnyIndicator, inputs: IndicatorInputs): T | undefined {
    return this.#byInputs.get(inputs.key)?.get(recipe.identity);
  }

  set(recipe: AnyIndicator, inputs: IndicatorInputs, value: T): void {
    const known = this.#byInputs.get(inputs.key);
    if (known === undefined) this.#byInputs.set(inputs.key, new Map([[recipe.identity, value]]));
    else known.set(recipe.identity, value);
  }

  clear(): void {
    this.#byInputs.clear();
  }
}
