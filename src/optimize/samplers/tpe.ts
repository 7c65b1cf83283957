import { assertInteger } from '../../core/assert.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import { nearest, rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import { Observations } from './observations.js';
import { type Bandwidth, ParzenMixture } from './parzen.js';
import type { CreateSampler, Search } from './registry.js';
import type { Sampler, Suggestion } from './sampler.js';
import { type Axis, UnitCube } from './unit-cube.js';
import { UsedPoints } from './used-points.js';

/** Which model of the good and the bad points proposes. */
export type TpeModel = (typeof MODELS)[number];

/** How a TPE search differs from its defaults. */
export interface TpeOptions {
  /**
   * `'joint'` models all parameters of a level together (multivariate), `'separate'` each by itself (univariate).
   * @defaultValue 'joint'
   */
  readonly model?: TpeModel;
  /** Trials with a result before the first model; until then points are drawn at random. @defaultValue 10 */
  readonly startupTrials?: number;
  /** Draws from the model of the good points, of which the best is proposed. @defaultValue 24 */
  readonly candidates?: number;
}

const MODELS = ['joint', 'separate'] as const;

/** Share of the trials that are good. */
const GOOD_SHARE = 0.1;
/** No more than this are good. */
const MOST_GOOD = 15;
/** The bad points are the newest so many: older ones say little where the search is now, and a model costs a step for each. */
const MOST_BAD = 100;
/** Proposals that may have been had before, or break the constraint, until a random point is taken. */
const ATTEMPTS = 8;

/**
 * Tree-structured Parzen estimator (Bergstra et al. 2011, 2013): one density over the best tenth of the trials, one over the rest, and
 * of some draws from the first the one that is likeliest against the second. Parameters of a variant's kind are modelled on the trials
 * of that kind, split by themselves. Trials whose results are not known yet count as bad (a constant liar), so that many pending ones
 * spread. A suggestion costs the same after a thousand trials as after a hundred.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function tpe(options: TpeOptions = {}): Search {
  rejectUnknownKeys('tpe', options, ['model', 'startupTrials', 'candidates']);
  const { model = 'joint', startupTrials = 10, candidates = 24 } = options;
  if (!MODELS.includes(model)) {
    const near = nearest(String(model), MODELS);
    throw new UsageError('INVALID_OPTION', {
      message: `tpe.model is one of ${MODELS.join(', ')}, not '${String(model)}'.${near === undefined ? '' : ` Did you mean '${near}'?`}`,
      details: { option: 'tpe.model', value: model },
    });
  }
  assertInteger('tpe.startupTrials', startupTrials, { min: 1 });
  assertInteger('tpe.candidates', candidates, { min: 1 });
  const create: CreateSampler = (space, seed, directions) => {
    refuseSeveralObjectives('tpe', directions.length);
    return new TpeSampler(space, seed, new Observations(new UnitCube(space as never), directions), {
      model,
      startupTrials,
      candidates,
    });
  };
  return { name: 'tpe', create, ...(Object.keys(options).length === 0 ? {} : { settings: { ...options } }) };
}

/** Throws UsageError `ONE_OBJECTIVE_ONLY` for a search that serves one. */
export function refuseSeveralObjectives(search: string, objectives: number): void {
  if (objectives === 1) return;
  throw new UsageError('ONE_OBJECTIVE_ONLY', {
    message: `A ${search} search has one objective, not ${objectives}. Search with nsga2, or with random or grid, which need no values.`,
    details: { search, objectives },
  });
}

class TpeSampler<P extends ParameterMap> implements Sampler {
  readonly name = 'tpe';
  readonly looksBack = true;
  readonly distinct: boolean;
  readonly size: number | bigint;
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #observations: Observations;
  readonly #options: Required<TpeOptions>;
  readonly #used: UsedPoints<P>;
  readonly #groups: readonly Group[];
  #grouped = 0;

  constructor(space: ParameterSpace<P>, seed: number, observations: Observations, options: Required<TpeOptions>) {
    this.#space = space;
    this.#seed = seed;
    this.#observations = observations;
    this.#options = options;
    this.#used = new UsedPoints(space, seed);
    this.#groups = groupsOf(observations.cube.axes);
    this.distinct = this.#used.finite;
    this.size = this.#used.finite ? space.size : Number.POSITIVE_INFINITY;
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    this.#used.take(asked);
    this.#take(asked);
    const { cube, count } = this.#observations;
    if (count >= this.#options.startupTrials) {
      const random = SeededRandom.derive(this.#seed, 'tpe', asked.number);
      const pending = this.#encode(asked.pending);
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        const flat = cube.decode(this.#propose(random, pending));
        if (!this.#used.has(flat) && this.#space.allows(this.#space.fromFlat(flat))) return flat;
      }
    }
    return this.#used.drawUnused(asked.number);
  }

  /** Sorts new trials into the groups whose parameters they have. */
  #take(asked: Suggestion): void {
    const observations = this.#observations;
    if (!observations.take(asked)) {
      for (const group of this.#groups) group.clear();
      this.#grouped = 0;
    }
    for (; this.#grouped < observations.count; this.#grouped++) {
      for (const group of this.#groups) group.add(observations, this.#grouped);
    }
  }

  #encode(trials: Suggestion['pending']): Pending {
    const { cube } = this.#observations;
    const coordinates = new Float64Array(trials.length * cube.size);
    let count = 0;
    for (const { params } of trials) if (cube.encode(params, coordinates, count * cube.size)) count++;
    return { coordinates, count };
  }

  /** Returns the coordinates of a point: level by level, as the kinds that are chosen open them. */
  #propose(random: SeededRandom, pending: Pending): Float64Array {
    const { cube } = this.#observations;
    const point = new Float64Array(cube.size).fill(Number.NaN);
    const joint = this.#options.model === 'joint';
    const open: (readonly [Group, readonly number[]])[] = this.#groups
      .filter(({ parents }) => parents[0] === undefined)
      .map((group) => [group, group.places[0]!]);
    for (const [group, axes] of open) {
      const split = group.split(this.#observations, pending);
      if (joint) this.#draw(split, axes, random, 'spread', point);
      else for (const [at, axis] of axes.entries()) this.#draw(split.only(at), [axis], random, 'neighbours', point);
      for (const child of this.#groups) {
        const place = child.parents.findIndex((parent) => parent !== undefined && isChosen(parent, cube.axes, point));
        if (place >= 0 && axes.includes(child.parents[place]!.axis)) open.push([child, child.places[place]!]);
      }
    }
    return point;
  }

  #draw(split: Split, axes: readonly number[], random: SeededRandom, bandwidth: Bandwidth, point: Float64Array): void {
    const kernels = axes.map((axis) => this.#observations.cube.axes[axis]!);
    const good = new ParzenMixture(kernels, split.good, split.good.length / axes.length, bandwidth);
    const bad = new ParzenMixture(kernels, split.bad, split.bad.length / axes.length, bandwidth);
    const drawn = new Float64Array(axes.length);
    let highest = -1;
    for (let candidate = 0; candidate < this.#options.candidates; candidate++) {
      good.sample(random, drawn);
      const ratio = good.density(drawn) / bad.density(drawn);
      if (ratio <= highest) continue;
      highest = ratio;
      for (const [at, axis] of axes.entries()) point[axis] = drawn[at]!;
    }
  }
}

interface Pending {
  readonly coordinates: Float64Array;
  readonly count: number;
}

const isChosen = ({ axis, choice }: NonNullable<Axis['parent']>, axes: readonly Axis[], point: Float64Array): boolean =>
  !Number.isNaN(point[axis]!) && Math.floor(point[axis]! * axes[axis]!.count) === choice;

/** Parameters that always stand together: those of the first level, or of one kind of a variant. */
class Group {
  /** The kinds it belongs to: kinds of one variant with the same parameters share their trials. */
  readonly parents: Axis['parent'][] = [];
  /** Axes of its parameters, under each of these kinds. */
  readonly places: number[][] = [];
  /** Trials that have them, by number. */
  readonly #trials: number[] = [];
  /** The best of them, best first. */
  readonly #best: number[] = [];

  clear(): void {
    this.#trials.length = 0;
    this.#best.length = 0;
  }

  add(observations: Observations, trial: number): void {
    if (this.#placeIn(observations.coordinates, trial * observations.cube.size) === undefined) return;
    this.#trials.push(trial);
    const loss = observations.lossOf(trial);
    if (loss === Number.POSITIVE_INFINITY) return;
    let place = this.#best.length;
    while (place > 0 && observations.lossOf(this.#best[place - 1]!) > loss) place--;
    if (place >= MOST_GOOD) return;
    this.#best.splice(place, 0, trial);
    this.#best.length = Math.min(this.#best.length, MOST_GOOD);
  }

  /** Returns the good and the bad points; pending ones are bad. */
  split(observations: Observations, pending: Pending): Split {
    const size = observations.cube.size;
    const good = this.#best.slice(0, Math.min(MOST_GOOD, Math.ceil(GOOD_SHARE * this.#trials.length)));
    const bad: number[] = [];
    for (let place = this.#trials.length - 1; place >= 0 && bad.length < MOST_BAD; place--) {
      const trial = this.#trials[place]!;
      if (!good.includes(trial)) bad.push(trial);
    }
    const waiting = Array.from({ length: pending.count }, (_, trial) => trial).filter(
      (trial) => this.#placeIn(pending.coordinates, trial * size) !== undefined,
    );
    const width = this.places[0]!.length;
    const goodPoints = new Float64Array(good.length * width);
    const badPoints = new Float64Array((bad.length + waiting.length) * width);
    for (const [at, trial] of good.entries()) this.#copy(observations.coordinates, trial * size, goodPoints, at);
    for (const [at, trial] of bad.entries()) this.#copy(observations.coordinates, trial * size, badPoints, at);
    for (const [at, trial] of waiting.entries())
      this.#copy(pending.coordinates, trial * size, badPoints, bad.length + at);
    return new Split(goodPoints, badPoints, width);
  }

  #placeIn(coordinates: Float64Array, offset: number): readonly number[] | undefined {
    return this.places.find(([first]) => !Number.isNaN(coordinates[offset + first!]!));
  }

  #copy(from: Float64Array, offset: number, to: Float64Array, at: number): void {
    const axes = this.#placeIn(from, offset)!;
    for (let axis = 0; axis < axes.length; axis++) to[at * axes.length + axis] = from[offset + axes[axis]!]!;
  }
}

/** The two sides of a level's trials. */
class Split {
  readonly good: Float64Array;
  readonly bad: Float64Array;
  readonly #width: number;

  constructor(good: Float64Array, bad: Float64Array, width: number) {
    this.good = good;
    this.bad = bad;
    this.#width = width;
  }

  /** Returns the split with one axis alone. */
  only(axis: number): Split {
    const column = (points: Float64Array): Float64Array =>
      Float64Array.from({ length: points.length / this.#width }, (_, at) => points[at * this.#width + axis]!);
    return new Split(column(this.good), column(this.bad), 1);
  }
}

function groupsOf(axes: readonly Axis[]): Group[] {
  const groups = new Map<string, Group>();
  const members = new Map<string, number[]>();
  for (const [index, { parent }] of axes.entries()) {
    const key = parent === undefined ? '' : `${parent.axis}:${parent.choice}`;
    const known = members.get(key);
    if (known === undefined) members.set(key, [index]);
    else known.push(index);
  }
  for (const places of members.values()) {
    const { parent } = axes[places[0]!]!;
    // A variant among them opens levels of its own, so that such groups are not put together.
    const opens = axes.some((axis) => axis.parent !== undefined && places.includes(axis.parent.axis));
    const alike = places.map((axis) => `${axes[axis]!.key} ${axes[axis]!.count} ${spanOf(axes[axis]!)}`);
    const key = JSON.stringify([parent?.axis, opens ? places : alike]);
    const group = groups.get(key) ?? new Group();
    groups.set(key, group);
    group.parents.push(parent);
    group.places.push(places);
  }
  return [...groups.values()];
}

const spanOf = ({ valueAt }: Axis): string => JSON.stringify([0, 0.5, 1].map(valueAt));
