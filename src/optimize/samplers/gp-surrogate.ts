import { log } from '../../core/elementary.js';
import { normalCdf } from '../../core/normal.js';
import { logImprovement, logImprovementSlope } from '../models/expected-improvement.js';
import { GaussianProcess, type Hyperparameters, type Observations } from '../models/gaussian-process.js';

/** A chance is never taken to be less. */
const LEAST_CHANCE = 1e-9;

/** Points in rows of features. */
export interface Rows {
  readonly count: number;
  readonly features: Float64Array;
}

/** What trials have shown, in features and in values of which more is better. */
export interface Evidence {
  readonly observations: Observations;
  /** Of every trial that was judged, 1 where it has a value and 0 where it has none; undefined where all have one. */
  readonly validity: { readonly observations: Observations; readonly hyperparameters: Hyperparameters } | undefined;
  /** Points whose result is not to be seen yet. */
  readonly pending: Rows;
}

/** A candidate and what is expected of it. */
export interface Ranked {
  readonly index: number;
  readonly score: number;
}

/**
 * How points are rated.
 *
 * - `'improvement'`: by the logarithm of the improvement that is expected over the best value seen.
 * - `'detail'`: the same, and what the model takes for noise counts as a chance too: a backtest gives the same value again, so it is detail
 *   too fine for the model, which an unseen point has as well. Without it a search over a jagged grid stops exploiting too early. On a
 *   continuous space a next point can always be found beside the best one, where that chance would keep the search for ever.
 * - `'bound'`: by the upper bound of what is expected, {@link BOUND} deviations up (Srinivas and others 2010): it leaves a good region
 *   earlier for one that is less known.
 */
export type Rating = 'improvement' | 'detail' | 'bound';

/** Deviations above the expectation. */
const BOUND = 3;
/** A bound is taken to be so much higher, so that rounding does not hide a point. */
const HAIR = 1e-9;
/** What the logarithm of a chance weighs beside a bound, in deviations of all values. */
const CHANCE_WEIGHT = 2;

/** Rates points by what they promise, and by the chance that they have a value at all. */
export class GpSurrogate {
  readonly #process: GaussianProcess;
  readonly #width: number;
  readonly #best: number;
  readonly #isBound: boolean;
  /** Variance of the detail that every unseen point has. */
  readonly #jitter: number;
  readonly #validity: GaussianProcess | undefined;
  readonly #correlations: Float64Array;

  constructor(evidence: Evidence, hyperparameters: Hyperparameters, rating: Rating) {
    const { observations, pending, validity } = evidence;
    this.#width = observations.categorical.length;
    this.#process = new GaussianProcess(
      withMedians(observations, validity?.observations),
      hyperparameters,
      pending.count,
    );
    for (let row = 0; row < pending.count; row++) this.#process.believe(pending.features, row * this.#width);
    this.#isBound = rating === 'bound';
    this.#jitter = rating === 'detail' ? this.#process.variance * this.#process.noise : 0;
    this.#best = observations.values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
    this.#validity = validity && new GaussianProcess(validity.observations, validity.hyperparameters);
    this.#correlations = new Float64Array(this.#process.size);
  }

  /** Points that it is conditioned on. */
  get size(): number {
    return this.#process.size;
  }

  /** Returns the score of a point; of one that scores less than `least`, a score that is less too. @param least @defaultValue no score is less */
  score(features: Float64Array, offset = 0, least = Number.NEGATIVE_INFINITY): number {
    const mean = this.#process.expect(features, this.#correlations, offset);
    const deviationOf = (variance: number): number => Math.sqrt(variance + this.#jitter);
    const variance =
      least === Number.NEGATIVE_INFINITY
        ? this.#process.uncertainty(this.#correlations)
        : this.#process.uncertainty(
            this.#correlations,
            (most) => this.#promise(mean, deviationOf(most)) + HAIR < least,
          );
    const deviation = deviationOf(variance);
    if (this.#promise(mean, deviation) + HAIR < least) return Number.NEGATIVE_INFINITY;
    const chance = this.#logChance(features, offset);
    return this.#promise(mean, deviation) + (this.#isBound ? CHANCE_WEIGHT * chance : chance);
  }

  /** Returns minus what a point promises, chances left out, and writes its gradient by the features: what an ascent minimises. */
  descent(features: Float64Array, gradient: Float64Array): number {
    const ofVariance = new Float64Array(this.#width);
    const { mean, variance } = this.#process.slopes(features, gradient, ofVariance);
    const deviation = Math.sqrt(variance + this.#jitter);
    const z = (mean - this.#best) / deviation;
    const steepness = logImprovementSlope(z);
    for (let feature = 0; feature < this.#width; feature++) {
      const ofDeviation = ofVariance[feature]! / (2 * deviation);
      gradient[feature] = this.#isBound
        ? -(gradient[feature]! + BOUND * ofDeviation)
        : -((ofDeviation + steepness * (gradient[feature]! - z * ofDeviation)) / deviation);
    }
    return -this.#promise(mean, deviation);
  }

  /**
   * Returns the best `count` of the points, best first, those with `skip` left out. Every one is looked at: first by a bound, from the
   * observation that it is most alike, then exactly as long as the bound leaves a chance.
   */
  best({ count: rows, features }: Rows, count: number, skip?: Uint8Array): Ranked[] {
    const process = this.#process;
    const bounds = new Float64Array(rows);
    const order: number[] = [];
    for (let row = 0; row < rows; row++) {
      if (skip?.[row] === 1) continue;
      const mean = process.expect(features, this.#correlations, row * this.#width);
      let alike = 0;
      for (let i = 0; i < this.#correlations.length; i++) alike = Math.max(alike, this.#correlations[i]!);
      const unexplained = Math.max(1e-12, 1 - (alike * alike) / (1 + process.noise));
      const most = Math.sqrt(process.variance * unexplained + this.#jitter);
      bounds[row] = this.#promise(mean, most);
      order.push(row);
    }
    order.sort((a, b) => bounds[b]! - bounds[a]! || a - b);
    const ranked: Ranked[] = [];
    for (const index of order) {
      const last = ranked[count - 1];
      if (last !== undefined && bounds[index]! + HAIR < last.score) break;
      const score = this.score(features, index * this.#width, last?.score);
      if (last !== undefined && score <= last.score) continue;
      let place = ranked.length;
      while (place > 0 && ranked[place - 1]!.score < score) place--;
      ranked.splice(place, 0, { index, score });
      if (ranked.length > count) ranked.pop();
    }
    return ranked;
  }

  /** What a point promises of which so much is expected: more with a larger deviation. */
  #promise(mean: number, deviation: number): number {
    if (this.#isBound) return mean + BOUND * deviation;
    return log(deviation) + logImprovement((mean - this.#best) / deviation);
  }

  /** The logarithm of the chance that a point has a value: by a second process, over zeros and ones. */
  #logChance(features: Float64Array, offset: number): number {
    const process = this.#validity;
    if (process === undefined) return 0;
    const correlations = new Float64Array(process.size);
    const mean = process.expect(features, correlations, offset);
    const deviation = Math.sqrt(process.uncertainty(correlations) + process.variance * process.noise);
    return log(Math.max(LEAST_CHANCE, normalCdf((mean - 0.5) / deviation)));
  }
}

/**
 * Returns the observations, and the median in place of every value that is missing: otherwise a model that rises towards where there are
 * no values expects more and more of them.
 */
function withMedians({ features, categorical, values }: Observations, judged: Observations | undefined): Observations {
  if (judged === undefined) return { features, categorical, values };
  const width = categorical.length;
  const missing = Array.from(judged.values.keys()).filter((row) => judged.values[row] === 0);
  const all = new Float64Array((values.length + missing.length) * width);
  all.set(features.subarray(0, values.length * width));
  for (const [at, row] of missing.entries()) {
    all.set(judged.features.subarray(row * width, (row + 1) * width), (values.length + at) * width);
  }
  const median = values.slice().sort()[values.length >> 1]!;
  return { features: all, categorical, values: Float64Array.of(...values, ...Array(missing.length).fill(median)) };
}
