import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { BUDGET_KEYS, type BudgetLadder, type BudgetOptions, budgetLadder } from './budget-ladder.js';
import { ranked } from './budgeted-results.js';
import type { CreateSampler, Search } from './registry.js';
import type { BudgetedPoint, BudgetPlan, Sampler, SeenTrial, Suggestion } from './sampler.js';
import { refuseSeveralObjectives } from './tpe.js';
import { UsedPoints } from './used-points.js';

/**
 * Asynchronous successive halving (Li et al. 2020): a configuration goes on to the next rung as soon as it is among the best of `eta` of those that
 * are known there, so that no trial waits for the last of its rung; where none does, a new one begins at random. What is known is what trials up to the lag
 * before have found, so that the study is the same for any number of workers.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function asha(options: BudgetOptions = {}): Search {
  rejectUnknownKeys('asha', options, BUDGET_KEYS);
  const ladder = budgetLadder('asha', options);
  const create: CreateSampler = (space, seed, directions) => {
    refuseSeveralObjectives('asha', directions.length);
    return new AshaSampler(space, seed, ladder, directions[0] ?? 'maximize');
  };
  return { name: 'asha', create, ...(Object.keys(options).length === 0 ? {} : { settings: { ...options } }) };
}

class AshaSampler<P extends ParameterMap> implements Sampler, BudgetPlan {
  readonly name = 'asha';
  readonly looksBack = true;
  readonly distinct = false;
  readonly size = Number.POSITIVE_INFINITY;
  readonly fidelity: BudgetLadder['fidelity'];
  readonly budgets: BudgetPlan = this;
  readonly #space: ParameterSpace<P>;
  readonly #ladder: BudgetLadder;
  readonly #direction: Direction;
  readonly #used: UsedPoints<P>;

  constructor(space: ParameterSpace<P>, seed: number, ladder: BudgetLadder, direction: Direction) {
    this.#space = space;
    this.#ladder = ladder;
    this.fidelity = ladder.fidelity;
    this.#direction = direction;
    this.#used = new UsedPoints(space, seed);
  }

  awaits(): number {
    return 0;
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    return this.place(asked)?.params;
  }

  place(asked: Suggestion): BudgetedPoint | undefined {
    const { budgets, eta } = this.#ladder;
    const known = budgets.map((): SeenTrial[] => []);
    const begun = budgets.map(() => new Set<string>());
    for (const trial of [...asked.history, ...asked.pending]) {
      const rung = budgets.indexOf(trial.budget ?? 1);
      if (rung < 0) continue;
      begun[rung]!.add(this.#space.keyOf(trial.params));
      // A copy would count its configuration twice.
      if ('ending' in trial && (trial as SeenTrial).ending.duplicateOf === undefined)
        known[rung]!.push(trial as SeenTrial);
    }
    for (let rung = budgets.length - 2; rung >= 0; rung--) {
      const best = ranked(known[rung]!, this.#direction).slice(0, Math.floor(known[rung]!.length / eta));
      const next = best.find(({ params }) => !begun[rung + 1]!.has(this.#space.keyOf(params)));
      if (next !== undefined) return { params: next.params, budget: budgets[rung + 1]! };
    }
    this.#used.take(asked);
    const params = this.#used.drawUnused(asked.number);
    return params && { params, budget: budgets[0]! };
  }
}
