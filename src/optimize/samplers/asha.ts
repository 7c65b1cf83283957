import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { BUDGET_KEYS, type BudgetLadder, type BudgetOptions, budgetLadder, checkBudgets } from './budget-ladder.js';
import { lossOn } from './budgeted-results.js';
import type { CreateSampler, Search } from './registry.js';
import type { BudgetedPoint, BudgetPlan, PendingTrial, Sampler, SeenTrial, Suggestion } from './sampler.js';
import { refuseSeveralObjectives } from './tpe.js';
import { UsedPoints } from './used-points.js';

/**
 * Asynchronous successive halving (Li et al. 2020): a configuration goes on to the next rung as soon as it is among the best of `eta` of those that
 * are known there, so that no trial waits for the last of its rung; where none does, a new one begins at random. What is known is what trials up to the lag
 * before have found, so that the study is the same for any number of workers.
 *
 * Where a finite space has no new ones left, its rungs are settled from the lowest up: once all of a rung has ended, one of `eta`, or of fewer that are
 * left over, goes on from it. So the best of even a single point is carried to the most budget, and the search ends when nothing goes on any more.
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
    const placed = this.place(asked);
    return placed === 'later' ? undefined : placed?.params;
  }

  place(asked: Suggestion): BudgetedPoint | 'later' | undefined {
    const { budgets, eta } = this.#ladder;
    this.#take(asked.history);
    const waiting = this.#waiting(asked.pending);
    for (let rung = budgets.length - 2; rung >= 0; rung--) {
      const promoted = this.#promoted(rung, Math.floor(this.#rungs[rung]!.best.length / eta), waiting);
      if (promoted !== undefined) return promoted;
    }
    this.#used.take(asked);
    const params = this.#used.drawUnused(asked.number);
    return params === undefined ? this.#settled(waiting) : { params, budget: budgets[0]! };
  }

  /** Returns who goes on from the lowest rung that is not settled, where no new configuration will come: below it nobody goes on any more. */
  #settled(waiting: readonly ReadonlySet<string>[]): BudgetedPoint | 'later' | undefined {
    const { budgets, eta } = this.#ladder;
    for (let rung = 0; rung < budgets.length - 1; rung++) {
      if (waiting[rung]!.size > 0) return 'later';
      const promoted = this.#promoted(rung, Math.ceil(this.#rungs[rung]!.best.length / eta), waiting);
      if (promoted !== undefined) return promoted;
    }
    return undefined;
  }

  /** Returns the best of the first so many of a rung that has not begun on the next one. */
  #promoted(rung: number, count: number, waiting: readonly ReadonlySet<string>[]): BudgetedPoint | undefined {
    const { best } = this.#rungs[rung]!;
    const { begun } = this.#rungs[rung + 1]!;
    for (let place = 0; place < count; place++) {
      const { key, params } = best[place]!;
      if (!begun.has(key) && !waiting[rung + 1]!.has(key)) return { params, budget: this.#ladder.budgets[rung + 1]! };
    }
    return undefined;
  }

  /** Returns the keys of the points of each rung whose results it may not see yet. */
  #waiting(pending: readonly PendingTrial[]): readonly ReadonlySet<string>[] {
    const { budgets } = this.#ladder;
    const keys = budgets.map(() => new Set<string>());
    for (const { params, budget = 1 } of pending) keys[budgets.indexOf(budget)]?.add(this.#space.keyOf(params));
    return keys;
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
