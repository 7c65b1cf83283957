import { exp, log } from '../../core/elementary.js';
import type { SeededRandom } from '../../core/random.js';
import { symmetricEigen } from './symmetric-eigen.js';

/** A point that an evolution strategy learns from. */
export interface Offspring {
  readonly point: Float64Array;
  /** Drawn from the distribution as it is; any other point moves it by a bounded step only. */
  readonly own: boolean;
}

/** Shortest step size, in widths of the cube, at which a strategy has come to rest. */
const RESTING = 1e-12;
/** Largest ratio of the longest to the shortest axis, squared, that doubles can hold. */
const WORST_CONDITION = 1e14;

/**
 * Covariance matrix adaptation (Hansen, "The CMA Evolution Strategy: A Tutorial", 2016): a normal law whose mean, step size and
 * covariance follow the better half of each generation; the worse half narrows it. Points from elsewhere, or from an older
 * distribution, are taken with bounded steps (Hansen 2011, "Injecting external solutions").
 */
export class EvolutionStrategy {
  readonly size: number;
  /** Points of a generation. */
  readonly population: number;
  readonly mean: Float64Array;
  /** Factor on each axis, with which the margin of integer axes widens the law. */
  readonly stretch: Float64Array;
  step: number;
  #generation = 0;
  readonly #covariance: Float64Array;
  #axes: Float64Array;
  #lengths: Float64Array;
  readonly #stepPath: Float64Array;
  readonly #covariancePath: Float64Array;
  readonly #rates: Rates;
  readonly #weights: Float64Array;

  /** @param mean - in the unit cube; copied */
  constructor(mean: Float64Array, step: number, population: number) {
    const size = mean.length;
    this.size = size;
    this.population = population;
    this.mean = Float64Array.from(mean);
    this.stretch = new Float64Array(size).fill(1);
    this.step = step;
    this.#covariance = identity(size);
    this.#axes = identity(size);
    this.#lengths = new Float64Array(size).fill(1);
    this.#stepPath = new Float64Array(size);
    this.#covariancePath = new Float64Array(size);
    this.#rates = ratesOf(size, population);
    this.#weights = this.#rates.weights;
  }

  /** Generations learnt from. */
  get generation(): number {
    return this.#generation;
  }

  /** Returns the deviation along an axis. */
  deviation(axis: number): number {
    return this.step * this.stretch[axis]! * Math.sqrt(this.#covariance[axis * this.size + axis]!);
  }

  /** Writes a random point of the law, which may lie outside the cube. */
  sample(random: SeededRandom, out: Float64Array): void {
    const normal = Float64Array.from({ length: this.size }, (_, axis) => this.#lengths[axis]! * random.normal());
    for (let row = 0; row < this.size; row++) {
      let sum = 0;
      for (let axis = 0; axis < this.size; axis++) sum += this.#axes[row * this.size + axis]! * normal[axis]!;
      out[row] = this.mean[row]! + this.step * this.stretch[row]! * sum;
    }
  }

  /** True when it has come to rest, or its law has become too thin to compute with. */
  get exhausted(): boolean {
    let longest = 0;
    let shortest = Number.POSITIVE_INFINITY;
    for (const length of this.#lengths) {
      longest = Math.max(longest, length);
      shortest = Math.min(shortest, length);
    }
    return this.step * longest < RESTING || longest * longest > WORST_CONDITION * shortest * shortest;
  }

  /** Moves the law after one generation, best first. */
  update(offspring: readonly Offspring[]): void {
    const { size } = this;
    const { mu, effective, stepRate, stepDamping, pathRate, rankOne, rankMu, expectedLength } = this.#rates;
    this.#generation++;
    const steps = offspring.map((each) => this.#stepOf(each));
    const move = new Float64Array(size);
    for (let at = 0; at < mu; at++) {
      for (let axis = 0; axis < size; axis++) move[axis]! += this.#weights[at]! * steps[at]![axis]!;
    }
    for (let axis = 0; axis < size; axis++) this.mean[axis]! += this.step * this.stretch[axis]! * move[axis]!;
    const white = this.#whiten(move);
    const stepGain = Math.sqrt(stepRate * (2 - stepRate) * effective);
    let length = 0;
    for (let axis = 0; axis < size; axis++) {
      this.#stepPath[axis] = (1 - stepRate) * this.#stepPath[axis]! + stepGain * white[axis]!;
      length += this.#stepPath[axis]! ** 2;
    }
    length = Math.sqrt(length);
    const settled = Math.sqrt(1 - (1 - stepRate) ** (2 * (this.#generation + 1)));
    const stalled = length / settled < (1.4 + 2 / (size + 1)) * expectedLength ? 1 : 0;
    const pathGain = stalled * Math.sqrt(pathRate * (2 - pathRate) * effective);
    for (let axis = 0; axis < size; axis++) {
      this.#covariancePath[axis] = (1 - pathRate) * this.#covariancePath[axis]! + pathGain * move[axis]!;
    }
    this.#adapt(steps, rankOne, rankMu, (1 - stalled) * pathRate * (2 - pathRate));
    this.step *= exp(Math.min(1, (stepRate / stepDamping) * (length / expectedLength - 1)));
    this.#decompose();
  }

  /** A point's distance from the mean in units of the law; bounded where the law did not draw it. */
  #stepOf({ point, own }: Offspring): Float64Array {
    const step = Float64Array.from(
      point,
      (value, axis) => (value - this.mean[axis]!) / (this.step * this.stretch[axis]!),
    );
    if (own) return step;
    const white = this.#whiten(step);
    const length = Math.sqrt(white.reduce((sum, each) => sum + each * each, 0));
    const most = Math.sqrt(this.size) + (2 * this.size) / (this.size + 2);
    return length > most ? step.map((each) => (each * most) / length) : step;
  }

  /** C ** -1/2 times a vector. */
  #whiten(vector: Float64Array): Float64Array {
    const { size } = this;
    const turned = new Float64Array(size);
    for (let axis = 0; axis < size; axis++) {
      let sum = 0;
      for (let row = 0; row < size; row++) sum += this.#axes[row * size + axis]! * vector[row]!;
      turned[axis] = sum / this.#lengths[axis]!;
    }
    const out = new Float64Array(size);
    for (let row = 0; row < size; row++) {
      let sum = 0;
      for (let axis = 0; axis < size; axis++) sum += this.#axes[row * size + axis]! * turned[axis]!;
      out[row] = sum;
    }
    return out;
  }

  #adapt(steps: readonly Float64Array[], rankOne: number, rankMu: number, lost: number): void {
    const { size } = this;
    const weights = steps.map((step, at) => {
      const weight = this.#weights[at]!;
      if (weight >= 0) return weight;
      const white = this.#whiten(step);
      // A worse point counts by its direction, not by how far off it was.
      return (weight * size) / (white.reduce((sum, each) => sum + each * each, 0) + 1e-20);
    });
    const sum = this.#weights.reduce((total, weight) => total + weight, 0);
    const kept = 1 + rankOne * lost - rankOne - rankMu * sum;
    for (let row = 0; row < size; row++) {
      for (let column = 0; column <= row; column++) {
        let value = kept * this.#covariance[row * size + column]!;
        value += rankOne * this.#covariancePath[row]! * this.#covariancePath[column]!;
        for (const [at, step] of steps.entries()) value += rankMu * weights[at]! * step[row]! * step[column]!;
        this.#covariance[row * size + column] = value;
        this.#covariance[column * size + row] = value;
      }
    }
  }

  #decompose(): void {
    const { values, vectors } = symmetricEigen(this.#covariance, this.size);
    this.#axes = vectors;
    // Rounding may leave a tiny value below zero: such an axis is kept just open.
    const largest = Math.max(...values);
    this.#lengths = values.map((value) => Math.sqrt(Math.max(value, 1e-15 * largest)));
  }
}

interface Rates {
  readonly weights: Float64Array;
  readonly mu: number;
  readonly effective: number;
  readonly stepRate: number;
  readonly stepDamping: number;
  readonly pathRate: number;
  readonly rankOne: number;
  readonly rankMu: number;
  readonly expectedLength: number;
}

/** The tutorial's default parameters, in its section "Default parameters". */
function ratesOf(size: number, population: number): Rates {
  const raw = Array.from({ length: population }, (_, at) => log((population + 1) / 2) - log(at + 1));
  const mu = Math.floor(population / 2);
  const sumOf = (list: readonly number[]): number => list.reduce((sum, each) => sum + each, 0);
  const effectiveOf = (list: readonly number[]): number => sumOf(list) ** 2 / sumOf(list.map((each) => each * each));
  const effective = effectiveOf(raw.slice(0, mu));
  const effectiveWorse = effectiveOf(raw.slice(mu));
  const stepRate = (effective + 2) / (size + effective + 5);
  const stepDamping = 1 + 2 * Math.max(0, Math.sqrt((effective - 1) / (size + 1)) - 1) + stepRate;
  const pathRate = (4 + effective / size) / (size + 4 + (2 * effective) / size);
  const rankOne = 2 / ((size + 1.3) ** 2 + effective);
  const rankMu = Math.min(1 - rankOne, (2 * (0.25 + effective + 1 / effective - 2)) / ((size + 2) ** 2 + effective));
  const worse = Math.min(
    1 + rankOne / rankMu,
    1 + (2 * effectiveWorse) / (effective + 2),
    (1 - rankOne - rankMu) / (size * rankMu),
  );
  const positive = sumOf(raw.filter((weight) => weight > 0));
  const negative = -sumOf(raw.filter((weight) => weight < 0));
  return {
    weights: Float64Array.from(raw, (weight) => (weight >= 0 ? weight / positive : (weight * worse) / negative)),
    mu,
    effective,
    stepRate,
    stepDamping,
    pathRate,
    rankOne,
    rankMu,
    expectedLength: Math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size * size)),
  };
}

function identity(size: number): Float64Array {
  const matrix = new Float64Array(size * size);
  for (let row = 0; row < size; row++) matrix[row * size + row] = 1;
  return matrix;
}
