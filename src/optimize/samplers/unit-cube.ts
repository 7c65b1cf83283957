import { exp, log } from '../../core/elementary.js';
import { normalCdf, normalQuantile } from '../../core/normal.js';
import { describeRange, type FloatDeclaration, type Scalar } from '../../engine/parameters.js';
import { choicesOf, type FlatParams, type Level, type ParameterSpace, type Place } from '../space.js';

/** One coordinate of the cube. */
export interface Axis {
  /** Flat name of the parameter; two kinds of a variant may each have an axis of the same name. */
  readonly key: string;
  /** Its values in words: equal for axes that mean the same. */
  readonly range: string;
  /** Values it has; Infinity for a continuous float. */
  readonly count: number;
  /** True for bool, choice and variant, whose values have no order. */
  readonly categorical: boolean;
  /** The axis of the variant it belongs to, and the place among that one's kinds; undefined where it always counts. */
  readonly parent: { readonly axis: number; readonly choice: number } | undefined;
  /** The last value over the first, of numbers above 0 in even steps; 1 for any other. */
  readonly ratio: number;
  /** Returns the value at a coordinate in [0, 1]: the one whose share of the interval holds it. */
  readonly valueAt: (coordinate: number) => Scalar;
  /** Returns the coordinate of a value, the middle of its share; NaN for what is no value of this axis. */
  readonly coordinateOf: (value: unknown) => number;
}

/**
 * A space as a unit cube, which model-based samplers work in: one axis a parameter, in declaration order, a variant's own parameters
 * right behind it. Along an axis all values are equally likely under the declared prior: the n-th of N steps or choices owns
 * [n / N, (n + 1) / N), a logarithm or a normal law is stretched even, a logarithmic integer owns half a unit on both sides.
 * On an axis that does not count, because its variant has another kind, the coordinate is NaN.
 */
export class UnitCube {
  readonly axes: readonly Axis[];
  readonly #level: Level;

  constructor(space: Pick<ParameterSpace, 'level'>) {
    this.#level = space.level;
    const axes: Axis[] = [];
    addAxes(space.level, undefined, axes);
    this.axes = axes;
  }

  /** Number of axes. */
  get size(): number {
    return this.axes.length;
  }

  /**
   * Writes the coordinates of a point and returns true; false, with the coordinates undefined, when it is no point of the space, as
   * trials of other programs may be. The constraint is not asked.
   */
  encode(flat: FlatParams, out: Float64Array, offset = 0): boolean {
    return this.#encodeLevel(this.#level, flat, out, offset) >= 0;
  }

  /** Returns the point at coordinates from 0 to 1; those of axes that do not count are not read. */
  decode(coordinates: Float64Array, offset = 0): FlatParams {
    const flat: Record<string, Scalar> = {};
    this.#decodeLevel(this.#level, 0, coordinates, offset, flat);
    return flat;
  }

  /** Returns the axis behind the level's last one, or -1. */
  #encodeLevel({ places }: Level, flat: FlatParams, out: Float64Array, offset: number, first = 0): number {
    let axis = first;
    for (const { key, branches } of places) {
      const value = flat[key];
      const coordinate = this.axes[axis]!.coordinateOf(value);
      if (Number.isNaN(coordinate)) return -1;
      out[offset + axis++] = coordinate;
      for (const { kind, level } of branches) {
        const next = axis + axesOf(level);
        if (kind !== value) out.fill(Number.NaN, offset + axis, offset + next);
        else if (this.#encodeLevel(level, flat, out, offset, axis) < 0) return -1;
        axis = next;
      }
    }
    return axis;
  }

  #decodeLevel(
    { places }: Level,
    first: number,
    coordinates: Float64Array,
    offset: number,
    flat: Record<string, Scalar>,
  ): void {
    let axis = first;
    for (const { key, branches } of places) {
      const value = this.axes[axis]!.valueAt(coordinates[offset + axis]!);
      flat[key] = value;
      axis++;
      for (const { kind, level } of branches) {
        if (kind === value) this.#decodeLevel(level, axis, coordinates, offset, flat);
        axis += axesOf(level);
      }
    }
  }
}

const axisCounts = new WeakMap<Level, number>();

/** Axes of a level and everything below it. */
function axesOf(level: Level): number {
  let count = axisCounts.get(level);
  if (count === undefined) {
    count = 0;
    for (const { branches } of level.places) {
      count++;
      for (const branch of branches) count += axesOf(branch.level);
    }
    axisCounts.set(level, count);
  }
  return count;
}

function addAxes({ places }: Level, parent: Axis['parent'], axes: Axis[]): void {
  for (const place of places) {
    const variant = axes.length;
    axes.push({ key: place.key, range: rangeOf(place), parent, ...scaleOf(place) });
    for (const [choice, { level }] of place.branches.entries()) addAxes(level, { axis: variant, choice }, axes);
  }
}

const rangeOf = ({ declaration }: Place): string => {
  const prior = declaration.kind === 'float' ? declaration.prior : declaration.kind === 'int' && declaration.log;
  return JSON.stringify([describeRange(declaration), prior ?? false]);
};

type AxisScale = Pick<Axis, 'count' | 'categorical' | 'ratio' | 'valueAt' | 'coordinateOf'>;

function scaleOf({ declaration, steps }: Place): AxisScale {
  if (declaration.kind === 'int' && declaration.log) {
    const { low, high } = declaration;
    const from = log(low - 0.5);
    const span = log(high + 0.5) - from;
    return {
      count: high - low + 1,
      categorical: false,
      ratio: 1,
      valueAt: (coordinate) => clamp(Math.round(exp(from + coordinate * span)), low, high),
      coordinateOf: (value) =>
        Number.isSafeInteger(value) && (value as number) >= low && (value as number) <= high
          ? (log(value as number) - from) / span
          : Number.NaN,
    };
  }
  if (steps !== undefined) {
    const { count } = steps;
    const first = steps.at(0);
    return {
      count,
      categorical: false,
      ratio: first > 0 ? steps.at(count - 1) / first : 1,
      valueAt: (coordinate) => steps.at(cellAt(coordinate, count)),
      coordinateOf: (value) => {
        const index = typeof value === 'number' ? steps.indexOf(value) : -1;
        return index < 0 ? Number.NaN : (index + 0.5) / count;
      },
    };
  }
  if (declaration.kind === 'float') return continuousScale(declaration);
  const choices = choicesOf(declaration);
  const count = choices.length;
  return {
    count,
    categorical: true,
    ratio: 1,
    valueAt: (coordinate) => choices[cellAt(coordinate, count)]!,
    coordinateOf: (value) => {
      const index = choices.indexOf(value as Scalar);
      return index < 0 ? Number.NaN : (index + 0.5) / count;
    },
  };
}

function continuousScale({ low, high, prior }: FloatDeclaration): AxisScale {
  const { toUnit, fromUnit } = stretch(low, high, prior);
  return {
    count: low === high ? 1 : Number.POSITIVE_INFINITY,
    categorical: false,
    ratio: 1,
    valueAt: (coordinate) => (low === high ? low : clamp(fromUnit(coordinate), low, high)),
    coordinateOf: (value) => {
      if (typeof value !== 'number' || !(value >= low && value <= high)) return Number.NaN;
      return low === high ? 0.5 : clamp(toUnit(value), 0, 1);
    },
  };
}

interface Stretch {
  readonly toUnit: (value: number) => number;
  readonly fromUnit: (coordinate: number) => number;
}

function stretch(low: number, high: number, prior: FloatDeclaration['prior']): Stretch {
  if (prior === 'log') {
    const from = log(low);
    const span = log(high) - from;
    return { toUnit: (value) => (log(value) - from) / span, fromUnit: (coordinate) => exp(from + coordinate * span) };
  }
  if (typeof prior === 'object') {
    const { mean, deviation } = prior;
    // The tails are kept exact below the mean: what lies above it is mirrored.
    const sign = low > mean ? -1 : 1;
    const [start, end] = sign > 0 ? [low, high] : [high, low];
    const standard = (value: number): number => (sign * (value - mean)) / deviation;
    const from = normalCdf(standard(start));
    const span = normalCdf(standard(end)) - from;
    // So far out that the law has no mass left in doubles, it is taken as even.
    if (!(span > 0)) return stretch(low, high, 'uniform');
    const mirrored = (coordinate: number): number => (sign > 0 ? coordinate : 1 - coordinate);
    return {
      toUnit: (value) => mirrored((normalCdf(standard(value)) - from) / span),
      fromUnit: (coordinate) => mean + sign * deviation * normalQuantile(from + mirrored(coordinate) * span),
    };
  }
  return {
    // Halved: the difference of two finite numbers may be infinite.
    toUnit: (value) => (value / 2 - low / 2) / (high / 2 - low / 2),
    fromUnit: (coordinate) => low * (1 - coordinate) + high * coordinate,
  };
}

const cellAt = (coordinate: number, count: number): number =>
  Math.min(count - 1, Math.max(0, Math.floor(coordinate * count)));

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
