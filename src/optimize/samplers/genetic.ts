import { assertInteger } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import { compare, crowdingOf, frontsOf } from '../dominance.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { Observations } from './observations.js';
import type { CreateSampler, Search } from './registry.js';
import type { Sampler, Suggestion } from './sampler.js';
import { refuseSeveralObjectives } from './tpe.js';
import { UnitCube } from './unit-cube.js';
import { UsedPoints } from './used-points.js';
import { childOf, type VariationOptions } from './variation.js';

/** How a genetic search differs from its defaults. */
export interface GeneticOptions {
  /** Points that live at once, of all islands together. @defaultValue 20 */
  readonly population?: number;
  /** Points drawn for each parent, of which the best one is it. @defaultValue 3 */
  readonly tournament?: number;
  /** Best points of an island that stay, however old they are. @defaultValue 2 */
  readonly elite?: number;
  /** Populations that breed apart; every fifth generation the best of each moves on to the next. @defaultValue 1 */
  readonly islands?: number;
  /** Chance that a child has two parents, 0 to 1. @defaultValue 0.9 */
  readonly crossover?: number;
  /** Chance of each parameter to mutate, 0 to 1. @defaultValue 1 / number of parameters */
  readonly mutation?: number;
}

/** How an NSGA-II search differs from its defaults. */
export interface Nsga2Options {
  /** Points that live at once. @defaultValue 40 */
  readonly population?: number;
  /** Chance that a child has two parents, 0 to 1. @defaultValue 0.9 */
  readonly crossover?: number;
  /** Chance of each parameter to mutate, 0 to 1. @defaultValue 1 / number of parameters */
  readonly mutation?: number;
}

/** Generations between two migrations. */
const MIGRATION = 5;
/** Children that may repeat a point or break the constraint until a random point is taken. */
const ATTEMPTS = 50;

/**
 * Genetic search: each child comes from two parents that won tournaments, by crossover and mutation, and takes its place as soon as its result
 * is seen: the population is the newest results, with the elite, the best that ever were, beside them. There is no pause between
 * generations, and trial k is bred from the results up to k - lag.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `OUT_OF_RANGE`, `INVALID_OPTION`
 */
export function genetic(options: GeneticOptions = {}): Search {
  rejectUnknownKeys('genetic', options, ['population', 'tournament', 'elite', 'islands', 'crossover', 'mutation']);
  const { population = 20, tournament = 3, elite = 2, islands = 1 } = options;
  assertInteger('genetic.islands', islands, { min: 1 });
  assertInteger('genetic.population', population, { min: 4 * islands });
  assertInteger('genetic.tournament', tournament, { min: 1 });
  assertInteger('genetic.elite', elite, { min: 0, max: population / islands - 1 });
  checkChances('genetic', options);
  const create: CreateSampler = (space, seed, directions) => {
    refuseSeveralObjectives('genetic', directions.length);
    const observations = new Observations(new UnitCube(space as never), directions);
    const size = Math.floor(population / islands);
    return new BreedingSampler('genetic', space, seed, observations, chancesOf(options, observations), {
      startup: population,
      tournament,
      living: new Islands(observations, { islands, size, elite }),
    });
  };
  return { name: 'genetic', create, ...settingsOf(options) };
}

/**
 * NSGA-II (Deb et al. 2002) for several objectives, and for one: the population is the best of all results by front, and within a front by the
 * room around them; parents win tournaments of two by the same order. It changes with each result, not by generations
 * (steady state, Durillo et al. 2009), so that trial k is bred from the results up to k - lag.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `OUT_OF_RANGE`, `INVALID_OPTION`
 */
export function nsga2(options: Nsga2Options = {}): Search {
  rejectUnknownKeys('nsga2', options, ['population', 'crossover', 'mutation']);
  const { population = 40 } = options;
  assertInteger('nsga2.population', population, { min: 4 });
  checkChances('nsga2', options);
  const create: CreateSampler = (space, seed, directions) => {
    const observations = new Observations(new UnitCube(space as never), directions);
    return new BreedingSampler('nsga2', space, seed, observations, chancesOf(options, observations), {
      startup: population,
      tournament: 2,
      living: new Survivors(observations, directions.length, population),
    });
  };
  return { name: 'nsga2', create, ...settingsOf(options) };
}

const settingsOf = (options: object): Pick<Search, 'settings'> =>
  Object.keys(options).length === 0 ? {} : { settings: { ...options } };

function checkChances(search: string, options: Nsga2Options): void {
  for (const name of ['crossover', 'mutation'] as const) {
    const chance = options[name];
    if (chance === undefined || (chance >= 0 && chance <= 1)) continue;
    throw new UsageError('INVALID_OPTION', {
      message: `${search}.${name} is a chance from 0 to 1, not ${String(chance)}.`,
      details: { option: `${search}.${name}`, value: chance },
    });
  }
}

const chancesOf = ({ crossover = 0.9, mutation }: Nsga2Options, { cube }: Observations): VariationOptions => ({
  crossover,
  mutation: mutation ?? 1 / Math.max(1, cube.axes.filter(({ count }) => count > 1).length),
});

/** Who may become a parent. */
interface Living {
  /** Takes the observations that are new; all of them where they do not go on from the last ones. */
  take(goesOn: boolean): void;
  /** Returns those that live for a suggestion, best first; not empty once there are observations. */
  at(ordinal: number): readonly number[];
}

interface Breeding {
  /** Results until which points are drawn at random. */
  readonly startup: number;
  readonly tournament: number;
  readonly living: Living;
}

class BreedingSampler<P extends ParameterMap> implements Sampler {
  readonly name: 'genetic' | 'nsga2';
  readonly looksBack = true;
  readonly distinct: boolean;
  readonly size: number | bigint;
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #observations: Observations;
  readonly #chances: VariationOptions;
  readonly #breeding: Breeding;
  readonly #used: UsedPoints<P>;

  constructor(
    name: 'genetic' | 'nsga2',
    space: ParameterSpace<P>,
    seed: number,
    observations: Observations,
    chances: VariationOptions,
    breeding: Breeding,
  ) {
    this.name = name;
    this.#space = space;
    this.#seed = seed;
    this.#observations = observations;
    this.#chances = chances;
    this.#breeding = breeding;
    this.#used = new UsedPoints(space, seed);
    this.distinct = this.#used.finite;
    this.size = this.#used.finite ? space.size : Number.POSITIVE_INFINITY;
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    this.#used.take(asked);
    const { startup, tournament, living } = this.#breeding;
    living.take(this.#observations.take(asked));
    const { cube, count } = this.#observations;
    if (count >= startup) {
      const parents = living.at(asked.ordinal);
      const random = SeededRandom.derive(this.#seed, this.name, asked.number);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const pair = [winner(parents, tournament, random), winner(parents, tournament, random)] as const;
        const child = childOf([this.#pointOf(pair[0]), this.#pointOf(pair[1])], cube.axes, this.#chances, random);
        const flat = cube.decode(child);
        if (!this.#used.has(flat) && this.#space.allows(this.#space.fromFlat(flat))) return flat;
      }
    }
    return this.#used.drawUnused(asked.number);
  }

  #pointOf(observation: number): Float64Array {
    const { cube, coordinates } = this.#observations;
    return coordinates.subarray(observation * cube.size, (observation + 1) * cube.size);
  }
}

/** Returns the best of a few draws; the living are sorted, best first. */
function winner(living: readonly number[], tournament: number, random: SeededRandom): number {
  let best = living.length - 1;
  for (let draw = 0; draw < tournament; draw++) best = Math.min(best, random.int(0, living.length - 1));
  return living[best]!;
}

/** Populations apart: on each the elite of all that were born there, and the newest others. A trial is born on the island of its number. */
class Islands implements Living {
  readonly #observations: Observations;
  readonly #options: { readonly islands: number; readonly size: number; readonly elite: number };
  #born: number[][] = [];
  /** The best of each island, best first: the elite, and who may move on. */
  #best: number[][] = [];
  #taken = 0;

  constructor(observations: Observations, options: { islands: number; size: number; elite: number }) {
    this.#observations = observations;
    this.#options = options;
    this.#clear();
  }

  take(goesOn: boolean): void {
    if (!goesOn) this.#clear();
    const { islands, elite } = this.#options;
    for (; this.#taken < this.#observations.count; this.#taken++) {
      const island = this.#observations.numberOf(this.#taken) % islands;
      this.#born[island]!.push(this.#taken);
      const best = this.#best[island]!;
      best.push(this.#taken);
      best.sort(this.#better);
      best.length = Math.min(best.length, Math.max(1, elite));
    }
  }

  at(ordinal: number): readonly number[] {
    const { islands, size, elite } = this.#options;
    const island = ordinal % islands;
    const born = this.#born[island]!;
    const best = this.#best[island]!.slice(0, elite);
    const living = new Set([...best, ...born.slice(best.length - size)]);
    const generation = Math.floor(born.length / size);
    const neighbour = this.#best[(island + islands - 1) % islands]![0];
    if (islands > 1 && generation > 0 && generation % MIGRATION === 0 && neighbour !== undefined) living.add(neighbour);
    // Where nobody was born yet, the newest of the others.
    if (living.size === 0) living.add(this.#taken - 1);
    return [...living].sort(this.#better);
  }

  readonly #better = (a: number, b: number): number =>
    compare(this.#observations.lossOf(a), this.#observations.lossOf(b)) || a - b;

  #clear(): void {
    this.#taken = 0;
    this.#born = Array.from({ length: this.#options.islands }, () => []);
    this.#best = Array.from({ length: this.#options.islands }, () => []);
  }
}

/** The best of all results by front and room, best first, kept up to date with each result. */
class Survivors implements Living {
  readonly #observations: Observations;
  readonly #objectives: number;
  readonly #population: number;
  #living: number[] = [];
  #taken = 0;

  constructor(observations: Observations, objectives: number, population: number) {
    this.#observations = observations;
    this.#objectives = objectives;
    this.#population = population;
  }

  take(goesOn: boolean): void {
    if (!goesOn) {
      this.#living = [];
      this.#taken = 0;
    }
    for (; this.#taken < this.#observations.count; this.#taken++) {
      this.#living.push(this.#taken);
      this.#select();
    }
  }

  at(): readonly number[] {
    return this.#living;
  }

  #select(): void {
    const losses = this.#living.map((at) =>
      Array.from({ length: this.#objectives }, (_, objective) => this.#observations.lossOf(at, objective)),
    );
    const fronts = frontsOf(losses);
    const room = new Array<number>(losses.length).fill(0);
    for (const front of new Set(fronts)) {
      const members = fronts.flatMap((each, at) => (each === front ? [at] : []));
      for (const [at, value] of crowdingOf(members.map((member) => losses[member]!)).entries())
        room[members[at]!] = value;
    }
    const order = this.#living.map((_, at) => at);
    order.sort((a, b) => fronts[a]! - fronts[b]! || compare(room[b]!, room[a]!) || this.#living[a]! - this.#living[b]!);
    this.#living = order.slice(0, this.#population).map((at) => this.#living[at]!);
  }
}
