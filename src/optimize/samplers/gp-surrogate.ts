import { log } from '../../core/elementary.js';
import { normalCdf } from '../../core/normal.js';
import { logImprovement, logImprovementSlope } from '../models/expected-improvement.js';
import type { GaussianProcess } from '../models/gaussian-process.js';
import type { Rows, SolvedColumns } from './gp-model.js';

/** A chance is never taken to be less. */
const LEAST_CHANCE = 1e-9;

/** What is known of the objective. */
export interface Evidence {
  /** It has learned the values, of which more is better, with what is pending on top. */
  readonly process: GaussianProcess;
  /** The best value seen. */
  readonly best: number;
  /** It has learned 1 of every trial with a value and 0 of every one without; undefined where all have one. */
  readonly validity: GaussianProcess | undefined;
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
  readonly #best: number;
  readonly #isBound: boolean;
  /** Variance of the detail that every unseen point has. */
  readonly #jitter: number;
  readonly #validity: GaussianProcess | undefined;
  readonly #correlations: Float64Array;

  constructor({ process, best, validity }: Evidence, rating: Rating) {
    this.#process = process;
    this.#best = best;
    this.#validity = validity;
    this.#isBound = rating === 'bound';
    this.#jitter = rating === 'detail' ? process.variance * process.noise : 0;
    this.#correlations = new Float64Array(process.size);
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
    return this.#promise(mean, deviation) + this.#weighed(this.#logChance(features, offset));
  }

  /** Returns minus what a point promises, chances left out, and writes its gradient by the features: what an ascent minimises. */
  descent(features: Float64Array, gradient: Float64Array): number {
    const { width } = this.#process;
    const ofVariance = new Float64Array(width);
    const { mean, variance } = this.#process.slopes(features, gradient, ofVariance);
    const deviation = Math.sqrt(variance + this.#jitter);
    const z = (mean - this.#best) / deviation;
    const steepness = logImprovementSlope(z);
    for (let feature = 0; feature < width; feature++) {
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
    const { width } = process;
    const correlations = this.#correlations;
    const bounds = new Float64Array(rows);
    const order: number[] = [];
    for (let row = 0; row < rows; row++) {
      if (skip?.[row] === 1) continue;
      const mean = process.expect(features, correlations, row * width);
      let alike = 0;
      for (let i = 0; i < correlations.length; i++) if (correlations[i]! > alike) alike = correlations[i]!;
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
      const score = this.score(features, index * width, last?.score);
      if (last !== undefined && score <= last.score) continue;
      let place = ranked.length;
      while (place > 0 && ranked[place - 1]!.score < score) place--;
      ranked.splice(place, 0, { index, score });
      if (ranked.length > count) ranked.pop();
    }
    return ranked;
  }

  /**
   * Returns the best of a grid's points, those with `skip` left out; undefined when there is none. Of equal ones it is the first.
   *
   * @param columns - the points as the process sees them
   * @param validity - the same of the process that knows which have a value
   */
  bestOf(columns: SolvedColumns, validity: SolvedColumns | undefined, skip: Uint8Array): Ranked | undefined {
    const means = columns.expectations(this.#process);
    const chances = this.#validity && validity!.expectations(this.#validity);
    let best: Ranked | undefined;
    for (let index = 0; index < columns.count; index++) {
      if (skip[index] === 1) continue;
      const variance = this.#process.variance * Math.max(1e-12, 1 - columns.explained[index]!);
      let score = this.#promise(means[index]!, Math.sqrt(variance + this.#jitter));
      if (best !== undefined && score <= best.score) continue;
      if (chances !== undefined) {
        const unsure = this.#validity!.variance * Math.max(1e-12, 1 - validity!.explained[index]!);
        score += this.#weighed(this.#chance(chances[index]!, unsure));
      }
      if (best === undefined || score > best.score) best = { index, score };
    }
    return best;
  }

  /** What a point promises of which so much is expected: more with a larger deviation. */
  #promise(mean: number, deviation: number): number {
    if (this.#isBound) return mean + BOUND * deviation;
    return log(deviation) + logImprovement((mean - this.#best) / deviation);
  }

  /** What the logarithm of a chance adds to a score. */
  #weighed(chance: number): number {
    return this.#isBound ? CHANCE_WEIGHT * chance : chance;
  }

  /** The logarithm of the chance that a point has a value: by a second process, over zeros and ones. */
  #logChance(features: Float64Array, offset: number): number {
    const process = this.#validity;
    if (process === undefined) return 0;
    const correlations = new Float64Array(process.size);
    const mean = process.expect(features, correlations, offset);
    return this.#chance(mean, process.uncertainty(correlations));
  }

  #chance(mean: number, unsure: number): number {
    const { variance, noise } = this.#validity!;
    return log(Math.max(LEAST_CHANCE, normalCdf((mean - 0.5) / Math.sqrt(unsure + variance * noise))));
  }
}
