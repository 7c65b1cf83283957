import { hasMissing } from '../core/dense-column.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import type { AnyIndicatorRun } from './indicator.js';

/**
 * Runs a fresh run of an indicator over input columns of equal length, at least one, and writes each output's column.
 * Rows at which any input is NaN are missing bars: the indicator does not see them, and its last value stands there.
 *
 * @param outputs names of the outputs, in the order of `out`
 * @param out as long as the inputs; every row is written
 * @param isWhole whether no bar is known to be missing. @defaultValue nobody has looked
 */
export function runColumns(
  run: AnyIndicatorRun,
  outputs: readonly string[],
  inputs: readonly ReadonlyFloat64Array[],
  out: readonly Float64Array[],
  isWhole = false,
): void {
  const present = isWhole ? undefined : presentRows(inputs);
  if (present === undefined) {
    runDense(run, outputs, inputs, out);
    return;
  }
  const denseInputs = inputs.map((column) => {
    const dense = new Float64Array(present.length);
    for (let i = 0; i < present.length; i++) dense[i] = column[present[i]!]!;
    return dense;
  });
  const denseOut = out.map(() => new Float64Array(present.length));
  runDense(run, outputs, denseInputs, denseOut);
  for (let k = 0; k < out.length; k++) spread(denseOut[k]!, present, out[k]!);
}

/** Returns the rows at which all inputs have a value, or undefined when that is every row. */
function presentRows(inputs: readonly ReadonlyFloat64Array[]): Int32Array | undefined {
  const { length } = inputs[0]!;
  if (!inputs.some(hasMissing)) return undefined;
  let missing = 0;
  for (let row = 0; row < length; row++) if (isMissing(inputs, row)) missing++;
  const present = new Int32Array(length - missing);
  let count = 0;
  for (let row = 0; row < length; row++) if (!isMissing(inputs, row)) present[count++] = row;
  return present;
}

/** Returns whether a row is a missing bar: NaN in any input. */
export function isMissing(inputs: readonly ReadonlyFloat64Array[], row: number): boolean {
  for (let k = 0; k < inputs.length; k++) if (Number.isNaN(inputs[k]![row]!)) return true;
  return false;
}

function spread(dense: Float64Array, present: Int32Array, out: Float64Array): void {
  let next = 0;
  let value = Number.NaN;
  for (let row = 0; row < out.length; row++) {
    if (next < present.length && present[next] === row) value = dense[next++]!;
    out[row] = value;
  }
}

function runDense(
  run: AnyIndicatorRun,
  outputs: readonly string[],
  inputs: readonly ReadonlyFloat64Array[],
  out: readonly Float64Array[],
): void {
  if (run.column !== undefined) {
    const named = Object.fromEntries(outputs.map((output, k) => [output, out[k]!]));
    (run.column as (...columns: unknown[]) => void)(named, ...inputs);
  } else if (outputs.length === 1 && outputs[0] === 'value') stepOne(run, inputs, out[0]!);
  else stepMany(run, outputs, inputs, out);
}

/** One output. Up to four inputs are passed without building an argument list for each bar. */
function stepOne(run: AnyIndicatorRun, inputs: readonly ReadonlyFloat64Array[], out: Float64Array): void {
  const step = run.step as (...inputs: number[]) => number;
  const [a, b, c, d] = inputs;
  const { length } = out;
  if (inputs.length === 1) for (let row = 0; row < length; row++) out[row] = step(a![row]!);
  else if (inputs.length === 2) for (let row = 0; row < length; row++) out[row] = step(a![row]!, b![row]!);
  else if (inputs.length === 3) for (let row = 0; row < length; row++) out[row] = step(a![row]!, b![row]!, c![row]!);
  else if (inputs.length === 4)
    for (let row = 0; row < length; row++) out[row] = step(a![row]!, b![row]!, c![row]!, d![row]!);
  else for (let row = 0; row < length; row++) out[row] = step(...inputs.map((column) => column[row]!));
}

/**
 * Several outputs, which the step writes into one object. As above, up to three inputs cost no argument list. The first three
 * outputs are read by a line each: a place that reads one property is three times as fast as one that reads many.
 */
function stepMany(
  run: AnyIndicatorRun,
  outputs: readonly string[],
  inputs: readonly ReadonlyFloat64Array[],
  out: readonly Float64Array[],
): void {
  const step = run.step as (out: Record<string, number>, ...inputs: number[]) => void;
  const values: Record<string, number> = {};
  for (const output of outputs) values[output] = Number.NaN;
  const [a, b, c] = inputs;
  const [first, second, third] = outputs;
  const [x, y, z] = out;
  const { length } = inputs[0]!;
  for (let row = 0; row < length; row++) {
    if (inputs.length === 1) step(values, a![row]!);
    else if (inputs.length === 2) step(values, a![row]!, b![row]!);
    else if (inputs.length === 3) step(values, a![row]!, b![row]!, c![row]!);
    else step(values, ...inputs.map((column) => column[row]!));
    x![row] = values[first!]!;
    if (out.length > 1) y![row] = values[second!]!;
    if (out.length > 2) z![row] = values[third!]!;
    for (let k = 3; k < out.length; k++) out[k]![row] = values[outputs[k]!]!;
  }
}
