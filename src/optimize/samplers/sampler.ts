import type { LongerRun } from '../../engine/longer-view.js';
import type { FlatParams } from '../space.js';
import type { TrialEnding } from '../trial.js';
import type { SearchName } from './names.js';

/** An earlier trial as a sampler may see it. */
export interface SeenTrial {
  readonly number: number;
  readonly params: FlatParams;
  /** Share of the data that it used. @defaultValue 1 */
  readonly budget?: number;
  /** How many trials it could see, where it was asked for before the lag allowed it. @defaultValue its number minus the lag, plus 1 */
  readonly saw?: number;
  readonly ending: TrialEnding;
}

/** An earlier trial whose result a sampler may not see, whether it is known already or not; its parameters it may. */
export interface PendingTrial {
  readonly number: number;
  readonly params: FlatParams;
  /** Share of the data that it uses. @defaultValue 1 */
  readonly budget?: number;
  /** As of a {@link SeenTrial}. */
  readonly saw?: number;
}

/** What a sampler is asked. Its lists are to be read during the call: they grow afterwards. */
export interface Suggestion {
  /** Number of the trial, enqueued ones counted: names its random stream. */
  readonly number: number;
  /** How many suggestions were asked for before it: enqueued trials are not counted. */
  readonly ordinal: number;
  /** Of the study. @defaultValue what the history says: its length is `number` minus the lag, plus 1 */
  readonly lag?: number;
  /**
   * The trials it may see, by number from 0: all up to `number` minus the lag, enqueued, failed and repeated ones included; more where a
   * {@link BudgetPlan} waits for them; where it is asked for early, only those before the first one that is open. Those of another program may lack
   * parameters, or have values outside the space. Empty for a sampler that does not look back.
   */
  readonly history: readonly SeenTrial[];
  /**
   * The trials between, by number: from `history.length` to `number` - 1. The same ones for any number of workers and any order in
   * which results arrive. Empty for a sampler that does not look back.
   */
  readonly pending: readonly PendingTrial[];
}

/**
 * Proposes parameter sets. A pure function of its space, its seed, the directions of its study and what it is asked: the same question
 * has the same answer in any process, whatever was asked before. It may remember answers to be faster.
 */
export interface Sampler {
  readonly name: SearchName;
  /** True when it needs the results of earlier trials; the study then keeps them and makes it wait for those it may see. */
  readonly looksBack: boolean;
  /**
   * True when no two of its suggestions are equal. One that looks back does not repeat enqueued points either; others may, and the
   * study then lets the trial copy the outcome.
   */
  readonly distinct: boolean;
  /** How many suggestions it has before the constraint; Infinity when it does not end. */
  readonly size: number | bigint;
  /** Returns the suggestion, or undefined when there are no more. It is inside the bounds and the constraint. */
  suggest(asked: Suggestion): FlatParams | undefined;
  /** Of a search over budgets: what the study asks in place of `suggest`. @defaultValue every trial uses all of the data */
  readonly budgets?: BudgetPlan | undefined;
}

/** A suggestion with the share of the data to spend on it. */
export interface BudgetedPoint {
  readonly params: FlatParams;
  /** Above 0, at most 1. */
  readonly budget: number;
}

/** How a search spends its budgets. Like {@link Sampler.suggest}, its answers depend on what is asked alone. */
export interface BudgetPlan {
  /** Which part of the data a share of it is. */
  readonly fidelity: Fidelity;
  /**
   * How many suggestions from the first on must have ended before the one of an ordinal can be made, whatever the lag: those that it is promoted
   * from among them. A question that comes early has fewer in its history.
   */
  awaits(ordinal: number): number;
  /**
   * Returns the suggestion with its budget, or undefined when there are no more. `'later'`, which it may say while a trial is pending, when that depends on
   * results that it does not see yet: it is asked again with one more of them in its history, and so on until it knows.
   */
  place(asked: Suggestion): BudgetedPoint | 'later' | undefined;
}

/**
 * Which part of the data a share of it is: its first bars; windows of equal length, each in the middle of its part of the data, run by
 * themselves and judged by the curve that they make end to end; some of the symbols; or all of the time in longer bars.
 */
export type Fidelity =
  | { readonly part: 'start' }
  | { readonly part: 'windows'; readonly count: number }
  /** A share is so many symbols, the first of `order`: a larger one has those of a smaller one, and others. */
  | { readonly part: 'symbols'; readonly order: readonly string[] }
  /** A share below 1 is one of these lengths. */
  | { readonly part: 'frequency'; readonly lengths: readonly LongerRun[] };
