import { assertInteger } from '../../core/assert.js';
import { SeededRandom } from '../../core/random.js';
import { rejectUnknownKeys } from '../../core/suggest.js';
import type { ParameterMap } from '../../engine/parameters.js';
import type { FlatParams, ParameterSpace } from '../space.js';
import type { Direction } from '../trial.js';
import { BracketPlan, type PlannedTrial } from './bracket-plan.js';
import {
  type Bracket,
  BUDGET_KEYS,
  type BudgetLadder,
  type BudgetOptions,
  budgetLadder,
  checkBudgets,
  hyperbandRound,
} from './budget-ladder.js';
import { lossOn, ranked } from './budgeted-results.js';
import type { SearchName } from './names.js';
import { drawAllowed } from './random.js';
import type { CreateSampler, Search } from './registry.js';
import type { BudgetedPoint, BudgetPlan, Sampler, SeenTrial, Suggestion } from './sampler.js';
import { refuseSeveralObjectives } from './tpe.js';
import { UsedPoints } from './used-points.js';

/** How successive halving and Hyperband differ from their defaults. */
export interface HyperbandOptions extends BudgetOptions {
  /** Brackets in all. @defaultValue without end: give the study a number of trials */
  readonly iterations?: number;
}

/**
 * Successive halving (Jamieson and Talwalkar 2016): many configurations at random over little of the data, the best one of every `eta` over `eta` times as much, and so on up
 * to all of it; then again with others. Trials over part of the data end as pruned, with the value that they had there.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function halving(options: HyperbandOptions = {}): Search {
  return bracketed('halving', options, (ladder) => hyperbandRound(ladder).slice(0, 1), randomConfigurations);
}

/**
 * Hyperband (Li et al. 2018): brackets of successive halving that begin with ever larger budgets and ever fewer configurations, in turn, since nobody knows how
 * much of the data tells good from bad.
 *
 * @throws UsageError `UNKNOWN_OPTION`, `INVALID_OPTION`, `OUT_OF_RANGE`
 */
export function hyperband(options: HyperbandOptions = {}): Search {
  return bracketed('hyperband', options, hyperbandRound, randomConfigurations);
}

/** Proposes configurations that begin a bracket. */
export interface Configurations {
  /** Returns a new one, or one that was had where a finite space is used up; the trials that it may see are those of the question. */
  propose(asked: Suggestion): FlatParams;
}

type CreateConfigurations = <P extends ParameterMap>(
  space: ParameterSpace<P>,
  seed: number,
  direction: Direction,
  ladder: BudgetLadder,
) => Configurations;

/** New configurations at random, none twice where they can be counted. */
const randomConfigurations: CreateConfigurations = (space, seed) => new UnusedDraws(space, seed);

/** Draws of points that no trial had. */
export class UnusedDraws<P extends ParameterMap> implements Configurations {
  readonly space: ParameterSpace<P>;
  readonly seed: number;
  readonly used: UsedPoints<P>;

  constructor(space: ParameterSpace<P>, seed: number) {
    this.space = space;
    this.seed = seed;
    this.used = new UsedPoints(space, seed);
  }

  propose(asked: Suggestion): FlatParams {
    this.used.take(asked);
    return this.draw(asked.number);
  }

  /** Draws for a trial; where all points were had, one of them, whose trial then copies what is known. */
  protected draw(number: number): FlatParams {
    return this.used.drawUnused(number) ?? drawAllowed(this.space, SeededRandom.derive(this.seed, 'again', number));
  }
}

/** Makes the search whose brackets and configurations are given. */
export function bracketed(
  name: Extract<SearchName, 'halving' | 'hyperband' | 'bohb'>,
  options: HyperbandOptions,
  round: (ladder: BudgetLadder) => readonly Bracket[],
  configurations: CreateConfigurations,
  own: readonly string[] = [],
): Search {
  rejectUnknownKeys(name, options, [...BUDGET_KEYS, 'iterations', ...own]);
  const { iterations = Number.POSITIVE_INFINITY } = options;
  if (iterations !== Number.POSITIVE_INFINITY) assertInteger(`${name}.iterations`, iterations, { min: 1 });
  checkBudgets(name, options);
  const create: CreateSampler = (space, seed, directions, market) => {
    refuseSeveralObjectives(name, directions.length);
    const ladder = budgetLadder(name, options, market);
    const brackets = round(ladder);
    const [direction = 'maximize'] = directions;
    return new BracketSampler(
      name,
      ladder,
      brackets,
      Math.min(iterations, bracketsFor(space, brackets)),
      direction,
      configurations(space, seed, direction, ladder),
      (flat) => space.keyOf(flat),
    );
  };
  return { name, create, ...(Object.keys(options).length === 0 ? {} : { settings: { ...options } }) };
}

class BracketSampler implements Sampler, BudgetPlan {
  readonly name: SearchName;
  readonly looksBack = true;
  readonly distinct = false;
  readonly size: number;
  readonly fidelity: BudgetLadder['fidelity'];
  readonly budgets: BudgetPlan = this;
  readonly #ladder: BudgetLadder;
  readonly #plan: BracketPlan;
  readonly #direction: Direction;
  readonly #configurations: Configurations;
  readonly #keyOf: (flat: FlatParams) => string;

  constructor(
    name: SearchName,
    ladder: BudgetLadder,
    brackets: readonly Bracket[],
    iterations: number,
    direction: Direction,
    configurations: Configurations,
    keyOf: (flat: FlatParams) => string,
  ) {
    this.#keyOf = keyOf;
    this.name = name;
    this.fidelity = ladder.fidelity;
    this.#ladder = ladder;
    this.#direction = direction;
    this.#configurations = configurations;
    let begun = 0;
    this.#plan = new BracketPlan(() => (begun === iterations ? undefined : brackets[begun++ % brackets.length]!));
    this.size = trialsOf(brackets, iterations);
  }

  awaits(ordinal: number): number {
    const below = this.#plan.at(ordinal)?.below ?? [];
    return below.length === 0 ? 0 : below.at(-1)! + 1;
  }

  suggest(asked: Suggestion): FlatParams | undefined {
    return this.place(asked)?.params;
  }

  place(asked: Suggestion): BudgetedPoint | undefined {
    const planned = this.#plan.at(asked.ordinal);
    if (planned === undefined) return undefined;
    const { rung, below } = planned;
    const budget = this.#ladder.budgets[rung]!;
    if (below.length === 0) return { params: this.#configurations.propose(asked), budget };
    return { params: this.#promoted(asked, planned), budget };
  }

  /**
   * Returns the parameters of the best of the rung below that has not gone on yet. Where not all of that rung has ended, since the trial is
   * asked for early, those with a value go first, then the open ones in their order.
   */
  #promoted({ number, ordinal, history, pending }: Suggestion, { rank, below, beside }: PlannedTrial): FlatParams {
    // Enqueued trials come first: what was suggested lies behind them.
    const first = number - ordinal;
    const isSeen = (each: number): boolean => first + each < history.length;
    const seen = ranked(
      below.filter(isSeen).map((each) => history[first + each]!),
      this.#direction,
    );
    const isValued = (trial: SeenTrial): boolean => lossOn(trial, this.#direction) < Number.POSITIVE_INFINITY;
    const paramsAt = (each: number): FlatParams =>
      (history[first + each] ?? pending[first + each - history.length]!).params;
    const waiting = [
      ...seen.filter(isValued).map(({ params }) => params),
      ...below.filter((each) => !isSeen(each)).map(paramsAt),
      ...seen.filter((trial) => !isValued(trial)).map(({ params }) => params),
    ];
    for (const gone of beside.slice(0, rank).map(paramsAt)) {
      const key = this.#keyOf(gone);
      waiting.splice(
        waiting.findIndex((params) => this.#keyOf(params) === key),
        1,
      );
    }
    return waiting[0]!;
  }
}

/** Points up to which a space is counted, to see when its brackets have begun all of them. */
const MOST_COUNTED = 100_000;

/** Returns how many brackets it takes until every point of a finite space has begun one. */
function bracketsFor<P extends ParameterMap>(space: ParameterSpace<P>, brackets: readonly Bracket[]): number {
  const points = space.finite ? space.count(MOST_COUNTED) : undefined;
  if (points === undefined || points > MOST_COUNTED) return Number.POSITIVE_INFINITY;
  let count = 0;
  for (let begun = 0; begun < points; count++) begun += brackets[count % brackets.length]!.sizes[0]!;
  return count;
}

function trialsOf(brackets: readonly Bracket[], iterations: number): number {
  if (iterations === Number.POSITIVE_INFINITY) return iterations;
  let trials = 0;
  for (let k = 0; k < iterations; k++) {
    for (const size of brackets[k % brackets.length]!.sizes) trials += size;
  }
  return trials;
}
