import type { FlatParams } from '../space.js';
import type { TrialEnding } from '../trial.js';
import type { SearchName } from './names.js';

/** An earlier trial as a sampler may see it. */
export interface SeenTrial {
  readonly number: number;
  readonly params: FlatParams;
  readonly ending: TrialEnding;
}

/** What a sampler is asked. */
export interface Suggestion {
  /** Number of the trial, enqueued ones counted: names its random stream. */
  readonly number: number;
  /** How many suggestions were asked for before it: enqueued trials are not counted. */
  readonly ordinal: number;
  /** The trials it may see by number: all up to `number` minus the lag. Empty for a sampler that does not look back. */
  readonly history: readonly SeenTrial[];
}

/**
 * Proposes parameter sets. A pure function of its space, its seed and what it is asked: the same question has the same answer in
 * any process, whatever was asked before. It may remember answers to be faster.
 */
export interface Sampler {
  readonly name: SearchName;
  /** True when it needs the results of earlier trials; the study then keeps them and makes it wait for those it may see. */
  readonly looksBack: boolean;
  /** True when no two of its suggestions are equal. */
  readonly distinct: boolean;
  /** How many suggestions it has before the constraint; Infinity when it does not end. */
  readonly size: number | bigint;
  /** Returns the suggestion, or undefined when there are no more. It is inside the bounds and the constraint. */
  suggest(asked: Suggestion): FlatParams | undefined;
}
