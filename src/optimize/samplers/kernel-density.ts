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
  }

  /** Returns the density at a point. */
  density(point: Float64Array): number {
    let sum = 0;
    for (const centre of this.#points) {
      let product = 1;
      for (let axis = 0; axis < this.#axes.length; axis++) product *= this.#kernel(axis, point[axis]!, centre[axis]!);
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
