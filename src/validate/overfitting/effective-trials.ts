import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { lengthOf } from './cscv.js';

/** What {@link effectiveTrials} returns. */
export interface EffectiveTrials {
  /** How many different strategies the trials amount to. */
  readonly count: number;
  /** Groups of trials that earn alike, among those that were looked at. */
  readonly clusters: number;
  /** Trials that were looked at: all of them, or an even pick. */
  readonly looked: number;
  /** Mean silhouette of the grouping, -1 to 1; at most 0.25 says that there are no groups, and then each trial counts. */
  readonly silhouette: number;
}

/** Trials that are grouped, at most: the work grows with their square and more. */
const TRIALS_MAX = 600;
/** Spans that returns are added up over before they are compared, at most. */
const SPANS_MAX = 500;
/** Up to here a mean silhouette tells of no substantial structure (Kaufman and Rousseeuw 1990, table 4). */
const NO_STRUCTURE = 0.25;

/**
 * Returns how many independent strategies a number of trials amounts to: trials are grouped by the correlation of their returns, and groups
 * are counted (after López de Prado and Lewis 2018, Detection of False Investment Strategies Using Unsupervised Learning). The distance is
 * `sqrt((1 - correlation) / 2)`; groups are joined by their mean distance, and the grouping with the largest mean silhouette (Rousseeuw
 * 1987) counts, with at most half as many groups as trials. Where none has a silhouette above 0.25, trials do not form groups and each one
 * counts by itself: rather too many than too few.
 *
 * Of more than 600 trials as many are picked evenly, and the count is scaled up; returns are added up over at most 500 spans.
 *
 * @param series returns of each trial, of equal length, at least two trials
 * @throws UsageError `TOO_FEW_TRIALS`, `UNEQUAL_SERIES`, `NOT_A_NUMBER` for a return that is none
 */
export function effectiveTrials(series: readonly ReadonlyFloat64Array[]): EffectiveTrials {
  lengthOf(series);
  const looked = Math.min(series.length, TRIALS_MAX);
  const picked = Array.from({ length: looked }, (_, k) => series[Math.floor((k * series.length) / looked)]!);
  const distances = distancesOf(picked);
  const { clusters, silhouette } = bestGrouping(distances, looked);
  const count = silhouette > NO_STRUCTURE ? (clusters * series.length) / looked : series.length;
  return { count, clusters: silhouette > NO_STRUCTURE ? clusters : looked, looked, silhouette };
}

/** Distances of all pairs, row by row. Series that do not vary are alike, and as far from others as the uncorrelated. */
function distancesOf(series: readonly ReadonlyFloat64Array[]): Float64Array {
  const count = series.length;
  const standardised = series.map(standardisedSpans);
  const distances = new Float64Array(count * count);
  for (let i = 0; i < count; i++) {
    const a = standardised[i]!;
    for (let j = i + 1; j < count; j++) {
      const b = standardised[j]!;
      let correlation = 0;
      for (let k = 0; k < a.length; k++) correlation += a[k]! * b[k]!;
      if (a[0] === undefined && b[0] === undefined) correlation = 1;
      const distance = Math.sqrt(Math.max(0, (1 - correlation) / 2));
      distances[i * count + j] = distance;
      distances[j * count + i] = distance;
    }
  }
  return distances;
}

/** Sums of returns over spans, moved and scaled to a mean of 0 and a sum of squares of 1; empty where they do not vary. */
function standardisedSpans(returns: ReadonlyFloat64Array): Float64Array {
  const spans = Math.min(SPANS_MAX, returns.length);
  const sums = new Float64Array(spans);
  for (let i = 0; i < returns.length; i++) sums[Math.floor((i * spans) / returns.length)]! += returns[i]!;
  let mean = 0;
  for (const sum of sums) mean += sum / spans;
  let squares = 0;
  for (const sum of sums) squares += (sum - mean) ** 2;
  if (!(squares > 1e-28 * spans)) return new Float64Array(0);
  const scale = 1 / Math.sqrt(squares);
  return sums.map((sum) => (sum - mean) * scale);
}

/** Joins the two nearest groups again and again, and returns the grouping of the largest mean silhouette. */
function bestGrouping(distances: Float64Array, count: number): { clusters: number; silhouette: number } {
  const group = Int32Array.from({ length: count }, (_, k) => k);
  const sizes = new Float64Array(count).fill(1);
  const alive = Array.from({ length: count }, (_, k) => k);
  // Sum of the distances of each trial to all of a group: by group, then trial.
  const sums = Array.from({ length: count }, (_, k) => distances.slice(k * count, (k + 1) * count));
  let best = { clusters: count, silhouette: 0 };
  for (const [kept, gone] of mergesOf(distances, count)) {
    for (let trial = 0; trial < count; trial++) {
      sums[kept]![trial]! += sums[gone]![trial]!;
      if (group[trial] === gone) group[trial] = kept;
    }
    sizes[kept]! += sizes[gone]!;
    alive.splice(alive.indexOf(gone), 1);
    if (alive.length < 2 || alive.length > count / 2) continue;
    const silhouette = silhouetteOf(group, sizes, sums, alive);
    // Fewer groups must be better to be preferred: rather too many than too few.
    if (silhouette > best.silhouette) best = { clusters: alive.length, silhouette };
  }
  return best;
}

/** Mean of `(b - a) / max(a, b)` over trials: a their mean distance to their own group, b to the nearest other one; 0 for a group of one. */
function silhouetteOf(
  group: Int32Array,
  sizes: Float64Array,
  sums: readonly Float64Array[],
  alive: readonly number[],
): number {
  const { length } = group;
  const outside = new Float64Array(length).fill(Number.POSITIVE_INFINITY);
  // Group by group, so that memory is read in its order.
  for (const other of alive) {
    const distances = sums[other]!;
    const share = 1 / sizes[other]!;
    for (let trial = 0; trial < length; trial++) {
      const mean = distances[trial]! * share;
      if (mean < outside[trial]! && group[trial] !== other) outside[trial] = mean;
    }
  }
  let total = 0;
  for (let trial = 0; trial < length; trial++) {
    const own = group[trial]!;
    if (sizes[own]! < 2) continue;
    const inside = sums[own]![trial]! / (sizes[own]! - 1);
    const larger = Math.max(inside, outside[trial]!);
    if (larger > 0) total += (outside[trial]! - inside) / larger;
  }
  return total / length;
}

/**
 * Returns the pairs of groups that are joined, nearest first, by the mean distance of their members; the first of a pair keeps its number.
 * Nearest neighbours are remembered and searched again only where a join has touched them.
 */
function mergesOf(given: Float64Array, count: number): (readonly [number, number])[] {
  const distances = given.slice();
  const sizes = new Float64Array(count).fill(1);
  const isAlive = new Uint8Array(count).fill(1);
  const nearest = new Int32Array(count).fill(-1);
  const nearestAt = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
  const search = (from: number): void => {
    nearest[from] = -1;
    nearestAt[from] = Number.POSITIVE_INFINITY;
    for (let to = from + 1; to < count; to++) {
      if (isAlive[to] === 1 && distances[from * count + to]! < nearestAt[from]!) {
        nearest[from] = to;
        nearestAt[from] = distances[from * count + to]!;
      }
    }
  };
  for (let k = 0; k < count; k++) search(k);
  const merges: (readonly [number, number])[] = [];
  for (let step = 1; step < count; step++) {
    let kept = -1;
    for (let k = 0; k < count; k++) {
      if (isAlive[k] === 1 && nearest[k]! >= 0 && (kept < 0 || nearestAt[k]! < nearestAt[kept]!)) kept = k;
    }
    const gone = nearest[kept]!;
    merges.push([kept, gone]);
    isAlive[gone] = 0;
    const [keptSize, goneSize] = [sizes[kept]!, sizes[gone]!];
    sizes[kept] = keptSize + goneSize;
    for (let k = 0; k < count; k++) {
      if (isAlive[k] !== 1 || k === kept) continue;
      const mean =
        (keptSize * distances[kept * count + k]! + goneSize * distances[gone * count + k]!) / (keptSize + goneSize);
      distances[kept * count + k] = mean;
      distances[k * count + kept] = mean;
      if (k < kept && mean < nearestAt[k]!) {
        nearest[k] = kept;
        nearestAt[k] = mean;
      } else if (nearest[k] === kept || nearest[k] === gone) search(k);
    }
    search(kept);
  }
  return merges;
}
