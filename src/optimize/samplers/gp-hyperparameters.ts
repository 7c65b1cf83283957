import { log } from '../../core/elementary.js';
import {
  type Beliefs,
  type Fitted,
  HyperparameterFit,
  type Hyperparameters,
  type Observations,
} from '../models/gaussian-process.js';
import type { SeenTrial } from './sampler.js';

/** What is believed of a space about which nothing is known: scales of half its width, little noise. */
const BELIEFS: Beliefs = {
  scale: { mean: log(0.6), deviation: 1 },
  noise: { mean: -4, deviation: 2 },
};
/** Steps of a fit from each of its starts. */
const ITERATIONS = 15;
/** What makes believed length scales short: where values look like noise to long ones, they may be detail. */
const SHORT = log(8);
/** Observations that a fit looks at; of more, the best and an even choice of the others. */
const FIT_POINTS = 120;
const BEST_POINTS = 40;
/** The history grows by this factor between two fits, and by so many trials at most. */
const GROWTH = 1.1;
const GROWTH_AT_MOST = 40;
/** From here on the likeliest view stays. */
const SETTLED = 60;

/** What a history shows in one way of looking at it. */
export type Observe = (history: readonly SeenTrial[]) => Observations;

/** What was learned: the way of looking at the history that makes it likeliest, and the hyperparameters there. */
export interface Learned {
  readonly view: number;
  readonly hyperparameters: Hyperparameters;
  /** How long the history was. */
  readonly length: number;
}

/** Of the last view, beforehand: seven times as likely as any other, as the logarithm. */
const BELIEF_IN_LAST = 2;

interface Stage extends Learned {
  readonly last: SeenTrial;
  /** Of each view that was fitted. */
  readonly fits: readonly (Fitted | undefined)[];
}

/**
 * Hyperparameters as a function of the history alone: they are learned anew whenever it has grown by ten per cent or forty trials, each time from
 * where the last fit ended and from what is believed beforehand, or from shorter scales. Up to 60 trials every view is fitted, and the likeliest counts, the
 * last one being favoured; then that stays. What is remembered only saves work.
 */
export class GpHyperparameters {
  readonly #views: readonly Observe[];
  readonly #enough: number;
  #stages: Stage[] = [];

  /**
   * @param views - what a history has shown, in one way or in several: the same values
   * @param enough - observations of the first fit
   */
  constructor(views: readonly Observe[], enough: number) {
    this.#views = views;
    this.#enough = enough;
  }

  /** Returns the hyperparameters for a history, which has shown enough: the same object as long as they stay. */
  of(history: readonly SeenTrial[]): Learned {
    while (this.#stages.length > 0) {
      const { length, last } = this.#stages.at(-1)!;
      if (length <= history.length && history[length - 1] === last) break;
      this.#stages.pop();
    }
    for (;;) {
      const stage = this.#stages.at(-1);
      const length = stage === undefined ? this.#firstLength(history) : nextLength(stage.length);
      if (length > history.length) return stage!;
      const last = history[length - 1]!;
      this.#stages.push({ length, last, ...this.#learn(history.slice(0, length), stage) });
    }
  }

  #firstLength(history: readonly SeenTrial[]): number {
    let length = this.#enough;
    while (this.#views[0]!(history.slice(0, length)).values.length < this.#enough) length++;
    return length;
  }

  #learn(history: readonly SeenTrial[], stage: Stage | undefined): Omit<Stage, 'length' | 'last'> {
    const isSettled = stage !== undefined && history.length >= SETTLED;
    const fits = this.#views.map((observe, view) =>
      isSettled && view !== stage.view
        ? undefined
        : this.#fit(observe(history), history.length, stage?.fits[view]?.hyperparameters),
    );
    const lossOf = (view: number): number =>
      (fits[view]?.loss ?? Number.POSITIVE_INFINITY) + (view === fits.length - 1 ? 0 : BELIEF_IN_LAST);
    let view = isSettled ? stage.view : fits.length - 1;
    for (const other of fits.keys()) if (lossOf(other) < lossOf(view)) view = other;
    return { view, hyperparameters: fits[view]!.hyperparameters, fits };
  }

  #fit(seen: Observations, length: number, before: Hyperparameters | undefined): Fitted {
    const observations = chosen(seen);
    const width = observations.categorical.length;
    const believed = new Float64Array(width + 1).fill(BELIEFS.scale.mean);
    believed[width] = BELIEFS.noise.mean;
    const short = believed.map((value, at) => (at === width ? value : value - SHORT));
    const anew = length < SETTLED || before === undefined ? [believed, short] : [length % 2 === 0 ? believed : short];
    const starts = before === undefined ? anew : [before, ...anew];
    return new HyperparameterFit(observations, BELIEFS).from(starts, ITERATIONS);
  }
}

const nextLength = (length: number): number =>
  Math.min(length + GROWTH_AT_MOST, Math.max(length + 1, Math.round(length * GROWTH)));

/** Returns at most as many observations as a fit looks at. */
const chosen = (observations: Observations): Observations =>
  observations.values.length <= FIT_POINTS
    ? observations
    : pick(observations, representative(observations.values, FIT_POINTS, BEST_POINTS));

/** Returns the observations of some rows. */
export function pick({ features, categorical, values }: Observations, rows: readonly number[]): Observations {
  const width = categorical.length;
  const picked = new Float64Array(rows.length * width);
  for (const [at, row] of rows.entries()) picked.set(features.subarray(row * width, (row + 1) * width), at * width);
  return { categorical, features: picked, values: Float64Array.from(rows, (row) => values[row]!) };
}

/** Returns `count` rows in order: those of the `best` highest values, and of the others every so many-th. */
export function representative(values: Float64Array, count: number, best: number): number[] {
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
  const others = order.slice(best).sort((a, b) => a - b);
  const kept = Array.from(
    { length: count - best },
    (_, at) => others[Math.floor((at * others.length) / (count - best))]!,
  );
  return [...order.slice(0, best), ...kept].sort((a, b) => a - b);
}
