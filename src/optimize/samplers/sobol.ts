import { countText } from '../../core/decimal-text.js';
import { SeededRandom } from '../../core/random.js';
import { SOBOL_DIMENSIONS, SobolSequence } from '../../core/sobol.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { AcceptedPoints, DistinctWalk, type PointSequence } from './distinct-walk.js';
import { tooTight } from './grid-walk.js';
import type { Sampler } from './sampler.js';
import { UnitCube } from './unit-cube.js';

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
class SobolPoints<P extends ParameterMap> implements PointSequence {
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
