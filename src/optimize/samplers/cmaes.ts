import { assertInteger } from '../../core/assert.js';
import { exp, log, pow } from '../../core/elementary.js';
import { UsageError } from '../../core/errors.js';
import { normalCdf, normalQuantile } from '../../core/normal.js';
import { SeededRandom } from '../../core/random.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { EvolutionStrategy, type Offspring } from './evolution-strategy.js';
import type { CreateSampler, Search } from './registry.js';
import type { PendingTrial, Sampler, SeenTrial, Suggestion } from './sampler.js';
import { refuseSeveralObjectives } from './tpe.js';
import { type Axis, UnitCube } from './unit-cube.js';
import { UsedPoints } from './used-points.js';

/** What happens when a strategy has come to rest. */
const RESTARTS = ['bipop', 'ipop', 'none'] as const;

/** How a CMA-ES search differs from its defaults. */
export interface CmaEsOptions {
  /** Trials of a generation. @defaultValue 4 + 3 ln(number of parameters), rounded down */
  readonly population?: number;
  /** First step size, as a share of each parameter's range; the first mean is the middle. @defaultValue 1/7 */
  readonly step?: number;
  /**
   * `'ipop'` starts again with twice the population, `'bipop'` in turns so and with a small one near by (Hansen 2009), `'none'` draws
   * on from what it has. @defaultValue 'bipop'
   */
  readonly restarts?: (typeof RESTARTS)[number];
}

/** Draws that may fall outside the cube, break the constraint or repeat a point before another way is taken. */
const ATTEMPTS = 50;
/** Of these, draws that may fall outside before one is moved to the bounds. */
const OUTSIDE = 20;
/** How fast the weights of categories follow the better half of a generation. */
const CATEGORY_RATE = 0.2;
/** A strategy whose generations end on values this close, relatively, has come to rest. */
const FLAT = 1e-15;

/**
 * Covariance matrix adaptation evolution strategy (Hansen 2016) over the unit cube. Integer and stepped parameters keep a margin: the
 * chance to leave the present value never falls below 1 / (parameters times population) (Hamano et al. 2022). Choices are drawn by weights
 * that follow the better half of each generation. Trials come in pairs mirrored at the mean (Brockhoff et al. 2010), so that a generation is
 * centred where the law is. When the strategy has come to rest it starts anew.
 *
 * Generations follow the logical clock: each consists of the next results by number, whoever computed them when. Trials that were drawn
 * from an older law because results were pending are taken as injected points, with bounded steps.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function cmaes(options: CmaEsOptions = {}): Search {
  rejectUnknownKeys('cmaes', options, ['population', 'step', 'restarts']);
  const { population, step = 1 / 7, restarts = 'bipop' } = options;
  if (population !== undefined) assertInteger('cmaes.population', population, { min: 4 });
  if (!(step > 0 && step <= 1)) throw invalid('step', 'above 0 and at most 1', step);
  if (!RESTARTS.includes(restarts)) throw invalid('restarts', `one of ${RESTARTS.join(', ')}`, restarts);
  const create: CreateSampler = (space, seed, directions) => {
    refuseSeveralObjectives('cmaes', directions.length);
    return new CmaEsSampler(space, seed, directions[0]!, { population, step, restarts });
  };
  return { name: 'cmaes', create, ...(Object.keys(options).length === 0 ? {} : { settings: { ...options } }) };
}

const invalid = (option: string, wanted: string, value: unknown): UsageError =>
  new UsageError('INVALID_OPTION', {
    message: `cmaes.${option} is ${wanted}, not ${String(value)}.`,
    details: { option: `cmaes.${option}`, value },
  });

interface Settings {
  readonly population: number | undefined;
  readonly step: number;
  readonly restarts: (typeof RESTARTS)[number];
}

/** A drawn point: its place in the continuous cube, before steps round it. */
interface Draw {
  readonly point: Float64Array;
  readonly choices: readonly number[];
  /** The generation whose law drew it; -1 for a point from elsewhere. */
  readonly generation: number;
}

interface Result {
  readonly draw: Draw;
  readonly loss: number;
  readonly number: number;
}

class CmaEsSampler<P extends ParameterMap> implements Sampler {
  readonly name = 'cmaes';
  readonly looksBack = true;
  readonly distinct: boolean;
  readonly size: number | bigint;
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #direction: Direction;
  readonly #settings: Settings;
  readonly #cube: UnitCube;
  readonly #used: UsedPoints<P>;
  #course: Course;
  #lag = 0;
  #last: SeenTrial | undefined;

  constructor(space: ParameterSpace<P>, seed: number, direction: Direction, settings: Settings) {
    this.#space = space;
    this.#seed = seed;
    this.#direction = direction;
    this.#settings = settings;
    this.#cube = new UnitCube(space as never);
    this.#used = new UsedPoints(space, seed);
    this.distinct = this.#used.finite;
    this.size = this.#used.finite ? space.size : Number.POSITIVE_INFINITY;
    this.#course = new Course(this.#cube.axes, seed, settings);
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    this.#used.take(asked);
    this.#follow(asked);
    for (const draw of this.#draws(asked.number)) {
      const flat = this.#decode(draw);
      if (!this.#used.has(flat) && this.#space.allows(this.#space.fromFlat(flat))) return flat;
    }
    return this.#used.drawUnused(asked.number);
  }

  /** Goes through the study as it went: what each trial was drawn from, and what its result changed, in the order of the clock. */
  #follow({ number, history, pending, lag: given }: Suggestion): void {
    const course = this.#course;
    const lag = given ?? (history.length === 0 ? this.#lag : number - history.length + 1);
    const known = course.told === 0 || history[course.told - 1] === this.#last;
    if (!known || lag !== this.#lag || course.asked > number || course.told > history.length) {
      this.#course = new Course(this.#cube.axes, this.#seed, this.#settings);
      this.#lag = lag;
    }
    const { told, asked } = this.#course;
    let next = told;
    for (let trial = asked; trial < number; trial++) {
      const asked = history[trial] ?? pending[trial - history.length]!;
      const saw = asked.saw ?? trial - lag + 1;
      for (; next < saw && next < history.length; next++) this.#tell(history[next]!);
      this.#course.draws.set(trial, this.#drawOf(asked));
    }
    for (; next < history.length; next++) this.#tell(history[next]!);
    this.#course.asked = number;
    this.#course.told = history.length;
    this.#last = history.at(-1);
  }

  #tell({ number, ending }: SeenTrial): void {
    const draw = this.#course.draws.get(number);
    this.#course.draws.delete(number);
    if (ending.state === 'failed' || draw === undefined) return;
    const value = ending.state === 'complete' ? ending.values[0] : Number.NaN;
    const loss = Number.isNaN(value) ? Number.POSITIVE_INFINITY : this.#direction === 'maximize' ? -value : value;
    this.#course.learn({ draw, loss, number });
  }

  /** Finds the draw that a trial came from; one that our law did not make is read back from its parameters. */
  #drawOf({ number, params }: PendingTrial): Draw | undefined {
    const key = this.#space.keyOf(params);
    for (const draw of this.#draws(number)) if (this.#space.keyOf(this.#decode(draw)) === key) return draw;
    const coordinates = new Float64Array(this.#cube.size);
    return this.#cube.encode(params, coordinates) ? this.#course.read(coordinates) : undefined;
  }

  /** What a trial may be drawn as, in order. The first is one half of a mirrored pair, where both fall inside. */
  *#draws(number: number): Generator<Draw> {
    const mirrored = this.#course.draw(
      SeededRandom.derive(this.#seed, 'cmaes pair', number >>> 1),
      number % 2 === 0 ? 1 : -1,
    );
    if (isInside(mirrored.point)) yield mirrored;
    const random = SeededRandom.derive(this.#seed, 'cmaes', number);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) yield this.#inside(random);
  }

  #inside(random: SeededRandom): Draw {
    let draw = this.#course.draw(random);
    for (let attempt = 1; attempt < OUTSIDE && !isInside(draw.point); attempt++) draw = this.#course.draw(random);
    return { ...draw, point: draw.point.map((value) => Math.min(1, Math.max(0, value))) };
  }

  #decode({ point, choices }: Draw): FlatParams {
    return this.#cube.decode(this.#course.coordinates(point, choices));
  }
}

const isInside = (point: Float64Array): boolean => point.every((value) => value >= 0 && value <= 1);

/** One study's way through strategies and restarts, and where each trial was drawn. */
class Course {
  /** Trials asked and told so far. */
  asked = 0;
  told = 0;
  /** Draws of trials whose results are awaited, by number. */
  readonly draws = new Map<number, Draw | undefined>();
  readonly #axes: readonly Axis[];
  /** Places of the parameters that are numbers, and of those that are choices. */
  readonly #numeric: readonly number[];
  readonly #categorical: readonly number[];
  readonly #seed: number;
  readonly #settings: Settings;
  readonly #basePopulation: number;
  #strategy: EvolutionStrategy;
  #weights: Float64Array[];
  #generation = 0;
  #results: Result[] = [];
  #bests: number[] = [];
  #restarts = 0;
  #largePopulation: number;
  #spentLarge = 0;
  #spentSmall = 0;
  #isSmall = false;

  constructor(axes: readonly Axis[], seed: number, settings: Settings) {
    this.#axes = axes;
    this.#seed = seed;
    this.#settings = settings;
    const places = axes.map((_, place) => place).filter((place) => axes[place]!.count > 1);
    this.#numeric = places.filter((place) => !axes[place]!.categorical);
    this.#categorical = places.filter((place) => axes[place]!.categorical);
    this.#basePopulation = settings.population ?? 4 + Math.floor(3 * log(Math.max(1, places.length)));
    this.#largePopulation = this.#basePopulation;
    this.#strategy = new EvolutionStrategy(
      new Float64Array(this.#numeric.length).fill(0.5),
      settings.step,
      this.#basePopulation,
    );
    this.#weights = this.#evenWeights();
  }

  /** Returns a draw from the present law, which may lie outside the cube; with sign -1, mirrored at the mean. */
  draw(random: SeededRandom, sign: 1 | -1 = 1): Draw {
    const point = new Float64Array(this.#numeric.length);
    this.#strategy.sample(random, point);
    if (sign < 0)
      for (let axis = 0; axis < point.length; axis++) point[axis] = 2 * this.#strategy.mean[axis]! - point[axis]!;
    const choices = this.#weights.map((weights) => {
      let rest = random.next();
      let choice = 0;
      while (choice < weights.length - 1 && rest >= weights[choice]!) rest -= weights[choice++]!;
      return choice;
    });
    return { point, choices, generation: this.#generation };
  }

  /** Returns the point at coordinates of the cube; what does not count there stands in the middle of the law. */
  read(coordinates: Float64Array): Draw {
    const point = Float64Array.from(this.#numeric, (place, axis) =>
      Number.isNaN(coordinates[place]!) ? this.#strategy.mean[axis]! : coordinates[place]!,
    );
    const choices = this.#categorical.map((place) =>
      Number.isNaN(coordinates[place]!) ? 0 : Math.floor(coordinates[place]! * this.#axes[place]!.count),
    );
    return { point, choices, generation: -1 };
  }

  /** Returns the coordinates in the cube of a point and choices. */
  coordinates(point: Float64Array, choices: readonly number[]): Float64Array {
    const out = new Float64Array(this.#axes.length).fill(0.5);
    for (const [axis, place] of this.#numeric.entries()) out[place] = point[axis]!;
    for (const [at, place] of this.#categorical.entries()) out[place] = (choices[at]! + 0.5) / this.#axes[place]!.count;
    return out;
  }

  /** Takes the next result; a generation is learnt from when it is complete. */
  learn(result: Result): void {
    this.#results.push(result);
    const { population } = this.#strategy;
    if (this.#results.length < population) return;
    const ranked = this.#results.sort((a, b) => (a.loss === b.loss ? a.number - b.number : a.loss < b.loss ? -1 : 1));
    this.#results = [];
    if (this.#isSmall) this.#spentSmall += population;
    else this.#spentLarge += population;
    // Where nothing has a value, nothing is learnt.
    if (ranked[0]!.loss === Number.POSITIVE_INFINITY) return;
    this.#weigh(ranked);
    this.#move(ranked);
    this.#bests.push(ranked[0]!.loss);
    this.#generation++;
    if (this.#settings.restarts !== 'none' && this.#atRest(ranked)) this.#restart();
  }

  #move(ranked: readonly Result[]): void {
    if (this.#numeric.length === 0) return;
    const generation = this.#generation;
    const offspring = ranked.map(({ draw }): Offspring => ({ point: draw.point, own: draw.generation === generation }));
    this.#strategy.update(offspring);
    this.#keepMargin();
  }

  #weigh(ranked: readonly Result[]): void {
    const better = Math.max(1, ranked.length >> 1);
    for (const [at, weights] of this.#weights.entries()) {
      const share = new Float64Array(weights.length);
      for (const { draw } of ranked.slice(0, better)) share[draw.choices[at]!]! += 1 / better;
      const least = 1 / (this.#basePopulation * weights.length);
      let sum = 0;
      for (let choice = 0; choice < weights.length; choice++) {
        const next = (1 - CATEGORY_RATE) * weights[choice]! + CATEGORY_RATE * share[choice]!;
        weights[choice] = Math.max(least, next);
        sum += weights[choice]!;
      }
      for (let choice = 0; choice < weights.length; choice++) weights[choice]! /= sum;
    }
  }

  /** Widens the law along stepped axes, and moves its mean, so that the values beside the present one keep their chance. */
  #keepMargin(): void {
    const strategy = this.#strategy;
    const least = 1 / (strategy.size * strategy.population);
    for (const [axis, place] of this.#numeric.entries()) {
      const { count } = this.#axes[place]!;
      strategy.mean[axis] = Math.min(1, Math.max(0, strategy.mean[axis]!));
      if (count === Number.POSITIVE_INFINITY) continue;
      const mean = strategy.mean[axis]!;
      const deviation = strategy.deviation(axis);
      const cell = Math.min(count - 1, Math.floor(mean * count));
      const [low, high] = [cell / count, (cell + 1) / count];
      if (cell === 0 || cell === count - 1) {
        const bound = cell === 0 ? high : low;
        const farthest = -normalQuantile(least) * deviation;
        if (Math.abs(bound - mean) > farthest) strategy.mean[axis] = cell === 0 ? bound - farthest : bound + farthest;
        continue;
      }
      const below = Math.max(least / 2, normalCdf((low - mean) / deviation));
      const above = Math.max(least / 2, normalCdf((mean - high) / deviation));
      const between = Math.max(0, 1 - normalCdf((low - mean) / deviation) - normalCdf((mean - high) / deviation));
      const excess = (1 - below - above - between) / (below + between + above - 1.5 * least);
      const [left, right] = [below, above].map((chance) => -normalQuantile(chance + excess * (chance - least / 2)));
      const wanted = (high - low) / (left! + right!);
      if (!(wanted > deviation)) continue;
      strategy.stretch[axis]! *= wanted / deviation;
      strategy.mean[axis] = low + left! * wanted;
    }
  }

  #atRest(ranked: readonly Result[]): boolean {
    const strategy = this.#strategy;
    if (this.#numeric.length === 0) return false;
    if (strategy.exhausted) return true;
    // Tutorial, "Termination criteria": flat within the generation and over as many as the path remembers.
    const span = 10 + Math.ceil((30 * strategy.size) / strategy.population);
    if (strategy.generation < span) return false;
    const recent = [...this.#bests.slice(-span), ...ranked.map(({ loss }) => loss)];
    const [low, high] = [Math.min(...recent), Math.max(...recent)];
    return high - low <= FLAT * Math.abs(low);
  }

  #restart(): void {
    this.#restarts++;
    const random = SeededRandom.derive(this.#seed, 'cmaes restart', this.#restarts);
    const mean = Float64Array.from(this.#numeric, () => random.next());
    this.#isSmall = this.#settings.restarts === 'bipop' && this.#restarts > 1 && this.#spentSmall < this.#spentLarge;
    let { step } = this.#settings;
    let population: number;
    if (this.#isSmall) {
      const share = random.next();
      const ratio = this.#largePopulation / this.#basePopulation / 2;
      population = Math.max(4, Math.floor(this.#basePopulation * pow(ratio, share * share)));
      step *= exp(-2 * log(10) * random.next());
    } else {
      this.#largePopulation *= 2;
      population = this.#largePopulation;
    }
    this.#strategy = new EvolutionStrategy(mean, step, population);
    this.#weights = this.#evenWeights();
    this.#bests = [];
  }

  #evenWeights(): Float64Array[] {
    return this.#categorical.map((place) => {
      const { count } = this.#axes[place]!;
      return new Float64Array(count).fill(1 / count);
    });
  }
}
