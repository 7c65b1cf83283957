import { countText } from '../../core/decimal-text.js';
import { indexPermutation, SeededRandom } from '../../core/random.js';
import { SOBOL_DIMENSIONS, SobolSequence } from '../../core/sobol.js';
import type { ParameterMap } from '../../engine/parameters.js';
import { PointIndex } from '../point-index.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { GridWalk, tooTight } from './grid-walk.js';
import type { Sampler } from './sampler.js';
import { UnitCube } from './unit-cube.js';

/** Points of the sequence in a row that may repeat earlier ones before the rest of the grid is taken in a random order. */
const REPEATS = 2_000;
/** Points of the sequence in a row that the constraint may refuse. */
const REFUSALS = 100_000;

/**
 * Scrambled Sobol points over the space's {@link UnitCube}, more even than random ones. On a finite space no point comes twice: where the
 * sequence falls into a cell again it is passed over, and once it hardly finds a new one, the cells that are left come in random order.
 * Axes beyond the 101st are drawn at random.
 */
export function sobolSampler<P extends ParameterMap>(space: ParameterSpace<P>, seed: number): Sampler {
  const points = new SobolPoints(space, seed);
  const base = { name: 'sobol', looksBack: false } as const;
  const allows = (flat: FlatParams): boolean => space.constraint === undefined || space.allows(space.fromFlat(flat));
  if (typeof space.size === 'number' && space.finite) {
    const walk = new DistinctWalk(space, points, allows, seed);
    return { ...base, distinct: true, size: space.size, suggest: ({ ordinal }) => walk.point(ordinal) };
  }
  const endless = { ...base, distinct: false, size: Number.POSITIVE_INFINITY } as const;
  if (space.constraint === undefined) return { ...endless, suggest: ({ ordinal }) => points.at(ordinal) };
  const walk = new AcceptedPoints(points, allows);
  return {
    ...endless,
    suggest: ({ ordinal }) => {
      if (walk.reach(ordinal, REFUSALS)) return walk.at(ordinal);
      throw tooTight(`${countText(REFUSALS)} points of the sequence in a row`);
    },
  };
}

/** The sequence as points of the space. */
class SobolPoints<P extends ParameterMap> {
  readonly #cube: UnitCube;
  readonly #sequence: SobolSequence;
  readonly #seed: number;
  readonly #coordinates: Float64Array;

  constructor(space: ParameterSpace<P>, seed: number) {
    this.#cube = new UnitCube(space);
    this.#seed = seed;
    const dimensions = Math.max(1, Math.min(SOBOL_DIMENSIONS, this.#cube.size));
    this.#sequence = new SobolSequence(dimensions, SeededRandom.derive(seed, 'sobol'));
    this.#coordinates = new Float64Array(Math.max(1, this.#cube.size));
  }

  at(index: number): FlatParams {
    this.#sequence.point(index, this.#coordinates);
    if (this.#cube.size > SOBOL_DIMENSIONS) {
      const random = SeededRandom.derive(this.#seed, 'beyond sobol', index);
      for (let axis = SOBOL_DIMENSIONS; axis < this.#cube.size; axis++) this.#coordinates[axis] = random.next();
    }
    return this.#cube.decode(this.#coordinates);
  }
}

/** The points of a sequence that something accepts, by ordinal. It keeps 4 bytes for each. */
class AcceptedPoints<P extends ParameterMap> {
  readonly #points: SobolPoints<P>;
  readonly #accepts: (flat: FlatParams) => boolean;
  #indexes = new Uint32Array(256);
  #count = 0;
  #next = 0;

  constructor(points: SobolPoints<P>, accepts: (flat: FlatParams) => boolean) {
    this.#points = points;
    this.#accepts = accepts;
  }

  /** Points accepted so far. */
  get count(): number {
    return this.#count;
  }

  /** Goes on to the point with this ordinal; false when so many in a row were refused before it. */
  reach(ordinal: number, patience: number): boolean {
    for (let refused = 0; this.#count <= ordinal; this.#next++) {
      if (!this.#accepts(this.#points.at(this.#next))) {
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
    return this.#points.at(this.#indexes[ordinal]!);
  }
}

/** The points of a finite space, each once: first as the sequence comes upon them, then the rest. About 45 bytes a point. */
class DistinctWalk<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #met = new PointIndex();
  readonly #accepted: AcceptedPoints<P>;
  /** What the sequence did not come upon; undefined while it still does. */
  #rest: { readonly walk: GridWalk<P>; readonly points: FlatParams[]; ordinal: number } | undefined;

  constructor(space: ParameterSpace<P>, points: SobolPoints<P>, allows: (flat: FlatParams) => boolean, seed: number) {
    this.#space = space;
    this.#seed = seed;
    this.#accepted = new AcceptedPoints(points, (flat) => {
      const key = space.keyOf(flat);
      if (this.#met.get(key) !== undefined || !allows(flat)) return false;
      this.#met.add(key, this.#met.size);
      return true;
    });
  }

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
