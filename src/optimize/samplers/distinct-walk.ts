import { indexPermutation } from '../../core/random.js';
import type { ParameterMap } from '../../engine/parameters.js';
import { PointIndex } from '../point-index.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { GridWalk } from './grid-walk.js';

/** Points of a sequence in a row that may repeat earlier ones before the rest of the grid is taken in a random order. */
const REPEATS = 2_000;

/** Points by index, from 0. */
export interface PointSequence {
  /** Returns the point, the same whenever it is asked for; undefined where the sequence ends. */
  at(index: number): FlatParams | undefined;
}

/** The points of a sequence that something accepts, by ordinal. It keeps 4 bytes for each. */
export class AcceptedPoints {
  readonly #points: PointSequence;
  readonly #accepts: (flat: FlatParams) => boolean;
  #indexes = new Uint32Array(256);
  #count = 0;
  #next = 0;

  constructor(points: PointSequence, accepts: (flat: FlatParams) => boolean) {
    this.#points = points;
    this.#accepts = accepts;
  }

  /** Points accepted so far. */
  get count(): number {
    return this.#count;
  }

  /** Goes on to the point with this ordinal; false when so many in a row were refused before it, or the sequence has ended. */
  reach(ordinal: number, patience: number): boolean {
    for (let refused = 0; this.#count <= ordinal; this.#next++) {
      const flat = this.#points.at(this.#next);
      if (flat === undefined) return false;
      if (!this.#accepts(flat)) {
        if (++refused >= patience) return false;
        continue;
      }
      refused = 0;
      if (this.#count === this.#indexes.length) {
        const longer = new Uint32Array(this.#count * 2);
        longer.set(this.#indexes);
        this.#indexes = longer;
      }
      this.#indexes[this.#count++] = this.#next;
    }
    return true;
  }

  /** Returns a point that was reached. */
  at(ordinal: number): FlatParams {
    return this.#points.at(this.#indexes[ordinal]!)!;
  }
}

/**
 * The points of a finite space, each once: as the sequence comes upon them, and what it hardly comes upon any more in a random order. About 45 bytes
 * for each point that was given.
 */
export class DistinctWalk<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #met = new PointIndex();
  readonly #accepted: AcceptedPoints;
  /** What the sequence did not come upon; undefined while it still does. */
  #rest: { readonly walk: GridWalk<P>; readonly points: FlatParams[]; ordinal: number } | undefined;

  /** @param allows - whether a point of the sequence is inside the constraint */
  constructor(space: ParameterSpace<P>, points: PointSequence, allows: (flat: FlatParams) => boolean, seed: number) {
    this.#space = space;
    this.#seed = seed;
    this.#accepted = new AcceptedPoints(points, (flat) => {
      const key = space.keyOf(flat);
      if (this.#met.get(key) !== undefined || !allows(flat)) return false;
      this.#met.add(key, this.#met.size);
      return true;
    });
  }

  /** Returns the point with this ordinal, from 0, or undefined behind the last one. */
  point(ordinal: number): FlatParams | undefined {
    if (ordinal >= (this.#space.size as number)) return undefined;
    if (this.#rest === undefined && !this.#accepted.reach(ordinal, REPEATS)) {
      const indexAt = indexPermutation(this.#seed, this.#space.size as number);
      const walk = new GridWalk(this.#space, (position) => indexAt(position as number));
      this.#rest = { walk, points: [], ordinal: 0 };
    }
    if (ordinal < this.#accepted.count) return this.#accepted.at(ordinal);
    return this.#restAt(ordinal - this.#accepted.count);
  }

  #restAt(place: number): FlatParams | undefined {
    const rest = this.#rest!;
    while (rest.points.length <= place) {
      const flat = rest.walk.point(rest.ordinal);
      if (flat === undefined) return undefined;
      rest.ordinal++;
      if (this.#met.get(this.#space.keyOf(flat)) === undefined) rest.points.push(flat);
    }
    return rest.points[place];
  }
}
