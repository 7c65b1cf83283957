import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { GrowingColumn } from '../data/growing-column.js';
import type { AnyIndicator, IndicatorColumns, IndicatorInputs, IndicatorSource } from './columns.js';
import { ColumnsByIdentity } from './columns-by-identity.js';
import { ComputedColumns, columnsKey, historyOf, isEventRow, rowBack } from './computed-columns.js';
import type { AnyIndicatorRun } from './indicator.js';
import { isMissing } from './run-columns.js';

/** Columns to which values are appended while the bars of their inputs arrive. */
export interface StreamedColumns extends IndicatorColumns {
  /** Bars seen so far, missing ones not counted. */
  readonly seen: number;
}

/**
 * Computes indicators step by step over inputs that grow. Only a split or dividend, which restates the past, starts a computation
 * anew over it. All values are those of the other sources, bit for bit.
 */
export class StreamedIndicators implements IndicatorSource {
  readonly grows = true;
  readonly #capacity: number;
  readonly #known = new ColumnsByIdentity<StreamColumns>();
  /** Inputs come before what is computed of them. */
  readonly #columns: StreamColumns[] = [];

  /** @param capacity bars at most */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  columns(recipe: AnyIndicator, inputs: IndicatorInputs): StreamedColumns {
    const known = this.#known.get(recipe, inputs);
    if (known !== undefined) return known;
    const columns = new StreamColumns(recipe, inputs, this.#capacity);
    this.#known.set(recipe, inputs, columns);
    this.#columns.push(columns);
    return columns;
  }

  /** Takes the bars that have arrived since the last call. */
  advance(): void {
    for (const columns of this.#columns) columns.advance();
  }
}

class StreamColumns implements StreamedColumns {
  readonly key: string;
  readonly warmUp: number;
  readonly rows: Int32Array;
  readonly outputs: Readonly<Record<string, Float64Array>>;
  seen = 0;
  readonly #recipe: AnyIndicator;
  readonly #inputs: IndicatorInputs;
  readonly #events: GrowingColumn<Int32Array>;
  readonly #columns: readonly GrowingColumn[];
  readonly #values: Record<string, number> = {};
  #run: AnyIndicatorRun;
  /** What restates the past of the present segments; made when asked for. */
  #past: ComputedColumns | undefined;

  constructor(recipe: AnyIndicator, inputs: IndicatorInputs, capacity: number) {
    this.key = columnsKey(recipe, inputs);
    this.#recipe = recipe;
    this.#inputs = inputs;
    this.#events = GrowingColumn.ofIntegers(capacity);
    this.rows = this.#events.values;
    this.#columns = recipe.outputs.map(() => GrowingColumn.ofDoubles(capacity));
    this.outputs = Object.freeze(
      Object.fromEntries(recipe.outputs.map((output, k) => [output, this.#columns[k]!.values])),
    );
    this.#run = recipe.start();
    this.warmUp = this.#run.warmUp;
    this.#clear();
    this.advance();
  }

  get firstReady(): number {
    const columns = Object.values(this.outputs);
    let row = 0;
    while (row < this.#length && isMissing(columns, row)) row++;
    return row;
  }

  /** Rows that have values. */
  get #length(): number {
    return this.outputs[this.#recipe.outputs[0]!]!.length;
  }

  restated(segment: number): Readonly<Record<string, Float64Array>> {
    return this.#restatedPast().restated(segment);
  }

  restatedValue(segment: number, output: string, row: number): number {
    return this.#restatedPast().restatedValue(segment, output, row);
  }

  /** Takes all rows that every input has and this does not. */
  advance(): void {
    const { columns } = this.#inputs;
    const end = Math.min(...columns.map(({ length }) => length));
    for (let row = this.#length; row < end; row++) {
      if (isEventRow(this.#inputs, row)) this.#startAgain(row);
      if (!isMissing(columns, row)) {
        this.seen++;
        this.#step(columns, row);
      }
      for (let k = 0; k < this.#columns.length; k++) {
        this.#columns[k]!.push(this.#values[this.#recipe.outputs[k]!]!);
      }
    }
  }

  /** Computes the past as it is known from the opening of a row on. */
  #startAgain(row: number): void {
    this.#events.push(row);
    this.#past = undefined;
    this.#run = this.#recipe.start();
    this.#clear();
    const { memory } = this.#run;
    const from = memory === undefined ? 0 : rowBack(this.#inputs, row, memory);
    const past = this.#inputs.columns.map((_, input) => historyOf(this.#inputs, input, row, from, row));
    for (let at = 0; at < row - from; at++) if (!isMissing(past, at)) this.#step(past, at);
  }

  #step(columns: readonly ReadonlyFloat64Array[], row: number): void {
    const inputs = columns.map((column) => column[row]!);
    const { outputs } = this.#recipe;
    if (outputs.length === 1 && outputs[0] === 'value') {
      this.#values.value = (this.#run.step as (...inputs: number[]) => number)(...inputs);
    } else {
      (this.#run.step as (out: Record<string, number>, ...inputs: number[]) => void)(this.#values, ...inputs);
    }
  }

  #clear(): void {
    for (const output of this.#recipe.outputs) this.#values[output] = Number.NaN;
  }

  #restatedPast(): ComputedColumns {
    this.#past ??= new ComputedColumns(
      this.#recipe,
      { ...this.#inputs, length: this.#length },
      this.#columns.map(({ values }) => values),
      this,
    );
    return this.#past;
  }
}
