import { assertInteger } from '../../core/assert.js';
import { exp, log } from '../../core/elementary.js';
import { UsageError } from '../../core/errors.js';
import type { Fidelity } from './sampler.js';

/** How a search over budgets spends them. */
export interface BudgetOptions {
  /** Least share of the data that a trial uses, above 0. The ladder hangs from the most: the lowest rung is the least one not below this. @defaultValue 0.05 */
  readonly minBudget?: number;
  /** Most, at most 1: only trials over all of the data have a value of the study. @defaultValue 1 */
  readonly maxBudget?: number;
  /** Of so many trials one goes on to the next rung, with so many times the budget. @defaultValue 3 */
  readonly eta?: number;
  /**
   * Which part of the data a share is: `'windows'`, spread over all of it, or `'start'`, its first bars. A custom objective is measured on one run,
   * and so takes 'start'. @defaultValue 'windows'
   */
  readonly part?: Fidelity['part'];
  /** How many windows there are. @defaultValue 4 */
  readonly windows?: number;
}

export const BUDGET_KEYS = ['minBudget', 'maxBudget', 'eta', 'part', 'windows'] as const;

/** The budgets of a search, checked. */
export interface BudgetLadder {
  readonly eta: number;
  /** Shares of the data, ascending; the last is `maxBudget`. */
  readonly budgets: readonly number[];
  readonly fidelity: Fidelity;
}

/**
 * Returns the ladder of budgets, as HpBandSter makes it: `max / eta ** k`, down to the last that is not below the least.
 * @throws UsageError `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function budgetLadder(search: string, options: BudgetOptions): BudgetLadder {
  const { minBudget = 0.05, maxBudget = 1, eta = 3, part = 'windows', windows = 4 } = options;
  const refuse = (option: string, value: unknown, rule: string): never => {
    throw new UsageError('INVALID_OPTION', {
      message: `${search}.${option} is ${rule}, not ${JSON.stringify(value)}.`,
      details: { option: `${search}.${option}`, value },
    });
  };
  if (!(maxBudget > 0 && maxBudget <= 1)) refuse('maxBudget', maxBudget, 'a share of the data above 0 and at most 1');
  if (!(minBudget > 0 && minBudget <= maxBudget))
    refuse('minBudget', minBudget, `a share of the data above 0 and at most maxBudget, which is ${maxBudget}`);
  if (!(eta >= 2 && Number.isFinite(eta))) refuse('eta', eta, 'a number from 2');
  if (part !== 'windows' && part !== 'start') refuse('part', part, "'windows' or 'start'");
  assertInteger(`${search}.windows`, windows, { min: 1 });
  // Rounding must not lose the rung that is the least budget itself.
  const rungs = Math.floor(log(maxBudget / minBudget) / log(eta) + 1e-9) + 1;
  const budgets = Array.from({ length: rungs }, (_, rung) => shareAt(maxBudget, eta, rungs - 1 - rung));
  return { eta, budgets, fidelity: part === 'start' ? { part } : { part, count: windows } };
}

function shareAt(most: number, eta: number, steps: number): number {
  if (Number.isInteger(eta)) return most / eta ** steps;
  return steps === 0 ? most : most * exp(-steps * log(eta));
}

/** Trials of one bracket: how many configurations each of its rungs has, from its own lowest to the highest. */
export interface Bracket {
  /** Place of the lowest rung in the ladder. */
  readonly first: number;
  readonly sizes: readonly number[];
}

/**
 * Returns the brackets of one round of Hyperband (Li et al. 2018) as HpBandSter sizes them: the first begins with the least budget and many
 * configurations, the last runs few over all of the data.
 */
export function hyperbandRound({ eta, budgets }: BudgetLadder): Bracket[] {
  const rungs = budgets.length;
  return Array.from({ length: rungs }, (_, round) => {
    const steps = rungs - 1 - round;
    const most = Math.floor(rungs / (steps + 1)) * eta ** steps;
    const sizes = Array.from({ length: steps + 1 }, (_, rung) => Math.max(1, Math.floor(most * eta ** -rung + 1e-9)));
    return { first: round, sizes };
  });
}
