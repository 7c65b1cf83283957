import type { Axis, UnitCube } from './unit-cube.js';

/** What a feature is where its axis does not count: the middle of a number, a category of its own. */
const ABSENT_NUMBER = 0.5;
const ABSENT_CATEGORY = -1;

/**
 * How far apart two values of a number are: by their difference alone, or the nearer the larger they are, as a period of 45 bars is nearer to one
 * of 50 than 5 is to 10.
 */
export type Spacing = 'even' | 'relative';

/** From this ratio of the last value to the first on, spacing can matter. */
const WIDE = 3;

/**
 * Coordinates of a {@link UnitCube} as a model's features. A number is its place between the first and the last value, 0 to 1; a
 * category the place of its choice. Axes of the same parameter in several kinds of a variant are one feature, so that what is learned
 * under one kind serves the others; axes of one value are none.
 */
export class GpFeatures {
  readonly categorical: readonly boolean[];
  readonly #axes: readonly Axis[];
  /** Feature of each axis; -1 for none. */
  readonly #featureOf: Int32Array;
  /** Of each axis the ratio of its last value to the first; 1 where it is evenly spaced. */
  readonly #ratios: readonly number[];

  constructor({ axes }: UnitCube, spacing: Spacing = 'even') {
    this.#axes = axes;
    this.#ratios = axes.map(({ ratio }) => (spacing === 'relative' && ratio >= WIDE ? ratio : 1));
    this.#featureOf = new Int32Array(axes.length).fill(-1);
    const categorical: boolean[] = [];
    const known = new Map<string, number>();
    for (const [index, axis] of axes.entries()) {
      if (axis.count === 1) continue;
      const { key, range, parent } = axis;
      const identity = JSON.stringify([key, range, parent === undefined ? null : parent.axis]);
      let feature = known.get(identity);
      if (feature === undefined) {
        feature = categorical.length;
        categorical.push(axis.categorical);
        known.set(identity, feature);
      }
      this.#featureOf[index] = feature;
    }
    this.categorical = categorical;
  }

  /** Whether a feature of it is spaced otherwise than evenly. */
  get isStretched(): boolean {
    return this.#ratios.some((ratio, axis) => ratio !== 1 && this.#featureOf[axis]! >= 0);
  }

  /** Number of features. */
  get width(): number {
    return this.categorical.length;
  }

  /** Writes the features of a point, given by its coordinates. */
  write(coordinates: Float64Array, from: number, out: Float64Array, to: number): void {
    for (let feature = 0; feature < this.width; feature++) {
      out[to + feature] = this.categorical[feature] ? ABSENT_CATEGORY : ABSENT_NUMBER;
    }
    for (let index = 0; index < this.#axes.length; index++) {
      const feature = this.#featureOf[index]!;
      const coordinate = coordinates[from + index]!;
      if (feature < 0 || Number.isNaN(coordinate)) continue;
      const { count, categorical } = this.#axes[index]!;
      if (categorical) out[to + feature] = Math.min(count - 1, Math.floor(coordinate * count));
      else if (count === Number.POSITIVE_INFINITY) out[to + feature] = coordinate;
      else out[to + feature] = stretched(spread(coordinate, count), this.#ratios[index]!);
    }
  }

  /** Moves the coordinates of a point, of its numeric axes that count, to where the features say. */
  move(coordinates: Float64Array, from: number, features: Float64Array): void {
    for (let index = 0; index < this.#axes.length; index++) {
      const feature = this.#featureOf[index]!;
      const { count, categorical } = this.#axes[index]!;
      if (feature < 0 || categorical || Number.isNaN(coordinates[from + index]!)) continue;
      const place = unstretched(Math.min(1, Math.max(0, features[feature]!)), this.#ratios[index]!);
      coordinates[from + index] =
        count === Number.POSITIVE_INFINITY ? place : 0.5 + ((place - 0.5) * (count - 1)) / count;
    }
  }

  /** Tells of each feature whether {@link move} would follow it at a point. */
  movable(coordinates: Float64Array, from: number): boolean[] {
    const movable: boolean[] = Array(this.width).fill(false);
    for (let index = 0; index < this.#axes.length; index++) {
      const feature = this.#featureOf[index]!;
      if (feature >= 0 && !this.#axes[index]!.categorical && !Number.isNaN(coordinates[from + index]!)) {
        movable[feature] = true;
      }
    }
    return movable;
  }
}

/** From the middles of shares, the first and last of which lie half a share inside, to 0 ... 1. */
const spread = (coordinate: number, count: number): number => {
  const place = 0.5 + ((coordinate - 0.5) * count) / (count - 1);
  return Math.min(1, Math.max(0, place));
};

/** The fourth root, half-way between values and their logarithms: by square roots, which are the same everywhere. */
const root = (value: number): number => Math.sqrt(Math.sqrt(value));

/** From a place between the first value and the last, to one between their fourth roots. */
const stretched = (place: number, ratio: number): number =>
  ratio === 1 ? place : (root(1 + place * (ratio - 1)) - 1) / (root(ratio) - 1);

/** The inverse of {@link stretched}. */
function unstretched(place: number, ratio: number): number {
  if (ratio === 1) return place;
  const square = (1 + place * (root(ratio) - 1)) ** 2;
  return Math.min(1, Math.max(0, (square * square - 1) / (ratio - 1)));
}
