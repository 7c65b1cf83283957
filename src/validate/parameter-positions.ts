import { log } from '../core/elementary.js';
import type { Scalar } from '../engine/parameters.js';
import { choicesOf, type FlatParams, type Level, type ParameterSpace, type Place } from '../optimize/space.js';

/** Where a value stands between a parameter's bounds, 0 to 1; the unit in which it was declared does not matter. */
export function positionOf({ declaration, steps }: Place, value: Scalar): number {
  if (declaration.kind === 'int' || declaration.kind === 'float') {
    const { low, high } = declaration;
    const isLog = declaration.kind === 'int' ? declaration.log : declaration.prior === 'log';
    if (low === high) return 0;
    if (isLog) return (log(value as number) - log(low)) / (log(high) - log(low));
    if (steps !== undefined) return steps.count === 1 ? 0 : steps.indexOf(value as number) / (steps.count - 1);
    // Halves: the difference of two finite numbers may be infinite.
    return ((value as number) / 2 - low / 2) / (high / 2 - low / 2);
  }
  const choices = choicesOf(declaration);
  return choices.length === 1 ? 0 : choices.indexOf(value) / (choices.length - 1);
}

/** True for a parameter whose values have an order and a distance. */
export const isOrdered = ({ declaration }: Place): boolean =>
  declaration.kind === 'int' || declaration.kind === 'float';

/** Iterates over all parameters of a space by flat name, those of every kind of a variant included. */
export function* placesOf({ level }: Pick<ParameterSpace, 'level'>): Generator<Place> {
  yield* placesIn(level);
}

function* placesIn({ places }: Level): Generator<Place> {
  for (const place of places) {
    yield place;
    for (const { level } of place.branches) yield* placesIn(level);
  }
}

/**
 * Measures how far points of a space lie apart, free of the units of its parameters: the root of the sum of squared distances, where a number counts by
 * its {@link positionOf}, and choices, and a conditional parameter that only one of two points has, by 0 or 1.
 */
export class PointDistance {
  readonly #places: readonly Place[];
  readonly #ordered: readonly boolean[];

  constructor(space: Pick<ParameterSpace, 'level'>) {
    this.#places = [...placesOf(space)];
    this.#ordered = this.#places.map(isOrdered);
  }

  /** Returns a point's coordinates, NaN for a conditional parameter that it does not have. */
  coordinates(flat: FlatParams): Float64Array {
    return Float64Array.from(this.#places, (place) => {
      const value = flat[place.key];
      return value === undefined ? Number.NaN : positionOf(place, value);
    });
  }

  /** Returns the distance of two points given by their coordinates. */
  between(a: Float64Array, b: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < a.length; i++) {
      const step = a[i]! - b[i]!;
      if (Number.isNaN(step)) sum += Number.isNaN(a[i]!) && Number.isNaN(b[i]!) ? 0 : 1;
      else if (this.#ordered[i]!) sum += step * step;
      else if (step !== 0) sum += 1;
    }
    return Math.sqrt(sum);
  }
}
