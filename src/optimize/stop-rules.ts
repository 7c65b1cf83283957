import { assertInteger, assertNumber } from '../core/assert.js';
import { rejectUnknownKeys } from '../core/suggest.js';

/** When a search ends before its trials are used up. */
export interface StopRules {
  /** Ends when so many trials in a row, by number, brought no new best. */
  readonly patience?: number | undefined;
  /** Ends when a value is at least as good as this. */
  readonly target?: number | undefined;
  /** Ends when the best improved by less than `least` of its size (0.01 = 1 %, above 0) over the last `trials` trials. */
  readonly improvement?: { readonly trials: number; readonly least: number } | undefined;
}

/** Which rule ended a search. */
export type StopRule = 'patience' | 'target' | 'improvement';

/**
 * Judges the values of a study's trials one after the other by number, never by time of arrival, so that the verdict is the same
 * for any number of workers.
 */
export class StopJudge {
  readonly #rules: StopRules;
  readonly #isBetter: (a: number, b: number) => boolean;
  #best = Number.NaN;
  #sinceBest = 0;
  #judged = 0;
  /** The best as it was after each of the last trials, in a ring that grows to as many as are asked for. */
  readonly #bests: number[] = [];
  #verdict: StopRule | undefined;

  /** @throws UsageError `OUT_OF_RANGE`, `NOT_AN_INTEGER`, `NOT_A_NUMBER`, `UNKNOWN_OPTION` or `INVALID_OPTION` for a rule that cannot be followed. */
  constructor(rules: StopRules, isBetter: (a: number, b: number) => boolean) {
    const { patience, target, improvement } = rules;
    if (patience !== undefined) assertInteger('patience', patience, { min: 1 });
    if (target !== undefined) assertNumber('target', target);
    if (improvement !== undefined) {
      rejectUnknownKeys('improvement', improvement, ['trials', 'least']);
      assertInteger('improvement.trials', improvement.trials, { min: 1 });
      assertNumber('improvement.least', improvement.least, { above: 0 });
    }
    this.#rules = rules;
    this.#isBetter = isBetter;
  }

  /** True when there is a rule to follow. */
  get watches(): boolean {
    const { patience, target, improvement } = this.#rules;
    return patience !== undefined || target !== undefined || improvement !== undefined;
  }

  /** Judges the next trial's value, NaN when it has none; returns the rule that strikes, from then on for ever. */
  judge(value: number): StopRule | undefined {
    if (this.#verdict !== undefined) return this.#verdict;
    if (!Number.isNaN(value) && (Number.isNaN(this.#best) || this.#isBetter(value, this.#best))) {
      this.#best = value;
      this.#sinceBest = 0;
    } else if (!Number.isNaN(this.#best)) this.#sinceBest++;
    this.#verdict = this.#strike();
    return this.#verdict;
  }

  #strike(): StopRule | undefined {
    const { patience, target, improvement } = this.#rules;
    const best = this.#best;
    const known = !Number.isNaN(best);
    if (target !== undefined && known && !this.#isBetter(target, best)) return 'target';
    if (patience !== undefined && this.#sinceBest >= patience) return 'patience';
    if (improvement === undefined) return undefined;
    const place = this.#judged++ % improvement.trials;
    const before = this.#bests[place] ?? Number.NaN;
    this.#bests[place] = best;
    return Math.abs(best - before) < improvement.least * Math.abs(before) ? 'improvement' : undefined;
  }
}
