import type { SeededRandom } from '../../core/random.js';

/** Points of the unit cube and their values. */
export interface Sample {
  /** Coordinates of point i from `i * width` on, each from 0 to 1. */
  readonly coordinates: Float64Array;
  readonly width: number;
  readonly values: Float64Array;
}

/** A part of the cube, [low, high) along each axis, and what a tree says there. */
export interface Leaf {
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly value: number;
}

/** Returns for each axis the rows of a sample by their coordinate, ties by row: what {@link RegressionTree} sorts by. */
export function ordersOf({ coordinates, width, values }: Sample): readonly Int32Array[] {
  return Array.from({ length: width }, (_, axis) =>
    Int32Array.from(values.keys()).sort(
      (a, b) => coordinates[a * width + axis]! - coordinates[b * width + axis]! || a - b,
    ),
  );
}

/**
 * A regression tree (Breiman and others 1984), grown until the values of each leaf are equal or its points cannot be told apart. A split
 * lies half-way between two neighbouring coordinates, where it lowers the squared error most; of equal ones the first axis and lowest
 * place is taken.
 */
export class RegressionTree {
  readonly #sample: Sample;
  readonly #weights: ArrayLike<number>;
  /** Rows by coordinate, one array an axis: those of a node lie side by side in each. */
  readonly #orders: readonly Int32Array[];
  readonly #right: Uint8Array;
  readonly #spare: Int32Array;
  /** Of each node: its axis, -1 for a leaf; where it splits, or a leaf's value; its two children are neighbours. */
  readonly #axes: number[] = [];
  readonly #numbers: number[] = [];
  readonly #children: number[] = [];

  /** @param weights - how often each row counts; rows of weight 0 are not looked at. Not all are 0 */
  constructor(sample: Sample, weights: ArrayLike<number>, orders = ordersOf(sample)) {
    this.#sample = sample;
    this.#weights = weights;
    this.#orders = orders.map((order) => order.filter((row) => weights[row]! > 0));
    this.#right = new Uint8Array(sample.values.length);
    this.#spare = new Int32Array(sample.values.length);
    this.#grow();
  }

  /** Returns the value at a point. */
  predict(point: Float64Array, offset = 0): number {
    let node = 0;
    while (this.#axes[node]! >= 0) {
      node = this.#children[node]! + (point[offset + this.#axes[node]!]! < this.#numbers[node]! ? 0 : 1);
    }
    return this.#numbers[node]!;
  }

  /** Returns the leaves, which together are the cube. */
  leaves(): Leaf[] {
    const { width } = this.#sample;
    const found: Leaf[] = [];
    const open = [{ node: 0, low: new Float64Array(width), high: new Float64Array(width).fill(1) }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, low, high } = next;
      const axis = this.#axes[node]!;
      const number = this.#numbers[node]!;
      if (axis < 0) {
        found.push({ low, high, value: number });
        continue;
      }
      open.push({ node: this.#children[node]! + 1, low: low.with(axis, number), high });
      open.push({ node: this.#children[node]!, low, high: high.with(axis, number) });
    }
    return found;
  }

  #grow(): void {
    const open = [{ node: this.#addNode(), from: 0, to: this.#orders[0]?.length ?? 0 }];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const { node, from, to } = next;
      const split = this.#bestSplit(from, to);
      if (typeof split === 'number') {
        this.#numbers[node] = split;
        continue;
      }
      const middle = this.#part(from, to, split);
      const left = this.#addNode();
      this.#axes[node] = split.axis;
      this.#numbers[node] = split.at;
      this.#children[node] = left;
      open.push({ node: this.#addNode(), from: middle, to }, { node: left, from, to: middle });
    }
  }

  #addNode(): number {
    this.#axes.push(-1);
    this.#numbers.push(0);
    return this.#children.push(-1) - 1;
  }

  /** Returns where to split the rows of a node; their mean when it is a leaf. */
  #bestSplit(from: number, to: number): { readonly axis: number; readonly at: number } | number {
    const { coordinates, width, values } = this.#sample;
    const weights = this.#weights;
    let count = 0;
    let total = 0;
    let isPure = true;
    const rows = this.#orders[0]!;
    for (let k = from; k < to; k++) {
      const row = rows[k]!;
      count += weights[row]!;
      total += weights[row]! * values[row]!;
      if (values[row] !== values[rows[from]!]) isPure = false;
    }
    if (isPure) return values[rows[from]!]!;
    let best: { axis: number; at: number } | undefined;
    let most = Number.NEGATIVE_INFINITY;
    for (let axis = 0; axis < width; axis++) {
      const order = this.#orders[axis]!;
      let leftCount = 0;
      let left = 0;
      for (let k = from; k + 1 < to; k++) {
        const row = order[k]!;
        leftCount += weights[row]!;
        left += weights[row]! * values[row]!;
        const here = coordinates[row * width + axis]!;
        const there = coordinates[order[k + 1]! * width + axis]!;
        if (here === there) continue;
        const right = total - left;
        const gain = (left * left) / leftCount + (right * right) / (count - leftCount);
        // A gain of nothing is a split too: where two axes only matter together, no first split gains.
        if (gain <= most) continue;
        most = gain;
        best = { axis, at: here + (there - here) / 2 };
      }
    }
    return best ?? total / count;
  }

  /** Brings the rows left of a split before the others, in every order, and returns where the others begin. */
  #part(from: number, to: number, { axis, at }: { readonly axis: number; readonly at: number }): number {
    const { coordinates, width } = this.#sample;
    const right = this.#right;
    for (let k = from; k < to; k++) {
      const row = this.#orders[axis]![k]!;
      right[row] = coordinates[row * width + axis]! < at ? 0 : 1;
    }
    let middle = from;
    for (const order of this.#orders) {
      middle = from;
      let others = 0;
      for (let k = from; k < to; k++) {
        const row = order[k]!;
        if (right[row] === 0) order[middle++] = row;
        else this.#spare[others++] = row;
      }
      order.set(this.#spare.subarray(0, others), middle);
    }
    return middle;
  }
}

/** Trees that are each grown from as many rows as the sample has, drawn with repetition (Breiman 2001). */
export class RegressionForest {
  readonly trees: readonly RegressionTree[];
  readonly #sample: Sample;
  /** How often each tree drew each row. */
  readonly #weights: readonly Uint16Array[];

  constructor(sample: Sample, count: number, random: SeededRandom) {
    const orders = ordersOf(sample);
    const rows = sample.values.length;
    this.#sample = sample;
    this.#weights = Array.from({ length: count }, () => {
      const weights = new Uint16Array(rows);
      for (let draw = 0; draw < rows; draw++) weights[random.int(0, rows - 1)]!++;
      return weights;
    });
    this.trees = this.#weights.map((weights) => new RegressionTree(sample, weights, orders));
  }

  /**
   * Returns the mean squared error on the rows of the sample, of each of which only the trees are asked that did not draw it; NaN when
   * every tree drew every row.
   *
   * @param coordinates - to be asked in place of the sample's own
   */
  error(coordinates = this.#sample.coordinates): number {
    const { values, width } = this.#sample;
    let squares = 0;
    let judged = 0;
    for (let row = 0; row < values.length; row++) {
      let sum = 0;
      let asked = 0;
      for (let tree = 0; tree < this.trees.length; tree++) {
        if (this.#weights[tree]![row]! > 0) continue;
        sum += this.trees[tree]!.predict(coordinates, row * width);
        asked++;
      }
      if (asked === 0) continue;
      squares += (sum / asked - values[row]!) ** 2;
      judged++;
    }
    return squares / judged;
  }
}
