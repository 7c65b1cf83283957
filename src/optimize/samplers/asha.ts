import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { BUDGET_KEYS, type BudgetLadder, type BudgetOptions, budgetLadder, checkBudgets } from './budget-ladder.js';
import { lossOn } from './budgeted-results.js';
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
  checkBudgets('asha', options);
  const create: CreateSampler = (space, seed, directions, market) => {
    refuseSeveralObjectives('asha', directions.length);
    const ladder = budgetLadder('asha', options, market);
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
  #rungs: Rung[];
  #read = 0;
  #last: SeenTrial | undefined;

  constructor(space: ParameterSpace<P>, seed: number, ladder: BudgetLadder, direction: Direction) {
    this.#space = space;
    this.#ladder = ladder;
    this.fidelity = ladder.fidelity;
    this.#direction = direction;
    this.#used = new UsedPoints(space, seed);
    this.#rungs = emptyRungs(ladder);
  }

  awaits(): number {
    return 0;
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    return this.place(asked)?.params;
  }

  place(asked: Suggestion): BudgetedPoint | undefined {
    const { budgets, eta } = this.#ladder;
    this.#take(asked.history);
    const waiting = new Set(asked.pending.map(({ params, budget = 1 }) => `${budget} ${this.#space.keyOf(params)}`));
    for (let rung = budgets.length - 2; rung >= 0; rung--) {
      const { best } = this.#rungs[rung]!;
      const { begun } = this.#rungs[rung + 1]!;
      const budget = budgets[rung + 1]!;
      for (let place = 0; place < Math.floor(best.length / eta); place++) {
        const { key, params } = best[place]!;
        if (!begun.has(key) && !waiting.has(`${budget} ${key}`)) return { params, budget };
      }
    }
    this.#used.take(asked);
    const params = this.#used.drawUnused(asked.number);
    return params && { params, budget: budgets[0]! };
  }

  /** Takes the trials that are new; all of them where they do not go on from the last ones. */
  #take(history: readonly SeenTrial[]): void {
    if (this.#read > history.length || (this.#read > 0 && history[this.#read - 1] !== this.#last)) {
      this.#rungs = emptyRungs(this.#ladder);
      this.#read = 0;
    }
    for (; this.#read < history.length; this.#read++) {
      const trial = history[this.#read]!;
      const rung = this.#rungs[this.#ladder.budgets.indexOf(trial.budget ?? 1)];
      if (rung === undefined) continue;
      const key = this.#space.keyOf(trial.params);
      rung.begun.add(key);
      // A copy would count its configuration twice.
      if (trial.ending.duplicateOf !== undefined) continue;
      const entry = { key, params: trial.params, loss: lossOn(trial, this.#direction) };
      rung.best.splice(placeOf(rung.best, entry.loss), 0, entry);
    }
    this.#last = history[this.#read - 1];
  }
}

/** What is known on one budget. */
interface Rung {
  /** Keys of the points that were begun there. */
  readonly begun: Set<string>;
  /** Those that ended, best first; of equal ones the earlier. */
  readonly best: { readonly key: string; readonly params: FlatParams; readonly loss: number }[];
}

const emptyRungs = ({ budgets }: BudgetLadder): Rung[] => budgets.map(() => ({ begun: new Set(), best: [] }));

/** Returns the place behind all that are not worse. */
function placeOf(best: Rung['best'], loss: number): number {
  let low = 0;
  let high = best.length;
  while (low < high) {
    const half = (low + high) >>> 1;
    if (best[half]!.loss <= loss) low = half + 1;
    else high = half;
  }
  return low;
}
