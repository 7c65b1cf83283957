import type { Scalar } from '../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../optimize/space.js';
import type { Direction } from '../optimize/trial.js';
import { isOrdered, placesOf, positionOf } from './parameter-positions.js';

/** How one parameter moved from window to window. */
export interface ParameterDrift {
  /** Flat name. */
  readonly name: string;
  /** One a window; undefined where none was chosen, or the parameter does not apply. */
  readonly values: readonly (Scalar | undefined)[];
  /** Where each value stands between the parameter's bounds, 0 to 1. */
  readonly positions: readonly (number | undefined)[];
  readonly mean: number | undefined;
  /** Sample deviation over the size of the mean; undefined for choices, below two values, and around a mean of 0. */
  readonly coefficientOfVariation: number | undefined;
  /** Sample deviation of the positions: the same whatever the unit and the origin; undefined for choices and below two values. */
  readonly spread: number | undefined;
  /** Share of the windows, of those that have a value, with the most frequent one. */
  readonly agreement: number | undefined;
  /** How often a window chose another value than the one before it. */
  readonly changes: number;
}

/** Returns the drift of every parameter over the parameter sets of windows, in the order of the space. */
export function parameterDrift(
  space: Pick<ParameterSpace, 'level'>,
  chosen: readonly (FlatParams | undefined)[],
): ParameterDrift[] {
  const drifts: ParameterDrift[] = [];
  const seen = new Set<string>();
  for (const place of placesOf(space)) {
    // Kinds of a variant may share a name: the first one's bounds count.
    if (seen.has(place.key)) continue;
    seen.add(place.key);
    const values = chosen.map((flat) => flat?.[place.key]);
    const known = values.filter((value) => value !== undefined);
    const positions = values.map((value) => (value === undefined ? undefined : positionOf(place, value)));
    const numbers = isOrdered(place) ? (known as number[]) : [];
    const mean = numbers.length === 0 ? undefined : meanOf(numbers);
    const deviation = deviationOf(numbers);
    drifts.push({
      name: place.key,
      values,
      positions,
      mean,
      coefficientOfVariation:
        deviation === undefined || mean === undefined || mean === 0 ? undefined : deviation / Math.abs(mean),
      spread: isOrdered(place) ? deviationOf(positions.filter((position) => position !== undefined)) : undefined,
      agreement: known.length === 0 ? undefined : mostOf(known) / known.length,
      changes: known.filter((value, index) => index > 0 && value !== known[index - 1]).length,
    });
  }
  return drifts;
}

/**
 * Returns what of the in-sample result was left out of sample: the mean of the test scores over the mean of the training scores, both over the windows that have both; for
 * an objective to be minimised the other way round. Undefined where one of the means is not above 0: then no share of it can be left.
 */
export function efficiencyOf(
  pairs: readonly { readonly train: number | undefined; readonly test: number | undefined }[],
  direction: Direction,
): number | undefined {
  const known = pairs.flatMap(({ train, test }) =>
    train === undefined || test === undefined ? [] : [{ train, test }],
  );
  if (known.length === 0) return undefined;
  const train = meanOf(known.map((pair) => pair.train));
  const test = meanOf(known.map((pair) => pair.test));
  const [kept, of] = direction === 'maximize' ? [test, train] : [train, test];
  // What is maximised may be lost and more: below 0 out of sample is an efficiency below 0.
  if (!(of > 0) || (direction === 'minimize' && !(kept > 0))) return undefined;
  return kept / of;
}

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviationOf(values: readonly number[]): number | undefined {
  if (values.length < 2) return undefined;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

const mostOf = (values: readonly Scalar[]): number =>
  Math.max(...values.map((value) => values.filter((other) => other === value).length));
