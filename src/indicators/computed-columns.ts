import { isDense } from '../core/dense-column.js';
import { sha256 } from '../core/hash.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { restate, segmentAt } from '../data/adjustments.js';
import type { AnyIndicator, IndicatorColumns, IndicatorInputs, IndicatorSource } from './columns.js';
import type { AnyIndicatorRun } from './indicator.js';
import { isMissing, runColumns } from './run-columns.js';

/** Returns the identity of a recipe's values over some data: SHA-256 in hex. */
export const columnsKey = (recipe: AnyIndicator, inputs: IndicatorInputs): string =>
  sha256(`${inputs.key}\n${recipe.identity}`);

/**
 * Writes a recipe's values as of every row into `out`, one column for each output in the recipe's order. History is
 * restated segment by segment; an indicator that states its memory starts so far before each segment, any other at row 0.
 * Returns the warm-up of the recipe.
 *
 * @param source of the columns that a recipe is composed of
 */
export function fillColumns(
  recipe: AnyIndicator,
  inputs: IndicatorInputs,
  out: readonly Float64Array[],
  source: IndicatorSource,
): number {
  const run = recipe.start();
  const { composed, warmUp } = run;
  if (composed !== undefined) {
    const parts = composed.parts.map((part) => source.columns(part, inputs).outputs);
    (composed.column as (...columns: unknown[]) => void)(named(recipe, out), ...parts);
    return warmUp;
  }
  const events = eventRows(inputs);
  // Inputs that are there as a whole do not change any more.
  const isWhole = inputs.columns.every(isDense);
  for (let segment = 0; segment <= events.length; segment++) {
    const start = segment === 0 ? 0 : events[segment - 1]!;
    const end = segment === events.length ? inputs.length : events[segment]!;
    fillRows(recipe, segment === 0 ? run : recipe.start(), inputs, start, end, end - 1, out, isWhole);
  }
  return warmUp;
}

/**
 * Writes the values of rows `[start, end)` as of row `asOf` into rows `[start, end)` of `out`.
 *
 * @param run - a fresh one of the recipe
 * @param isWhole - whether no input has a missing bar
 */
function fillRows(
  recipe: AnyIndicator,
  run: AnyIndicatorRun,
  inputs: IndicatorInputs,
  start: number,
  end: number,
  asOf: number,
  out: readonly Float64Array[],
  isWhole = false,
): void {
  if (start >= end) return;
  const from = run.memory === undefined ? 0 : rowBack(inputs, start, run.memory);
  const history = inputs.columns.map((_, input) => historyOf(inputs, input, asOf, from, end));
  if (from === start) {
    runColumns(
      run,
      recipe.outputs,
      history,
      end - start === inputs.length ? out : out.map((column) => column.subarray(start, end)),
      isWhole,
    );
    return;
  }
  const whole = out.map(() => new Float64Array(end - from));
  runColumns(run, recipe.outputs, history, whole, isWhole);
  for (let k = 0; k < out.length; k++) out[k]!.set(whole[k]!.subarray(start - from), start);
}

/** Returns the row from which on `bars` bars that are not missing lie before `row`; 0 where there are fewer. */
export function rowBack(inputs: IndicatorInputs, row: number, bars: number): number {
  let from = row;
  for (let left = bars; left > 0 && from > 0; from--) if (!isMissing(inputs.columns, from - 1)) left--;
  return from;
}

/** Returns rows `[from, end)` of an input as known at row `asOf`. */
export function historyOf(
  inputs: IndicatorInputs,
  input: number,
  asOf: number,
  from: number,
  end: number,
): ReadonlyFloat64Array {
  const column = inputs.columns[input]!;
  const kind = inputs.kinds[input]!;
  const { schedule } = inputs;
  if (kind !== 'none' && schedule !== undefined && asOf >= schedule.rows[0]!) {
    const restated = new Float64Array(end - from);
    restate(column, schedule, kind, asOf, from, end, restated);
    return restated;
  }
  const restatement = inputs.restatements?.[input];
  const segment = restatement === undefined ? 0 : segmentAt(restatement.rows, asOf);
  if (restatement === undefined || segment === 0) {
    return from === 0 && end === column.length ? column : column.subarray(from, end);
  }
  const restated = Float64Array.from(column.subarray(from, end));
  const last = Math.min(end, restatement.rows[segment - 1]!);
  for (let row = from; row < last; row++) restated[row - from] = restatement.value(segment, row);
  return restated;
}

/** Returns whether the past of any input is restated at the opening of a row: the last of the rows that are known so far. */
export function isEventRow({ schedule, kinds, restatements = [] }: IndicatorInputs, row: number): boolean {
  if (row === 0) return false;
  if (kinds.some((kind) => kind !== 'none') && schedule?.rows.includes(row) === true) return true;
  return restatements.some((restatement) => restatement?.rows.includes(row) === true);
}

const NO_ROWS = new Int32Array(0);

/** Returns the rows at which the past of any input is restated. */
function eventRows({ schedule, kinds, restatements = [], length }: IndicatorInputs): Int32Array {
  if (schedule === undefined && restatements.every((restatement) => restatement === undefined)) return NO_ROWS;
  const rows = new Set<number>();
  if (kinds.some((kind) => kind !== 'none')) for (const row of schedule?.rows ?? []) rows.add(row);
  for (const restatement of restatements) for (const row of restatement?.rows ?? []) rows.add(row);
  return Int32Array.from(rows)
    .filter((row) => row > 0 && row < length)
    .sort();
}

/** Rows before an event that are restated when one is asked for: most strategies look one or a few bars back. */
const TAIL = 32;

interface Tail {
  /** First row. */
  readonly from: number;
  readonly values: Readonly<Record<string, Float64Array>>;
}

/** Columns that lie in memory, and the inputs from which restated values are computed on demand. */
export class ComputedColumns implements IndicatorColumns {
  readonly firstReady: number;
  readonly rows: Int32Array;
  readonly outputs: Readonly<Record<string, Float64Array>>;
  readonly #recipe: AnyIndicator;
  readonly #inputs: IndicatorInputs;
  #key: string | undefined;
  #warmUp: number | undefined;
  readonly #tails = new Map<number, Tail>();

  /**
   * @param columns filled by {@link fillColumns}, in the order of the recipe's outputs
   * @param known - what is known beside them: `key` as {@link columnsKey} gives it, `warmUp` as {@link fillColumns} returns it. @defaultValue made when it is asked for
   */
  constructor(
    recipe: AnyIndicator,
    inputs: IndicatorInputs,
    columns: readonly Float64Array[],
    { key, warmUp }: { readonly key?: string; readonly warmUp?: number | undefined },
  ) {
    this.#key = key;
    this.#warmUp = warmUp;
    this.#recipe = recipe;
    this.#inputs = inputs;
    this.rows = eventRows(inputs);
    this.outputs = Object.freeze(named(recipe, columns));
    let row = 0;
    while (row < inputs.length && isMissing(columns, row)) row++;
    this.firstReady = row;
  }

  get key(): string {
    this.#key ??= columnsKey(this.#recipe, this.#inputs);
    return this.#key;
  }

  get warmUp(): number {
    this.#warmUp ??= this.#recipe.start().warmUp;
    return this.#warmUp;
  }

  restated(segment: number): Readonly<Record<string, Float64Array>> {
    return this.#before(segment, 0).values;
  }

  restatedValue(segment: number, output: string, row: number): number {
    let tail = this.#tails.get(segment);
    if (tail === undefined || row < tail.from) {
      const start = this.#start(segment);
      // Reaching back twice as far each time keeps a walk into the past cheap.
      const reach = tail === undefined ? TAIL : 2 * (start - tail.from);
      tail = this.#before(segment, Math.max(0, Math.min(row, start - reach)));
      this.#tails.set(segment, tail);
    }
    return tail.values[output]![row - tail.from]!;
  }

  #before(segment: number, from: number): Tail {
    const start = this.#start(segment);
    const columns = this.#recipe.outputs.map(() => new Float64Array(start));
    fillRows(this.#recipe, this.#recipe.start(), this.#inputs, from, start, start, columns);
    return {
      from,
      values: named(
        this.#recipe,
        columns.map((column) => (from === 0 ? column : column.slice(from))),
      ),
    };
  }

  #start(segment: number): number {
    return segment === 0 ? 0 : this.rows[segment - 1]!;
  }
}

const named = (recipe: AnyIndicator, columns: readonly Float64Array[]): Record<string, Float64Array> =>
  Object.fromEntries(recipe.outputs.map((output, k) => [output, columns[k]!]));
