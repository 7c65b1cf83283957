import { assertFinite, assertInteger, assertSameLength } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';

/**
 * Returns how little values change around a base, 0 to 1: the mean over them of `1 - |v - base| / (|v| + |base|)`. 1 where all are the base's,
 * 0 where all have lost it or turned its sign. Neither the unit of a parameter nor that of the objective changes it. A value that is not
 * available counts as 0: an edge is not stable. Undefined without other values, or where the base has none.
 */
export function stabilityOf(base: number | undefined, others: readonly (number | undefined)[]): number | undefined {
  if (base === undefined || !Number.isFinite(base) || others.length === 0) return undefined;
  let sum = 0;
  for (const value of others) {
    if (value === undefined || !Number.isFinite(value)) continue;
    const size = Math.abs(value) + Math.abs(base);
    sum += size > 0 ? 1 - Math.abs(value - base) / size : 1;
  }
  return sum / others.length;
}

/** A point of a parameter space that was looked at. */
export interface PlateauPoint {
  /** Place of each parameter among its values, in steps; NaN for one that it does not have. */
  readonly places: readonly number[];
  readonly value: number;
}

/** The best neighbourhood of a parameter space. */
export interface Plateau {
  /** Index of the point in its middle. */
  readonly centre: number;
  /** Mean value of the point and its neighbours. */
  readonly mean: number;
  /** The least of these. */
  readonly least: number;
  /** How many points that are. */
  readonly points: number;
  /** How little they change: see {@link stabilityOf}. */
  readonly stability: number;
}

/**
 * Finds the point whose neighbourhood is best, rather than the best point: a peak whose neighbours are bad is luck until shown otherwise. Neighbours are at
 * most `reach` steps away in every ordered parameter, and the same in all others. The mean over a neighbourhood counts, where what it lacks to the size of
 * the largest is taken to be as bad as the worst of it: a point at an edge, or beside points that nobody tried, does not win by having fewer neighbours. One with less
 * than half of the largest, in a corner or alone, has too few to be judged by. Of equal means that over more points wins, then the first.
 *
 * @param ordered whether each parameter's places have an order
 * @param sign 1 where larger values are better, -1 where smaller ones are
 * @param reach steps, at least 1. @defaultValue 1
 * @returns undefined without points
 * @throws UsageError `NOT_A_NUMBER` for a value that is none, `UNEQUAL_SERIES` for a point with other parameters, `NOT_AN_INTEGER`, `OUT_OF_RANGE`
 */
export function findPlateau(
  points: readonly PlateauPoint[],
  ordered: readonly boolean[],
  sign: 1 | -1,
  reach = 1,
): Plateau | undefined {
  assertInteger('reach', reach, { min: 1 });
  if (sign !== 1 && sign !== -1) {
    throw new UsageError('OUT_OF_RANGE', {
      message: `sign is 1 where larger values are better, or -1 where smaller ones are, not ${sign}.`,
      details: { sign },
    });
  }
  const values = points.map(({ value }) => value);
  assertFinite('value', values);
  for (const { places } of points) assertSameLength({ ordered, places });
  const neighbourhoods = points.map(({ places }) =>
    points.flatMap((other, index) => (isNear(places, other.places, ordered, reach) ? [index] : [])),
  );
  const largest = neighbourhoods.reduce((most, { length }) => Math.max(most, length), 0);
  const size = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let best: Plateau | undefined;
  let bestWorth = Number.NEGATIVE_INFINITY;
  for (const [centre, near] of neighbourhoods.entries()) {
    if (near.length * 2 < largest) continue;
    const own = near.map((index) => values[index]!);
    const least = own.reduce((a, b) => (sign * b < sign * a ? b : a));
    const lacking = (largest - near.length) / largest;
    const worth = sign * own.reduce((sum, value) => sum + value / largest, lacking * least);
    // Means carry rounding: what is equal must not fall apart by it.
    const isEqual = Math.abs(worth - bestWorth) <= 1e-12 * size;
    if (best !== undefined && (isEqual ? near.length <= best.points : worth < bestWorth)) continue;
    const mean = own.reduce((sum, value) => sum + value / own.length, 0);
    const others = near.filter((index) => index !== centre).map((index) => values[index]!);
    best = { centre, mean, least, points: near.length, stability: stabilityOf(values[centre], others) ?? 0 };
    bestWorth = worth;
  }
  return best;
}

function isNear(a: readonly number[], b: readonly number[], ordered: readonly boolean[], reach: number): boolean {
  for (let k = 0; k < a.length; k++) {
    const apart = Math.abs(a[k]! - b[k]!);
    if (Number.isNaN(apart)) {
      if (Number.isNaN(a[k]!) !== Number.isNaN(b[k]!)) return false;
    } else if (apart > (ordered[k]! ? reach : 0)) return false;
  }
  return true;
}
