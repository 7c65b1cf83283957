import { exp, log } from '../../core/elementary.js';
import type { SeededRandom } from '../../core/random.js';
import { DECAYED, decay, lowerTail, TAIL_END } from './kernel-functions.js';

/** What a mixture must know of an axis of the unit cube. */
export interface KernelAxis {
  /** Values it has; Infinity for a continuous one. */
  readonly count: number;
  readonly categorical: boolean;
}

/** How wide kernels are: by the distance to their neighbours (one axis only), or by the spread of all points. */
export type Bandwidth = 'neighbours' | 'spread';

/** Share of the points' deviation that a kernel has, before it narrows with their number. */
const SPREAD = 0.5;
/** Narrowest kernel of 'spread'. */
const NARROWEST = 0.001;
/** 'neighbours' never makes a kernel narrower than the cube through this, or through four times the number of kernels. */
const LEAST_SHARE = 100;
/** Narrowest kernel over steps, in steps: narrower ones lend nothing to the next value, and a search gets stuck beside the best one. */
const NARROWEST_STEP = 1;
const ROOT_TAU = 2.5066282746310002;

/**
 * A density over a few axes of the unit cube, built of kernels around points and an even one over everything: normal laws cut off at
 * the bounds along numbers, and along categories the point's own one with most of the weight. A point is the product of its axes, so
 * that the mixture knows how they hang together. After Bergstra et al. (2011, 2013); the kernels' widths are ours.
 */
export class ParzenMixture {
  readonly #axes: readonly KernelAxis[];
  readonly #categorical: Uint8Array;
  readonly #kernels: number;
  readonly #centres: Float64Array;
  /** One over the deviation, of every kernel and axis, or of every axis where all kernels have the same. */
  readonly #inverse: Float64Array;
  readonly #factors: Float64Array;
  /** Weight of another category than the kernel's own, against 1 for its own. */
  readonly #leak: number;

  /**
   * @param points coordinates, those of one point side by side, `count` of them
   * @param bandwidth `'neighbours'` needs a single axis
   */
  constructor(axes: readonly KernelAxis[], points: Float64Array, count: number, bandwidth: Bandwidth) {
    const size = axes.length;
    this.#axes = axes;
    this.#categorical = Uint8Array.from(axes, ({ categorical }) => (categorical ? 1 : 0));
    this.#kernels = count;
    this.#centres = points;
    this.#inverse = new Float64Array(count * size);
    this.#leak = 1 / (count + 1);
    for (let axis = 0; axis < size; axis++) {
      if (axes[axis]!.categorical) continue;
      if (bandwidth === 'spread') this.#spread(axis);
      else this.#neighbours();
    }
    this.#factors = this.#normalise();
  }

  /** Writes a random point of the mixture. Numbers of a stepped axis are the middles of their shares. */
  sample(random: SeededRandom, out: Float64Array): void {
    const kernel = random.int(0, this.#kernels);
    const size = this.#axes.length;
    for (let axis = 0; axis < size; axis++) {
      const { count, categorical } = this.#axes[axis]!;
      const at = kernel * size + axis;
      let value: number;
      if (kernel === this.#kernels) value = random.next();
      else if (categorical) {
        const stays = random.next() * (1 + this.#leak * count) >= this.#leak * count;
        value = stays ? this.#centres[at]! : random.next();
      } else {
        do value = this.#centres[at]! + random.normal() / this.#inverse[at]!;
        while (value < 0 || value >= 1);
      }
      out[axis] = count === Number.POSITIVE_INFINITY ? value : middle(value, count);
    }
  }

  /** Returns the density at a point, up to a factor that is the same for every mixture over these axes. */
  density(point: Float64Array): number {
    const centres = this.#centres;
    const inverse = this.#inverse;
    const categorical = this.#categorical;
    const size = categorical.length;
    const end = this.#kernels * size;
    const own = 1 + this.#leak;
    const other = this.#leak;
    let sum = 1;
    for (let first = 0, kernel = 0; first < end; first += size, kernel++) {
      let half = 0;
      let factor = this.#factors[kernel]!;
      for (let axis = 0; axis < size && half < DECAYED; axis++) {
        const distance = point[axis]! - centres[first + axis]!;
        if (categorical[axis] === 1) {
          // Both are middles of the same division: equal categories are equal doubles.
          factor *= distance === 0 ? own : other;
        } else {
          const scaled = distance * inverse[first + axis]!;
          half += 0.5 * scaled * scaled;
        }
      }
      // Farther kernels add nothing that a double would show beside the even one.
      if (half < DECAYED) sum += factor * decay(half);
    }
    return sum / (this.#kernels + 1);
  }

  #spread(axis: number): void {
    const size = this.#axes.length;
    // The even kernel counts as one point more: in the middle, with the cube's own variance.
    let sum = 0.5;
    let squares = 0.25 + 1 / 12;
    for (let kernel = 0; kernel < this.#kernels; kernel++) {
      const centre = this.#centres[kernel * size + axis]!;
      sum += centre;
      squares += centre * centre;
    }
    const mean = sum / (this.#kernels + 1);
    const variance = Math.max(0, squares / (this.#kernels + 1) - mean * mean);
    // Scott (1992): the best width falls with the number of points to the power -1 / (axes + 4).
    const scott = exp(-log(Math.max(1, this.#kernels)) / (size + 4));
    const deviation = Math.max(NARROWEST, this.#stepFloor(axis), SPREAD * Math.sqrt(variance) * scott);
    for (let kernel = 0; kernel < this.#kernels; kernel++) this.#inverse[kernel * size + axis] = 1 / deviation;
  }

  #neighbours(): void {
    const order = Float64Array.from(this.#centres.subarray(0, this.#kernels)).sort();
    const least = Math.max(1 / Math.min(LEAST_SHARE, 4 * this.#kernels + 2), this.#stepFloor(0));
    for (let kernel = 0; kernel < this.#kernels; kernel++) {
      const centre = this.#centres[kernel]!;
      const place = lowerBound(order, centre);
      // Of equal points one has neighbours on both sides, and the rest stand next to it.
      const left = place > 0 ? centre - order[place - 1]! : 0;
      const right = place + 1 < order.length ? order[place + 1]! - centre : 0;
      const half = Math.abs(centre - 0.5);
      const widest = order.length === 1 ? Math.max(half, 0.25) : Math.max(left, right);
      this.#inverse[kernel] = 1 / Math.max(least, widest);
    }
  }

  #stepFloor(axis: number): number {
    return NARROWEST_STEP / this.#axes[axis]!.count;
  }

  /** What makes each kernel's mass in the cube 1. */
  #normalise(): Float64Array {
    const size = this.#axes.length;
    const factors = new Float64Array(this.#kernels).fill(1);
    for (let axis = 0; axis < size; axis++) {
      const { categorical, count } = this.#axes[axis]!;
      for (let kernel = 0; kernel < this.#kernels; kernel++) {
        const at = kernel * size + axis;
        // The even kernel gives each category 1 / count, and stands in the sum as 1.
        factors[kernel]! *= categorical
          ? count / (1 + this.#leak * count)
          : massOf(this.#centres[at]!, this.#inverse[at]!);
      }
    }
    return factors;
  }
}

/** The height of a normal law with mass 1 between 0 and 1. */
function massOf(centre: number, inverse: number): number {
  const below = centre * inverse;
  const above = (1 - centre) * inverse;
  let inside = 1;
  if (below < TAIL_END) inside -= lowerTail(below);
  if (above < TAIL_END) inside -= lowerTail(above);
  return inverse / (ROOT_TAU * inside);
}

const middle = (value: number, count: number): number => (Math.min(count - 1, Math.floor(value * count)) + 0.5) / count;

/** Returns the first place in ascending values that is not below `value`. */
function lowerBound(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const half = (low + high) >>> 1;
    if (values[half]! < value) low = half + 1;
    else high = half;
  }
  return low;
}
