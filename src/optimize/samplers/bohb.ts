import { assertInteger } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { type BudgetLadder, hyperbandRound } from './budget-ladder.js';
import { ranked } from './budgeted-results.js';
import { bracketed, type HyperbandOptions, UnusedDraws } from './hyperband.js';
import { KernelDensity } from './kernel-density.js';
import type { Search } from './registry.js';
import type { SeenTrial, Suggestion } from './sampler.js';
import { UnitCube } from './unit-cube.js';

/** How a BOHB search differs from its defaults. */
export interface BohbOptions extends HyperbandOptions {
  /** Share of the new configurations that are drawn at random, 0 to 1. @defaultValue 1/3 */
  readonly randomFraction?: number;
  /** Best trials of a budget that count as good, in per cent, above 0 and below 100. @defaultValue 15 */
  readonly topPercent?: number;
  /** Draws around good trials, of which the one that is likeliest against the bad ones is proposed. @defaultValue 64 */
  readonly candidates?: number;
}

/** Draws around a good trial are so many times as wide as its kernel, so that the model leaves where it has been. */
const WIDENING = 3;
/** Densities below this count as this. */
const LEAST_DENSITY = 1e-32;

/**
 * BOHB (Falkner, Klein and Hutter 2018): Hyperband whose new configurations come from a model: kernel densities over the good and over the bad trials
 * of the largest budget that has enough of them.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function bohb(options: BohbOptions = {}): Search {
  const { randomFraction = 1 / 3, topPercent = 15, candidates = 64 } = options;
  const refuse = (option: string, value: number, rule: string): never => {
    throw new UsageError('INVALID_OPTION', {
      message: `bohb.${option} is ${rule}, not ${value}.`,
      details: { option: `bohb.${option}`, value },
    });
  };
  if (!(randomFraction >= 0 && randomFraction <= 1)) refuse('randomFraction', randomFraction, 'a share from 0 to 1');
  if (!(topPercent > 0 && topPercent < 100)) refuse('topPercent', topPercent, 'above 0 and below 100 per cent');
  assertInteger('bohb.candidates', candidates, { min: 1 });
  const model = { randomFraction, topPercent, candidates };
  const own = ['randomFraction', 'topPercent', 'candidates'];
  return bracketed(
    'bohb',
    options,
    hyperbandRound,
    (space, seed, direction, ladder) => new ModelledConfigurations(space, seed, direction, ladder, model),
    own,
  );
}

type Model = Required<Pick<BohbOptions, 'randomFraction' | 'topPercent' | 'candidates'>>;

class ModelledConfigurations<P extends ParameterMap> extends UnusedDraws<P> {
  readonly #cube: UnitCube;
  readonly #direction: Direction;
  readonly #budgets: readonly number[];
  readonly #model: Model;

  constructor(space: ParameterSpace<P>, seed: number, direction: Direction, { budgets }: BudgetLadder, model: Model) {
    super(space, seed);
    this.#cube = new UnitCube(space as never);
    this.#direction = direction;
    this.#budgets = budgets;
    this.#model = model;
  }

  override propose(asked: Suggestion): FlatParams {
    this.used.take(asked);
    const random = SeededRandom.derive(this.seed, 'bohb', asked.number);
    const modelled = random.next() < this.#model.randomFraction ? undefined : this.#modelled(asked, random);
    return modelled ?? this.draw(asked.number);
  }

  /** Returns the best draw that no trial had and the constraint allows; undefined where there is no model, or no such draw. */
  #modelled({ history }: Suggestion, random: SeededRandom): FlatParams | undefined {
    const densities = this.#densities(history);
    if (densities === undefined) return undefined;
    const [good, bad] = densities;
    const cube = this.#cube;
    const drawn = new Float64Array(cube.size);
    let found: FlatParams | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (let candidate = 0; candidate < this.#model.candidates; candidate++) {
      good.sample(random, WIDENING, drawn);
      const flat = cube.decode(drawn);
      cube.encode(flat, drawn);
      const ratio = Math.max(LEAST_DENSITY, bad.density(drawn)) / Math.max(LEAST_DENSITY, good.density(drawn));
      if (!(ratio < least) || this.used.has(flat) || !this.space.allows(this.space.fromFlat(flat))) continue;
      least = ratio;
      found = flat;
    }
    return found;
  }

  /** The densities of the largest budget with enough trials: one more than a model of its parameters needs on either side. */
  #densities(history: readonly SeenTrial[]): readonly [good: KernelDensity, bad: KernelDensity] | undefined {
    const least = this.#cube.size + 1;
    for (const budget of this.#budgets.toReversed()) {
      const trials = ranked(
        history.filter((trial) => (trial.budget ?? 1) === budget && trial.ending.duplicateOf === undefined),
        this.#direction,
      );
      const points = trials.flatMap(({ params }) => {
        const point = new Float64Array(this.#cube.size);
        return this.#cube.encode(params, point) ? [point] : [];
      });
      if (points.length <= least + 1) continue;
      const share = this.#model.topPercent / 100;
      const good = Math.max(least, Math.floor(share * points.length));
      const bad = Math.max(least, Math.floor((1 - share) * points.length));
      const { axes } = this.#cube;
      return [new KernelDensity(axes, points.slice(0, good)), new KernelDensity(axes, points.slice(-bad))];
    }
    return undefined;
  }
}
