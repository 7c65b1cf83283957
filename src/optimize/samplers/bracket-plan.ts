import type { Bracket } from './budget-ladder.js';

/** Trials that lie between a rung and the next one of its bracket where others can fill the time: workers then need not wait. */
const GAP = 8;

/** One trial of the plan. */
export interface PlannedTrial {
  /** Place of its rung in the ladder of budgets. */
  readonly rung: number;
  /** Place among the trials of its rung: the best of the rung below is 0. */
  readonly rank: number;
  /** Ordinals of the rung below; empty for a configuration that begins here. */
  readonly below: readonly number[];
  /** Ordinals of its own rung: the first `rank` of them stand before it. */
  readonly beside: readonly number[];
}

/**
 * The order in which brackets are run, fixed from the start: a trial of a higher rung stands behind all of the rung below it, and while those run, the
 * next bracket begins. So which trial has which number never depends on how fast anything is.
 */
export class BracketPlan {
  readonly #next: () => Bracket | undefined;
  readonly #trials: PlannedTrial[] = [];
  readonly #open: OpenBracket[] = [];
  #hasMore = true;

  /** @param brackets the brackets in turn; undefined ends them */
  constructor(brackets: () => Bracket | undefined) {
    this.#next = brackets;
  }

  /** Returns the trial of an ordinal; undefined behind the last. */
  at(ordinal: number): PlannedTrial | undefined {
    while (this.#trials.length <= ordinal) if (!this.#add()) return undefined;
    return this.#trials[ordinal];
  }

  #add(): boolean {
    const now = this.#trials.length;
    const bracket = this.#open.find(({ ready }) => ready <= now) ?? this.#begin() ?? this.#open[0];
    if (bracket === undefined) return false;
    const { sizes, first, below, own } = bracket;
    this.#trials.push({ rung: first + bracket.rung, rank: own.length, below, beside: own });
    own.push(now);
    if (own.length < sizes[bracket.rung]!) return true;
    bracket.rung++;
    bracket.below = own;
    bracket.own = [];
    bracket.ready = now + 1 + GAP;
    if (bracket.rung === sizes.length) this.#open.splice(this.#open.indexOf(bracket), 1);
    return true;
  }

  #begin(): OpenBracket | undefined {
    const bracket = this.#hasMore ? this.#next() : undefined;
    this.#hasMore = bracket !== undefined;
    if (bracket === undefined) return undefined;
    const opened = { ...bracket, rung: 0, below: [], own: [], ready: 0 };
    this.#open.push(opened);
    return opened;
  }
}

interface OpenBracket extends Bracket {
  rung: number;
  below: number[];
  own: number[];
  /** Ordinal from which on its next trial may stand. */
  ready: number;
}
