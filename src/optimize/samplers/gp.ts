import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import { SOBOL_DIMENSIONS, SobolSequence } from '../../core/sobol.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { Observations } from '../models/gaussian-process.js';
import { minimize } from '../models/lbfgs.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { GpFeatures } from './gp-features.js';
import { GpHyperparameters, type Learned, pick, representative } from './gp-hyperparameters.js';
import { type Conditions, GpModel, type Rows, type SolvedColumns } from './gp-model.js';
import { GpSurrogate } from './gp-surrogate.js';
import type { Sampler, SeenTrial, Suggestion } from './sampler.js';
import { sobolSampler } from './sobol.js';
import { UnitCube } from './unit-cube.js';
import { UsedPoints } from './used-points.js';

/** Largest grid, before the constraint, of which every unseen point is scored, as long as that takes at most so many correlations. */
const GRID_POINTS = 20_000;
const GRID_CORRELATIONS = 1_500_000;
/** Observations that the model holds; of more, the best and an even choice of the others. */
const MODEL_POINTS = 400;
const BEST_MODEL_POINTS = 150;
/** Values that a model needs. */
const ENOUGH = 4;
/** Of a space that is not scored whole: points drawn all over it, and around the best ones seen. */
const POOL = 512;
const LEADERS = 5;
const AROUND = 24;
/** Candidates that are climbed from. */
const CLIMBS = 3;
const CLIMB_STEPS = 15;
/** Rounds of trying the neighbours of the best candidate, one step along each axis. */
const NEIGHBOUR_ROUNDS = 6;

/**
 * Gaussian process search. The first trials are Sobol points; then each one is the point with the highest expected improvement under a
 * Gaussian process over all that was seen (Jones, Schonlau and Welch 1998), with a Matérn 5/2 kernel, a length scale for each
 * parameter, categories by whether they are equal, and noise, fitted by likelihood, which also decides whether periods and other stepped numbers count
 * by differences or nearly by ratios. On a grid of fewer than 20,000
 * points, every second one is that with the highest upper bound. Pending trials count as if they had ended as expected.
 * A second process learns where trials have a value at all (Gardner and others 2014), and makes the rest less likely to be tried; failed ones say nothing, but are not repeated.
 *
 * @throws UsageError `ONE_OBJECTIVE` for a study with several.
 */
export function gpSampler<P extends ParameterMap>(
  space: ParameterSpace<P>,
  seed: number,
  directions: readonly Direction[],
): Sampler {
  if (directions.length !== 1) {
    throw new UsageError('ONE_OBJECTIVE', {
      message: `A gp search has one objective, but the study has ${directions.length}. Use nsga2, or one objective.`,
      details: { search: 'gp', objectives: directions.length },
    });
  }
  const search = new GpSearch(space, seed, directions[0]!);
  return {
    name: 'gp',
    looksBack: true,
    distinct: search.used.finite,
    size: space.size,
    suggest: (asked) => search.suggest(asked),
  };
}

class GpSearch<P extends ParameterMap> {
  readonly used: UsedPoints<P>;
  readonly #space: ParameterSpace<P>;
  readonly #seed: number;
  readonly #sign: number;
  readonly #cube: UnitCube;
  /** In even spacing, then, where it is another, in relative spacing. */
  readonly #features: readonly GpFeatures[];
  readonly #width: number;
  readonly #first: Sampler;
  readonly #startup: number;
  readonly #hyperparameters: GpHyperparameters;
  /** The same of the process that learns which points have a value. */
  readonly #validity: readonly GpHyperparameters[];
  readonly #coordinates: Float64Array;
  /** Of each spacing, as soon as it is needed. */
  readonly #grids: ScoredGrid<P>[] = [];
  readonly #models: Model[] = [];
  readonly #validityModels: Model[] = [];

  constructor(space: ParameterSpace<P>, seed: number, direction: Direction) {
    this.#space = space;
    this.#seed = seed;
    this.#sign = direction === 'maximize' ? 1 : -1;
    this.#cube = new UnitCube(space);
    const [even, relative] = [new GpFeatures(this.#cube), new GpFeatures(this.#cube, 'relative')];
    this.#features = relative.isStretched ? [even, relative] : [even];
    this.#width = even.width;
    this.#coordinates = new Float64Array(this.#cube.size);
    this.used = new UsedPoints(space, seed);
    this.#first = sobolSampler(space, seed);
    this.#startup = Math.min(16, Math.max(6, 2 + 2 * this.#width));
    this.#hyperparameters = new GpHyperparameters(
      this.#features.map((features) => (history) => this.#observe(history, features).observations),
      ENOUGH,
    );
    this.#validity = this.#features.map(
      (features) => new GpHyperparameters([(history) => this.#observe(history, features).validity], ENOUGH),
    );
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    this.used.take(asked);
    const { history, number } = asked;
    if (asked.ordinal >= this.#startup && this.#width > 0) {
      const { values } = this.#observe(history, this.#features[0]!).observations;
      if (values.length >= ENOUGH && values.some((value) => value !== values[0])) {
        const flat = this.#improve(asked);
        if (flat !== undefined) return flat;
      }
    }
    return this.#spread(asked.ordinal) ?? this.used.drawUnused(number);
  }

  /** The next Sobol point that no trial had; undefined when the next ones all were. */
  #spread(ordinal: number): FlatParams | undefined {
    for (let next = ordinal; next < ordinal + 64; next++) {
      const flat = this.#first.suggest({ number: next, ordinal: next, history: [], pending: [] });
      if (flat === undefined || !this.used.has(flat)) return flat;
    }
    return undefined;
  }

  #improve({ history, pending, number }: Suggestion): FlatParams | undefined {
    const learned = this.#hyperparameters.of(history);
    const { view } = learned;
    const features = this.#features[view]!;
    const seen = this.#observe(history, features);
    const waiting = this.#rows(
      pending.map(({ params }) => params),
      features,
    );
    const isGrid = this.used.finite && this.#space.size < GRID_POINTS;
    const rows = rowsWithinReach(seen, learned);
    const isScored = isGrid && Number(this.#space.size) * (rows.length + waiting.count) <= GRID_CORRELATIONS;
    if (isScored) this.#grids[view] ??= new ScoredGrid(this.#space, this.#cube, features);
    const grid = isScored ? this.#grids[view]! : undefined;
    const model = modelOf(this.#models, view, grid);
    const process = model.follow(learned, conditionsOf(seen, withMedians(seen), rows), waiting);
    const best = seen.observations.values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    const isPartial = seen.validity.values.includes(0);
    const validity = isPartial ? modelOf(this.#validityModels, view, grid) : undefined;
    const valid = validity?.follow(this.#validity[view]!.of(history), conditionsOf(seen, seen.validity.values, rows));
    // On a grid in turns: one rating alone stays too long where it is good, the other looks too long everywhere.
    const rating = !this.used.finite ? 'improvement' : isGrid && number % 2 === 1 ? 'bound' : 'detail';
    const surrogate = new GpSurrogate({ process, best, validity: valid }, rating);
    if (grid !== undefined) return grid.best(surrogate, model.columns!, validity?.columns, [...history, ...pending]);
    return this.#explore(surrogate, seen, number, features);
  }

  /** What a history has shown. Points of other programs that are none of the space are left out. */
  #observe(history: readonly SeenTrial[], of: GpFeatures): Seen {
    const { size } = this.#cube;
    const { categorical, width } = of;
    const values: number[] = [];
    const labels: number[] = [];
    const trials: SeenTrial[] = [];
    const coordinates = new Float64Array(history.length * size);
    const features = new Float64Array(history.length * width);
    const judged = new Float64Array(history.length * width);
    for (const trial of history) {
      const { params, ending } = trial;
      if (ending.state === 'failed' || ending.duplicateOf !== undefined) continue;
      const value = ending.state === 'complete' ? ending.values[0] : ending.value;
      if (!this.#cube.encode(params, coordinates, values.length * size)) continue;
      of.write(coordinates, values.length * size, judged, labels.length * width);
      labels.push(value === undefined ? 0 : 1);
      trials.push(trial);
      if (value === undefined) continue;
      of.write(coordinates, values.length * size, features, values.length * width);
      values.push(this.#sign * value);
    }
    return {
      observations: {
        features: features.subarray(0, values.length * width),
        categorical,
        values: standardised(values),
      },
      validity: {
        features: judged.subarray(0, labels.length * width),
        categorical,
        values: Float64Array.from(labels),
      },
      trials,
      coordinates,
    };
  }

  /** Features of points; those that are no points of the space are left out. */
  #rows(points: readonly FlatParams[], of: GpFeatures): Rows {
    const { width } = of;
    const features = new Float64Array(points.length * width);
    let count = 0;
    for (const flat of points) {
      if (!this.#cube.encode(flat, this.#coordinates)) continue;
      of.write(this.#coordinates, 0, features, count++ * width);
    }
    return { count, features };
  }

  /** The best of many points and of those that lie uphill from the best of them; undefined when every one was had. */
  #explore(surrogate: GpSurrogate, seen: Seen, number: number, features: GpFeatures): FlatParams | undefined {
    const pool = new CandidatePool(this.#space, this.#cube, features, this.used);
    const random = SeededRandom.derive(this.#seed, 'candidates', number);
    this.#drawAll(pool, random);
    this.#drawAround(pool, seen, random);
    const leaders = surrogate.best(pool.rows(), CLIMBS);
    if (leaders.length === 0) return undefined;
    let best = pool.candidate(leaders[0]!.index, leaders[0]!.score);
    for (const { index, score } of leaders) {
      const climbed = this.#climb(surrogate, pool, pool.candidate(index, score), features);
      if (climbed.score > best.score) best = climbed;
    }
    return this.#tryNeighbours(surrogate, pool, best).flat;
  }

  #drawAll(pool: CandidatePool<P>, random: SeededRandom): void {
    const { size } = this.#cube;
    const sequence = new SobolSequence(Math.min(size, SOBOL_DIMENSIONS), random);
    for (let index = 0; index < POOL; index++) {
      sequence.point(index, this.#coordinates);
      for (let axis = sequence.dimensions; axis < size; axis++) this.#coordinates[axis] = random.next();
      pool.add(this.#coordinates);
    }
  }

  /** Points near the best ones seen: some axes moved a little or much, a category drawn anew now and then. */
  #drawAround(pool: CandidatePool<P>, { observations: { values }, coordinates }: Seen, random: SeededRandom): void {
    const { axes, size } = this.#cube;
    const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
    for (const row of order.slice(0, LEADERS)) {
      for (let draw = 0; draw < AROUND; draw++) {
        this.#coordinates.set(coordinates.subarray(row * size, (row + 1) * size));
        const reach = 0.2 * 0.1 ** (2 * random.next());
        for (let axis = 0; axis < size; axis++) {
          const coordinate = this.#coordinates[axis]!;
          if (Number.isNaN(coordinate) || (axes[axis]!.categorical && random.next() < 1 / size)) {
            this.#coordinates[axis] = random.next();
          } else if (!axes[axis]!.categorical) {
            this.#coordinates[axis] = Math.min(1, Math.max(0, coordinate + reach * random.normal()));
          }
        }
        pool.add(this.#coordinates);
      }
    }
  }

  /** Follows the gradient of the numeric features from a candidate to a point of the space that scores more. */
  #climb(surrogate: GpSurrogate, pool: CandidatePool<P>, from: Candidate, of: GpFeatures): Candidate {
    const movable = of.movable(from.coordinates, 0);
    if (!movable.includes(true)) return from;
    const features = from.features.slice();
    const held = from.features.slice();
    minimize((point, gradient) => surrogate.descent(point, gradient), features, {
      lower: held.map((value, feature) => (movable[feature] ? 0 : value)),
      upper: held.map((value, feature) => (movable[feature] ? 1 : value)),
      iterations: CLIMB_STEPS,
      tolerance: 1e-4,
    });
    const coordinates = from.coordinates.slice();
    of.move(coordinates, 0, features);
    return better(from, pool.judge(coordinates, surrogate));
  }

  /** Steps to the best neighbour, one step or choice away along an axis with few values, as long as that scores more. */
  #tryNeighbours(surrogate: GpSurrogate, pool: CandidatePool<P>, from: Candidate): Candidate {
    let best = from;
    for (let round = 0; round < NEIGHBOUR_ROUNDS; round++) {
      let next = best;
      for (const [axis, { count, categorical }] of this.#cube.axes.entries()) {
        const coordinate = best.coordinates[axis]!;
        if (Number.isNaN(coordinate) || count === 1 || count === Number.POSITIVE_INFINITY) continue;
        const moves = categorical ? Array.from({ length: count - 1 }, (_, by) => by + 1) : [-1, 1];
        for (const by of moves) {
          const coordinates = best.coordinates.map((value) => (Number.isNaN(value) ? 0.5 : value));
          coordinates[axis] = categorical ? (coordinate + by / count) % 1 : coordinate + by / count;
          if (coordinates[axis]! > 0 && coordinates[axis]! < 1) next = better(next, pool.judge(coordinates, surrogate));
        }
      }
      if (next === best) break;
      best = next;
    }
    return best;
  }
}

/** What trials have shown, with the coordinates of those that have a value. */
interface Seen {
  readonly observations: Observations;
  /** Of every trial that was judged, whether it has a value. */
  readonly validity: Observations;
  /** Those that were judged. */
  readonly trials: readonly SeenTrial[];
  readonly coordinates: Float64Array;
}

/** A point that may be proposed. */
interface Candidate {
  readonly flat: FlatParams;
  readonly coordinates: Float64Array;
  readonly features: Float64Array;
  readonly score: number;
}

const better = (a: Candidate, b: Candidate | undefined): Candidate => (b !== undefined && b.score > a.score ? b : a);

/** Points of the space that no trial had and the constraint allows. */
class CandidatePool<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #cube: UnitCube;
  readonly #features: GpFeatures;
  readonly #used: UsedPoints<P>;
  readonly #flats: FlatParams[] = [];
  readonly #coordinates: Float64Array[] = [];

  constructor(space: ParameterSpace<P>, cube: UnitCube, features: GpFeatures, used: UsedPoints<P>) {
    this.#space = space;
    this.#cube = cube;
    this.#features = features;
    this.#used = used;
  }

  /** Adds the point at full coordinates, unless it may not be proposed. */
  add(coordinates: Float64Array): void {
    const flat = this.#at(coordinates);
    if (flat === undefined) return;
    const own = new Float64Array(this.#cube.size);
    this.#cube.encode(flat, own);
    this.#flats.push(flat);
    this.#coordinates.push(own);
  }

  rows(): Rows {
    const { width } = this.#features;
    const features = new Float64Array(this.#flats.length * width);
    for (const [row, coordinates] of this.#coordinates.entries()) {
      this.#features.write(coordinates, 0, features, row * width);
    }
    return { count: this.#flats.length, features };
  }

  candidate(index: number, score: number): Candidate {
    const coordinates = this.#coordinates[index]!;
    const features = new Float64Array(this.#features.width);
    this.#features.write(coordinates, 0, features, 0);
    return { flat: this.#flats[index]!, coordinates, features, score };
  }

  /** Returns the point at coordinates with its score; undefined when it may not be proposed. */
  judge(at: Float64Array, surrogate: GpSurrogate): Candidate | undefined {
    const flat = this.#at(at);
    if (flat === undefined) return undefined;
    const coordinates = new Float64Array(this.#cube.size);
    this.#cube.encode(flat, coordinates);
    const features = new Float64Array(this.#features.width);
    this.#features.write(coordinates, 0, features, 0);
    return { flat, coordinates, features, score: surrogate.score(features) };
  }

  #at(coordinates: Float64Array): FlatParams | undefined {
    const flat = this.#cube.decode(coordinates);
    if (this.#used.has(flat) || !this.#space.allows(this.#space.fromFlat(flat))) return undefined;
    return flat;
  }
}

/** Every allowed point of a grid, with its features. */
class ScoredGrid<P extends ParameterMap> {
  readonly #space: ParameterSpace<P>;
  readonly #flats: FlatParams[] = [];
  readonly #places = new Map<string, number>();
  readonly rows: Rows;

  constructor(space: ParameterSpace<P>, cube: UnitCube, features: GpFeatures) {
    this.#space = space;
    for (const params of space.points()) {
      const flat = space.toFlat(params);
      this.#places.set(space.keyOf(flat), this.#flats.length);
      this.#flats.push(flat);
    }
    const all = new Float64Array(this.#flats.length * features.width);
    const coordinates = new Float64Array(cube.size);
    for (const [row, flat] of this.#flats.entries()) {
      cube.encode(flat, coordinates);
      features.write(coordinates, 0, all, row * features.width);
    }
    this.rows = { count: this.#flats.length, features: all };
  }

  /** Returns the point with the best score of those that no trial had; undefined when there are no more. */
  best(
    surrogate: GpSurrogate,
    columns: SolvedColumns,
    validity: SolvedColumns | undefined,
    trials: readonly { readonly params: FlatParams }[],
  ): FlatParams | undefined {
    const had = new Uint8Array(this.#flats.length);
    for (const { params } of trials) {
      const place = this.#places.get(this.#space.keyOf(params));
      if (place !== undefined) had[place] = 1;
    }
    const winner = surrogate.bestOf(columns, validity, had);
    return winner === undefined ? undefined : this.#flats[winner.index];
  }
}

/** Values with mean 0 and deviation 1; infinite ones count as the best or worst finite one. */
function standardised(values: readonly number[]): Float64Array {
  const finite = values.filter(Number.isFinite);
  const most = Math.max(...finite);
  const least = Math.min(...finite);
  const bounded = Float64Array.from(values, (value) => Math.min(most, Math.max(least, value)));
  const mean = bounded.reduce((sum, value) => sum + value, 0) / bounded.length;
  const deviation = Math.sqrt(bounded.reduce((sum, value) => sum + (value - mean) ** 2, 0) / bounded.length);
  return bounded.map((value) => (deviation > 0 ? (value - mean) / deviation : 0));
}

/** A model, and the grid of which it knows every point, if it does. */
interface Model {
  readonly model: GpModel;
  readonly grid: { readonly rows: Rows } | undefined;
}

/** Returns the model of a view, with or without the points of a grid. */
function modelOf(models: Model[], view: number, grid: { readonly rows: Rows } | undefined): GpModel {
  if (models[view]?.grid !== grid) delete models[view];
  models[view] ??= { model: new GpModel(grid?.rows), grid };
  return models[view].model;
}

/**
 * Returns the rows that a model is conditioned on: all, or of those that hyperparameters were learned from as many as it does not take too
 * long over, and all that came later.
 */
function rowsWithinReach(seen: Seen, { length }: Learned): number[] {
  const { trials } = seen;
  let learned = trials.length;
  while (learned > 0 && trials[learned - 1]!.number >= length) learned--;
  const later = Array.from({ length: trials.length - learned }, (_, at) => learned + at);
  if (learned <= MODEL_POINTS) return [...Array(learned).keys(), ...later];
  return [...representative(withMedians(seen).subarray(0, learned), MODEL_POINTS, BEST_MODEL_POINTS), ...later];
}

/** Returns some rows of what was seen with values of theirs. */
function conditionsOf(
  { trials, validity: { features, categorical } }: Seen,
  values: Float64Array,
  rows: readonly number[],
): Conditions {
  const picked = pick({ features, categorical, values }, rows);
  return { ...picked, count: rows.length, trials: rows.map((row) => trials[row]!) };
}

/**
 * Returns the values of all that was judged, with the median in place of every one that is missing: otherwise a model that rises towards where there
 * are no values expects more and more of them.
 */
function withMedians({ observations: { values }, validity: { values: labels } }: Seen): Float64Array {
  if (values.length === labels.length) return values;
  const median = values.slice().sort()[values.length >> 1]!;
  let next = 0;
  return labels.map((label) => (label === 1 ? values[next++]! : median));
}
