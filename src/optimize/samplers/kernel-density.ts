import { exp, log } from '../../core/elementary.js';
import type { SeededRandom } from '../../core/random.js';
import type { Axis } from './unit-cube.js';

/** Narrowest kernel. */
const NARROWEST = 0.001;
/** Draws that may miss the cube before one is taken at random. */
const DRAWS = 100;

/**
 * A kernel density over the unit cube, as BOHB takes it from Python's statsmodels: the product over the axes of normal kernels, and of those of Aitchison and
 * Aitken (1976) along categories, each axis with a bandwidth by the normal reference rule, `1.06 s n ** (-1 / (4 + axes))`. On an axis that does not count for a
 * point, it has no kernel.
 */
export class KernelDensity {
  readonly #axes: readonly Axis[];
  readonly #points: readonly Float64Array[];
  readonly #widths: Float64Array;
  /** By axis the coordinates of the points, each once, and which of them each point has: on a grid they are few, and so are the kernels between them. */
  readonly #coordinates: readonly Float64Array[];
  readonly #places: readonly Uint32Array[];
  /** By axis the kernels at a coordinate around all coordinates of the points, of a grid kept for the next draw. */
  readonly #kept: readonly Map<number, Float64Array>[];
  readonly #rows: Float64Array[];

  /** @param points coordinates, at least one */
  constructor(axes: readonly Axis[], points: readonly Float64Array[]) {
    this.#axes = axes;
    this.#points = points;
    const rate = 1.06 * exp(-log(points.length) / (4 + axes.length));
    this.#widths = Float64Array.from(axes, ({ categorical, count }, axis) => {
      // Along categories, spread is that of their numbers, and a kernel that gives all the same weight is the widest.
      const scale = categorical ? count : 1;
      const width = Math.max(NARROWEST, rate * scale * deviationOf(points, axis));
      return categorical ? Math.min(width, (count - 1) / count) : width;
    });
    const indexed = axes.map((_, axis) => indexCoordinates(points, axis));
    this.#coordinates = indexed.map(({ coordinates }) => coordinates);
    this.#places = indexed.map(({ places }) => places);
    this.#kept = axes.map(() => new Map());
    this.#rows = this.#coordinates.map(({ length }) => new Float64Array(length));
  }

  /** Returns the density at a point. */
  density(point: Float64Array): number {
    const axes = this.#axes.length;
    for (let axis = 0; axis < axes; axis++) this.#rows[axis] = this.#kernelsAt(axis, point[axis]!);
    let sum = 0;
    for (let at = 0; at < this.#points.length; at++) {
      let product = 1;
      for (let axis = 0; axis < axes; axis++) product *= this.#rows[axis]![this.#places[axis]![at]!]!;
      sum += product;
    }
    return sum / this.#points.length;
  }

  /** Writes a draw around one of the points: kernels of numbers `widening` times as wide, cut off at the bounds of the cube. */
  sample(random: SeededRandom, widening: number, out: Float64Array): void {
    const centre = random.choice(this.#points);
    for (let axis = 0; axis < this.#axes.length; axis++) {
      const middle = centre[axis]!;
      const width = this.#widths[axis]!;
      if (Number.isNaN(middle)) out[axis] = random.next();
      else if (this.#axes[axis]!.categorical) out[axis] = random.next() < 1 - width ? middle : random.next();
      else out[axis] = nearby(random, middle, widening * width);
    }
  }

  #kernelsAt(axis: number, at: number): Float64Array {
    const centres = this.#coordinates[axis]!;
    // Where hardly two points share a coordinate, no draw will hit one twice.
    const isShared = 2 * centres.length <= this.#points.length;
    const known = isShared ? this.#kept[axis]!.get(at) : undefined;
    if (known !== undefined) return known;
    const kernels = isShared ? new Float64Array(centres.length) : this.#rows[axis]!;
    for (let k = 0; k < centres.length; k++) kernels[k] = this.#kernel(axis, at, centres[k]!);
    if (isShared) this.#kept[axis]!.set(at, kernels);
    return kernels;
  }

  #kernel(axis: number, at: number, centre: number): number {
    if (Number.isNaN(at) || Number.isNaN(centre)) return 1;
    const width = this.#widths[axis]!;
    const { categorical, count } = this.#axes[axis]!;
    if (categorical) return count === 1 ? 1 : at === centre ? 1 - width : width / (count - 1);
    const scaled = (at - centre) / width;
    return exp(-0.5 * scaled * scaled) / (width * Math.sqrt(2 * Math.PI));
  }
}

function nearby(random: SeededRandom, middle: number, width: number): number {
  for (let draw = 0; draw < DRAWS; draw++) {
    const value = middle + width * random.normal();
    if (value >= 0 && value < 1) return value;
  }
  return random.next();
}

/** The coordinates of points along an axis, each once, and the place of each point's among them. */
function indexCoordinates(
  points: readonly Float64Array[],
  axis: number,
): { readonly coordinates: Float64Array; readonly places: Uint32Array } {
  const known = new Map<number, number>();
  const places = Uint32Array.from(points, (point) => {
    const coordinate = point[axis]!;
    const place = known.get(coordinate) ?? known.size;
    known.set(coordinate, place);
    return place;
  });
  return { coordinates: Float64Array.from(known.keys()), places };
}

/** The deviation of the points that have a coordinate there. */
function deviationOf(points: readonly Float64Array[], axis: number): number {
  let [count, sum] = [0, 0];
  for (const point of points) {
    if (Number.isNaN(point[axis]!)) continue;
    count++;
    sum += point[axis]!;
  }
  if (count === 0) return 0;
  const mean = sum / count;
  let squares = 0;
  for (const point of points) if (!Number.isNaN(point[axis]!)) squares += (point[axis]! - mean) ** 2;
  return Math.sqrt(squares / count);
}
