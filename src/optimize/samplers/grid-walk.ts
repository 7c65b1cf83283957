import { countText } from '../../core/decimal-text.js';
import { UsageError } from '../../core/errors.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, GridIndex, ParameterSpace } from '../space.js';

/** Points refused by the constraint in a row before the walk gives up. */
const PATIENCE = 20_000_000;

/**
 * Visits the allowed points of a grid in a given order: the n-th one, for n = 0, 1, 2, ... It remembers where it stands, so asking
 * in order costs one step each; asking for an earlier one starts over.
 */
export class GridWalk<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #indexAt: (position: GridIndex) => GridIndex;
  /** Ordinal of the point at `#position - 1`, the last one given. */
  #ordinal = -1;
  #position: GridIndex = 0;
  #last: FlatParams | undefined;
  /** Number of allowed points, once the walk has come to their end. */
  #end = Number.POSITIVE_INFINITY;

  /** @param indexAt - the order: a permutation of the grid's places. @throws UsageError `NO_GRID`. */
  constructor(space: ParameterSpace<P>, indexAt: (position: GridIndex) => GridIndex = (position) => position) {
    space.requireGrid();
    this.#space = space;
    this.#indexAt = indexAt;
  }

  /**
   * Returns the allowed point with this ordinal, from 0, or undefined behind the last one.
   * @throws UsageError `CONSTRAINT_TOO_TIGHT` after 20,000,000 refused points in a row.
   */
  point(ordinal: number): FlatParams | undefined {
    if (this.#space.constraint === undefined) {
      return ordinal < this.#space.size ? this.#space.flatAt(this.#indexAt(ordinal)) : undefined;
    }
    if (ordinal >= this.#end) return undefined;
    if (ordinal < this.#ordinal) {
      this.#ordinal = -1;
      this.#position = 0;
    }
    while (this.#ordinal < ordinal) {
      this.#last = this.#advance();
      this.#ordinal++;
      if (this.#last === undefined) {
        this.#end = this.#ordinal;
        return undefined;
      }
    }
    return this.#last;
  }

  #advance(): FlatParams | undefined {
    for (let refused = 0; this.#position < this.#space.size; refused++) {
      const flat = this.#space.flatAt(this.#indexAt(this.#position));
      this.#position = next(this.#position);
      if (this.#space.allows(this.#space.fromFlat(flat))) return flat;
      if (refused >= PATIENCE) throw tooTight(`${countText(PATIENCE)} points in a row`);
    }
    return undefined;
  }
}

/** Returns the error for a constraint that lets too little through to search under it. */
export function tooTight(refused: string): UsageError {
  return new UsageError('CONSTRAINT_TOO_TIGHT', {
    message: `The constraint refused ${refused}. Declare narrower ranges, so that most combinations are allowed.`,
    details: { refused },
  });
}

const next = (position: GridIndex): GridIndex => {
  if (typeof position === 'bigint') return position + 1n;
  return position < Number.MAX_SAFE_INTEGER ? position + 1 : BigInt(position) + 1n;
};
