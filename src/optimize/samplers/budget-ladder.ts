import { assertInteger } from '../../core/assert.js';
import { exp, log } from '../../core/elementary.js';
import { UsageError } from '../../core/errors.js';
import type { MarketShares } from '../market-shares.js';
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
   * Which part of the data a share is: `'windows'`, spread over all of it; `'start'`, its first bars; `'symbols'`, some of them over all of the time; or `'frequency'`,
   * all of it in longer bars. Of the last two the shares are those next to the ladder's that the run has: whole numbers of symbols, lengths of bars.
   * A custom objective is measured on one run, and so takes any but 'windows'. @defaultValue 'windows'
   */
  readonly part?: Fidelity['part'];
  /** How many windows there are; of windows alone. @defaultValue 4 */
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

const PARTS = ['windows', 'start', 'symbols', 'frequency'] as const satisfies readonly Fidelity['part'][];

/** Refuses budgets that no search could spend, whatever its market. @throws UsageError `INVALID_OPTION`, `OUT_OF_RANGE` */
export function checkBudgets(search: string, options: BudgetOptions): Required<BudgetOptions> {
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
  if (!PARTS.includes(part)) refuse('part', part, "'windows', 'start', 'symbols' or 'frequency'");
  assertInteger(`${search}.windows`, windows, { min: 1 });
  if (options.windows !== undefined && part !== 'windows') {
    throw new UsageError('INVALID_OPTION', {
      message: `${search}.windows is how many windows a share of the data is, but its part is '${part}'. Leave one of them out.`,
      details: { option: `${search}.windows`, value: windows, part },
    });
  }
  return { minBudget, maxBudget, eta, part, windows };
}

/**
 * Returns the ladder of budgets, as HpBandSter makes it: `max / eta ** k`, down to the last that is not below the least. Of symbols and of lengths of bars its
 * rungs are those next to these that the market has, each once and none above the most.
 *
 * @param market of part 'symbols' or 'frequency'
 * @throws UsageError as {@link checkBudgets} does, `NO_MARKET` for a study that is asked and told, `NO_SUCH_SHARES`
 */
export function budgetLadder(search: string, options: BudgetOptions, market?: MarketShares): BudgetLadder {
  const { minBudget, maxBudget, eta, part, windows } = checkBudgets(search, options);
  // Rounding must not lose the rung that is the least budget itself.
  const rungs = Math.floor(log(maxBudget / minBudget) / log(eta) + 1e-9) + 1;
  const budgets = Array.from({ length: rungs }, (_, rung) => shareAt(maxBudget, eta, rungs - 1 - rung));
  if (part === 'start') return { eta, budgets, fidelity: { part } };
  if (part === 'windows') return { eta, budgets, fidelity: { part, count: windows } };
  if (market === undefined) {
    throw new UsageError('NO_MARKET', {
      message: `A study that is asked and told has no ${part === 'symbols' ? 'symbols' : 'bars'} to take a share of: leave ${search}.part out, and make of a trial's budget what it should be.`,
      details: { option: `${search}.part`, value: part },
    });
  }
  if (part === 'symbols') {
    const order = market.symbols;
    if (order.length < 2) refuseShares(search, part, 'This run has one symbol, of which there is no share');
    const most = Math.floor(maxBudget * order.length + 1e-9);
    const counts = budgets.map((budget) => Math.max(1, Math.min(most, Math.round(budget * order.length))));
    const shares = [...new Set(counts)].map((count) => count / order.length);
    return { eta, budgets: shares, fidelity: { part, order } };
  }
  const { frequency, lengths } = market;
  if (lengths.length === 0) refuseShares(search, part, `This run's ${frequency} bars make no two longer ones`);
  const known = [...lengths.map(({ share }) => share), 1].filter((share) => share <= maxBudget);
  if (known.length === 0)
    refuseShares(search, part, `This run's bars make none that are at most ${percent(maxBudget)} as many`);
  const shares = [...new Set(budgets.map((budget) => nearestShare(budget, known)))];
  if (shares.length === 1 && budgets.length > 1) {
    const made = lengths.map((each) => `${each.frequency} bars, ${percent(each.share)} as many`).join('; ');
    refuseShares(
      search,
      part,
      `No longer bars come near the shares ${budgets.map(percent).join(', ')}: this run's ${frequency} bars make ${made}. Lower the least budget (--min-budget)`,
    );
  }
  return { eta, budgets: shares, fidelity: { part, lengths } };
}

function refuseShares(search: string, part: Fidelity['part'], why: string): never {
  throw new UsageError('NO_SUCH_SHARES', {
    message: `${why}. Or let a share of the data be windows of it (--part windows).`,
    details: { option: `${search}.part`, value: part },
  });
}

/** Returns the share whose ratio to the budget is nearest to 1. */
const nearestShare = (budget: number, shares: readonly number[]): number =>
  shares.reduce((best, share) => (distance(budget, share) < distance(budget, best) ? share : best));

const distance = (a: number, b: number): number => Math.max(a / b, b / a);

const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;

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
