import type { Leaf } from './regression-forest.js';

/** How the variance of a function over the unit cube comes about. */
export interface VarianceParts {
  readonly variance: number;
  /** Of each axis alone. */
  readonly main: Float64Array;
  /** Of each pair of axes beyond what each does alone; entry (a, b), a < b, at `a * width + b`. */
  readonly pairs: Float64Array;
}

/** Along one axis, the intervals between all places where leaves begin or end. */
interface Cells {
  readonly lengths: Float64Array;
  readonly place: ReadonlyMap<number, number>;
}

/**
 * Returns the functional analysis of variance of a tree over the unit cube, all points equally likely: exact, from its leaves (Hutter,
 * Hoos and Leyton-Brown 2014). What more than two axes do together is the variance that no part holds.
 */
export function functionalAnova(leaves: readonly Leaf[], width: number): VarianceParts {
  const volumes = Float64Array.from(leaves, ({ low, high }) => {
    let volume = 1;
    for (let axis = 0; axis < width; axis++) volume *= high[axis]! - low[axis]!;
    return volume;
  });
  let mean = 0;
  for (const [leaf, { value }] of leaves.entries()) mean += volumes[leaf]! * value;
  let variance = 0;
  for (const [leaf, { value }] of leaves.entries()) variance += volumes[leaf]! * (value - mean) ** 2;
  const cells = Array.from({ length: width }, (_, axis) => cellsOf(leaves, axis));
  const main = Float64Array.from({ length: width }, (_, axis) =>
    mainVariance(leaves, volumes, mean, axis, cells[axis]!),
  );
  const pairs = new Float64Array(width * width);
  for (let a = 0; a < width; a++) {
    for (let b = a + 1; b < width; b++) {
      const both = pairVariance(leaves, volumes, mean, [a, b], [cells[a]!, cells[b]!]);
      pairs[a * width + b] = Math.max(0, both - main[a]! - main[b]!);
    }
  }
  return { variance, main, pairs };
}

function cellsOf(leaves: readonly Leaf[], axis: number): Cells {
  const bounds = Float64Array.from(new Set(leaves.map(({ low }) => low[axis]!))).sort();
  return {
    lengths: bounds.map((bound, cell) => (bounds[cell + 1] ?? 1) - bound),
    place: new Map([...Array.from(bounds, (bound, cell) => [bound, cell] as const), [1, bounds.length]]),
  };
}

/** Variance of what is expected when one axis is known. */
function mainVariance(
  leaves: readonly Leaf[],
  volumes: Float64Array,
  mean: number,
  axis: number,
  { lengths, place }: Cells,
): number {
  // What each leaf adds begins in one cell and ends in another: running sums give the expectation in every cell.
  const changes = new Float64Array(lengths.length + 1);
  for (const [leaf, { low, high, value }] of leaves.entries()) {
    const share = ((value - mean) * volumes[leaf]!) / (high[axis]! - low[axis]!);
    changes[place.get(low[axis]!)!]! += share;
    changes[place.get(high[axis]!)!]! -= share;
  }
  let sum = 0;
  let level = 0;
  for (let cell = 0; cell < lengths.length; cell++) {
    level += changes[cell]!;
    sum += lengths[cell]! * level * level;
  }
  return sum;
}

/** Variance of what is expected when two axes are known. */
function pairVariance(
  leaves: readonly Leaf[],
  volumes: Float64Array,
  mean: number,
  [a, b]: readonly [number, number],
  [across, up]: readonly [Cells, Cells],
): number {
  const columns = up.lengths.length + 1;
  const changes = new Float64Array((across.lengths.length + 1) * columns);
  for (const [leaf, { low, high, value }] of leaves.entries()) {
    const share = ((value - mean) * volumes[leaf]!) / ((high[a]! - low[a]!) * (high[b]! - low[b]!));
    const [fromA, toA] = [across.place.get(low[a]!)! * columns, across.place.get(high[a]!)! * columns];
    const [fromB, toB] = [up.place.get(low[b]!)!, up.place.get(high[b]!)!];
    changes[fromA + fromB]! += share;
    changes[fromA + toB]! -= share;
    changes[toA + fromB]! -= share;
    changes[toA + toB]! += share;
  }
  let sum = 0;
  const level = new Float64Array(columns);
  for (let i = 0; i < across.lengths.length; i++) {
    let running = 0;
    for (let j = 0; j < up.lengths.length; j++) {
      running += changes[i * columns + j]!;
      level[j]! += running;
      sum += across.lengths[i]! * up.lengths[j]! * level[j]! * level[j]!;
    }
  }
  return sum;
}
