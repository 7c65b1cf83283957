import { indexPermutation, SeededRandom } from '../../core/random.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { GridWalk } from './grid-walk.js';
import { drawAllowed, drawPoint } from './random.js';
import type { SeenTrial, Suggestion } from './sampler.js';

/** Random draws before the grid is walked for a point that is left. */
const DRAWS = 200;

/** Tells which points a study has had, for samplers that look back: on a finite space none of them is suggested again. */
export class UsedPoints<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  /** Keys of the history as it was last seen; it only grows within a study. */
  #seen = new Set<string>();
  #count = 0;
  #last: SeenTrial | undefined;
  #pending = new Set<string>();
  #walk: GridWalk<P> | undefined;

  constructor(space: ParameterSpace<P>, seed: number) {
    this.#space = space;
    this.#seed = seed;
  }

  /** True where every point can be counted, so that a study over it ends: a grid of at most 2^53 points. */
  get finite(): boolean {
    return typeof this.#space.size === 'number' && this.#space.finite;
  }

  /** Takes the trials of a question; what follows is asked of these. Costs a step for each trial that is new since the last one. */
  take({ history, pending }: Suggestion): void {
    if (this.#count > history.length || (this.#count > 0 && history[this.#count - 1] !== this.#last)) {
      this.#seen = new Set();
      this.#count = 0;
    }
    for (; this.#count < history.length; this.#count++) this.#seen.add(this.#space.keyOf(history[this.#count]!.params));
    this.#last = history[this.#count - 1];
    this.#pending = new Set(pending.map(({ params }) => this.#space.keyOf(params)));
  }

  /** Tells whether a trial had this point. */
  has(flat: FlatParams): boolean {
    const key = this.#space.keyOf(flat);
    return this.#seen.has(key) || this.#pending.has(key);
  }

  /**
   * Returns a random allowed point that no trial had; undefined when a finite space is used up. In any other space, one that was had
   * before where nothing else turns up.
   * @param number - of the trial, whose stream is drawn from
   * @throws UsageError `CONSTRAINT_TOO_TIGHT` as random search does.
   */
  drawUnused(number: number): FlatParams | undefined {
    const random = SeededRandom.derive(this.#seed, 'trial', number);
    for (let draw = 0; draw < DRAWS; draw++) {
      const flat = drawPoint(this.#space, random);
      if (this.#space.allows(this.#space.fromFlat(flat)) && !this.has(flat)) return flat;
    }
    if (!this.finite) return drawAllowed(this.#space, random);
    if (this.#walk === undefined) {
      const indexAt = indexPermutation(this.#seed, this.#space.size as number);
      this.#walk = new GridWalk(this.#space, (position) => indexAt(position as number));
    }
    for (let ordinal = 0; ; ordinal++) {
      const flat = this.#walk.point(ordinal);
      if (flat === undefined || !this.has(flat)) return flat;
    }
  }
}
