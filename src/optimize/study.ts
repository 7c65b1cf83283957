import { countText } from '../core/decimal-text.js';
import { UsageError } from '../core/errors.js';
import { givenText } from '../core/option-kind.js';
import type { ParameterMap } from '../engine/parameters.js';
import { type Importance, type ImportanceOptions, importanceOf, type ValuedTrial } from './importance.js';
import type { Journal } from './journal/journal.js';
import { checkedValues, endingOf, withFiniteValues } from './outcome.js';
import { PointIndex } from './point-index.js';
import { type PruneRule, type Pruner, stopsAfter, stopsAmong } from './pruners.js';
import type { KnownOutcomes } from './reuse.js';
import type { BudgetedPoint, PendingTrial, Sampler, SeenTrial, Suggestion } from './samplers/sampler.js';
import { shareText } from './share-text.js';
import type { FlatParams, ParameterSpace } from './space.js';
import { Tally, type TrialCounts, type TrialSummary } from './tally.js';
import type { CompleteTrial, Direction, FinishedTrial, JournalTrial, Outcome, Trial, TrialEnding } from './trial.js';

/** Largest grid that is counted under its constraint only to know how many trials there will be. */
const EXPECTED_COUNT = 100_000;

/** What a study is made of; {@link openStudyOn} makes it from options. */
export interface StudyParts<P extends ParameterMap> {
  readonly name: string;
  readonly space: ParameterSpace<P>;
  readonly sampler: Sampler;
  /** What stops trials before their end. @defaultValue nothing */
  readonly pruner?: Pruner | undefined;
  /** How trials have ended in other studies. @defaultValue nothing is known */
  readonly known?: KnownOutcomes | undefined;
  /** Why this sampler, where 'auto' chose it. */
  readonly searchReason?: string | undefined;
  readonly seed: number;
  readonly directions: readonly Direction[];
  /** Trial k may depend on the results of trials up to k - lag; at least 1. */
  readonly lag: number;
  /** Most trials of the study, those found in the journal counted. */
  readonly trials: number;
  /** Complete trials that are kept whole, best first. */
  readonly topSize: number;
}

/**
 * One optimisation: asks a sampler for trials, keeps every result in a journal, and knows the best. It runs nothing itself.
 *
 * The study is the same for any number of workers. Trial k depends on the seed, its number, and, where the sampler looks back or
 * a stop rule watches, on the results of trials up to k - lag and of no others, whether or not later ones are known already. Of a search over budgets
 * it waits for those too that it is promoted from, however late they are. Only {@link Study.ask} may go beyond that.
 */
export class Study<P extends ParameterMap = ParameterMap> implements AsyncDisposable {
  readonly name: string;
  readonly space: ParameterSpace<P>;
  readonly seed: number;
  readonly lag: number;
  readonly sampler: Sampler;
  /** What stops trials before their end; undefined where nothing does. */
  readonly pruner: Pruner | undefined;
  /** Why this sampler; undefined where the user named it. */
  readonly searchReason: string | undefined;
  /** Hears of every trial that ends from now on, duplicates included; the trial is made when it is asked for. */
  onFinished: ((trial: () => FinishedTrial<P>) => void) | undefined;
  readonly #known: KnownOutcomes | undefined;
  readonly #tally: Tally<P>;
  #journal: Journal | undefined;
  #limit: number;
  #created = 0;
  #enqueuedCount = 0;
  /** Points that were enqueued by us before the journal was opened, by number. */
  readonly #enqueued = new Map<number, FlatParams>();
  /** Interrupted trials, lowest number last. */
  #reruns: Pending[] = [];
  /** Enqueued trials that have not started, lowest number last. */
  #waiting: Pending[] = [];
  readonly #pending = new Map<number, Pending>();
  /** Trials that wait for the outcome of the trial they repeat. */
  readonly #followers = new Map<number, Pending[]>();
  readonly #points = new PointIndex();
  /** True where a sampler or a pruner asks for earlier trials. */
  readonly #remembers: boolean;
  /** What stops pending trials, and the values that they reported, one a step. */
  readonly #reports = new Map<number, { readonly rule: PruneRule | undefined; readonly values: number[] }>();
  /** Of a sampler that looks back, or a pruner: parameters of every trial, endings of those that ended, and the ended ones that it may see. */
  readonly #asked: PendingTrial[] = [];
  readonly #ended: TrialEnding[] = [];
  readonly #history: SeenTrial[] = [];
  /** The trial that is asked for next, and how many trials must have ended before it can be. */
  #asking = { number: -1, visible: 0 };
  #wasEarly = false;
  #takenOver = 0;
  #exhausted = false;
  #watched = false;

  constructor(parts: StudyParts<P>) {
    this.name = parts.name;
    this.space = parts.space;
    this.sampler = parts.sampler;
    this.pruner = parts.pruner;
    this.#known = parts.known;
    this.#remembers = parts.sampler.looksBack || parts.pruner !== undefined;
    this.searchReason = parts.searchReason;
    this.seed = parts.seed;
    this.lag = parts.lag;
    this.#limit = parts.trials;
    this.#tally = new Tally(parts.directions, parts.topSize);
  }

  /** The journal's file; undefined in memory. */
  get path(): string | undefined {
    return this.#journal?.path;
  }

  get directions(): readonly Direction[] {
    return this.#tally.directions;
  }

  get counts(): TrialCounts {
    return this.#tally.counts;
  }

  /** How many trials from number 0 on have all ended. */
  get told(): number {
    return this.#tally.told;
  }

  /** Trials made so far, whether they ended or not. */
  get created(): number {
    return this.#created;
  }

  /** Trials that ran when the journal's last writer ended, and run again under their numbers. */
  get interrupted(): number {
    return this.#reruns.length;
  }

  /** How many trials have ended by now as another study's did, since this one was opened. */
  get takenOver(): number {
    return this.#takenOver;
  }

  /** How many trials the study will have, or with a constraint over a large grid at most; Infinity when only a stop rule ends it. */
  get expected(): number {
    const suggestions = Number(
      this.space.finite && this.sampler.distinct
        ? (this.space.count(EXPECTED_COUNT) ?? this.sampler.size)
        : this.sampler.size,
    );
    return Math.min(this.#limit, suggestions + this.#enqueuedCount);
  }

  /** The best complete trial by the first objective, ties by the lowest number; undefined until a trial completes. */
  get best(): CompleteTrial<P> | undefined {
    return this.#tally.top[0];
  }

  /** The best complete trials, best first. */
  get top(): readonly CompleteTrial<P>[] {
    return this.#tally.top;
  }

  /** The Pareto set by number; with one objective, the best alone. */
  get front(): readonly CompleteTrial<P>[] {
    return this.#tally.front;
  }

  /** Returns state and values of an ended trial. */
  summaryOf(number: number): TrialSummary | undefined {
    return this.#tally.at(number);
  }

  /** Returns the first value of a complete trial, NaN for any other. */
  valueOf(number: number): number {
    return this.#tally.valueOf(number);
  }

  /** Tells whether a value of the first objective is better than another. */
  isBetter(a: number, b: number): boolean {
    return this.#tally.isBetter(a, b);
  }

  /**
   * Returns the next trial to evaluate; 'wait' when it depends on trials that have not been told; undefined when there are no more.
   * A trial whose parameters an earlier one had is not returned: it copies that one's outcome, and one that another study had takes it over. Interrupted trials come first, then
   * enqueued ones.
   * @throws UsageError `CONSTRAINT_TOO_TIGHT` where the constraint refuses every point, or so many that none is found
   */
  next(): Trial<P> | 'wait' | undefined {
    const next = this.nextFlat();
    return next === 'wait' || next === undefined ? next : this.#asTrial(next);
  }

  #asTrial({ number, flat, budget }: Pending): Trial<P> {
    return { number, params: this.space.fromFlat(flat), budget };
  }

  /** Returns what {@link next} does with its parameters as journals and workers take them. */
  nextFlat(): Pending | 'wait' | undefined {
    return this.#place(false);
  }

  /** @param early whether a trial is made though it depends on trials that have not been told: of what is known then */
  #place(early: boolean): Pending | 'wait' | undefined {
    for (;;) {
      const placed = this.#reruns.pop() ?? this.#startWaiting(early) ?? this.#suggest(early);
      if (placed === 'wait' || placed === undefined) return placed;
      if (this.#copies(placed)) continue;
      const rule = this.#ruleFor(placed);
      if (this.#takesOver(placed, rule)) continue;
      this.#pending.set(placed.number, placed);
      if (this.pruner !== undefined) this.#reports.set(placed.number, { rule, values: [] });
      return placed;
    }
  }

  /** Makes what stops a trial of the results that it may see. */
  #ruleFor({ number, saw = Math.max(0, number - this.lag + 1) }: Pending): PruneRule | undefined {
    if (this.pruner === undefined) return undefined;
    const { history } = this.#visible(Math.min(this.told, saw));
    return this.pruner.ruleFor(history, this.directions[0]!);
  }

  /**
   * Returns the next trial; undefined when the space or the trial limit is exhausted. Any number may be pending, told in any order.
   *
   * As long as every trial is told before the one is asked for that is `lag` later, the study is the same in whatever order and when they are
   * told. An ask beyond that does not wait: its suggestion comes from the trials before the first one that has not been told, and so depends on
   * when results were told, which the journal then says.
   * @throws UsageError `CONSTRAINT_TOO_TIGHT` where the constraint refuses every point; `TELL_FIRST` where a search over shares of the data has begun every point and must know more to say which go on
   */
  ask(): Trial<P> | undefined {
    const placed = this.#place(true);
    if (placed === undefined) return undefined;
    if (placed !== 'wait') return this.#asTrial(placed);
    throw new UsageError('TELL_FIRST', {
      message: `Every point is under way or done, and what goes on from here depends on results: trial ${this.told} has not been told. Tell it.`,
      details: { trial: this.#created, awaits: this.told },
    });
  }

  /**
   * Records the outcome of a trial that was asked for; when this returns, it outlives the process. A value that is NaN or infinite counts as
   * not available: the trial is pruned. What is refused is not recorded: the trial stays pending.
   * @throws UsageError `NOT_PENDING` for a trial that was told before or never asked for, `NO_TRIAL` for what is none, `WRONG_VALUES` for
   * values that are not one number an objective, `WRONG_OUTCOME` and `UNKNOWN_OPTION` for any other outcome that says nothing.
   */
  tell(trial: Trial<P> | number, outcome: Outcome): void {
    this.record(numberOf(trial), endingOf(outcome, this.directions.length));
    this.#journal?.flush();
  }

  /**
   * Takes the value of a pending trial at its next step, from the first on; NaN where the step has none. Returns true when the study's pruner
   * stops the trial there: tell it as `{ state: 'pruned' }`. Nothing is written before the trial is told.
   *
   * What decides are the results that the trial could see when it was asked for, so that it stops at the same step whatever else has ended since.
   * @throws UsageError `NOT_PENDING` and `NO_TRIAL` as {@link tell} does, `WRONG_OUTCOME` for a value that is no number
   */
  report(trial: Trial<P> | number, value: number): boolean {
    const number = numberOf(trial);
    this.#pendingAt(number);
    if (typeof value !== 'number') {
      throw new UsageError('WRONG_OUTCOME', {
        message: `Trial ${number} reported ${givenText(value)}: report a number at each step, NaN where it has none.`,
        details: { trial: number, value },
      });
    }
    const reports = this.#reports.get(number) ?? { rule: undefined, values: [] };
    this.#reports.set(number, reports);
    reports.values.push(value);
    return stopsAfter(reports.rule, reports.values, this.directions[0]!);
  }

  /** Returns what stops a pending trial; undefined where nothing does. */
  ruleOf(number: number): PruneRule | undefined {
    return this.#reports.get(number)?.rule;
  }

  /** Records how a trial ended, in the journal's own rhythm. @throws UsageError as {@link tell} does. */
  record(number: number, ending: TrialEnding): void {
    const pending = this.#pendingAt(number);
    const checked = this.#withReports(number, this.#checked(ending, pending.budget));
    this.#pending.delete(number);
    this.#reports.delete(number);
    this.#finish(pending, checked);
    const followers = this.#followers.get(number);
    if (followers === undefined) return;
    this.#followers.delete(number);
    for (const follower of followers) this.#finish(follower, copyOf(number, this.#tally.at(number)!));
  }

  #pendingAt(number: number): Pending {
    const pending = this.#pending.get(number);
    if (pending !== undefined) return pending;
    throw new UsageError('NOT_PENDING', {
      message: `Trial ${number} is not pending: it was ${this.#tally.at(number) === undefined ? 'never asked for' : 'told before'}.`,
      details: { trial: number },
    });
  }

  /** Adds what a trial reported; one that was stopped has the last of it as its value. */
  #withReports(number: number, ending: TrialEnding): TrialEnding {
    const reported = this.#reports.get(number)?.values;
    if (reported === undefined || reported.length === 0) return ending;
    const intermediate = reported
      .map((value, at) => [at + 1, value] as const)
      .filter(([, value]) => !Number.isNaN(value));
    if (intermediate.length === 0) return ending;
    const value = intermediate.findLast(([, each]) => Number.isFinite(each))?.[1];
    const isWithout = ending.state === 'pruned' && ending.value === undefined;
    return { ...ending, ...(isWithout && value !== undefined ? { value } : {}), intermediate };
  }

  /** Makes every trial wait for the results up to its number minus the lag, so that a stop rule may decide on them. */
  watch(): void {
    this.#watched = true;
  }

  /** Lowers the limit of trials. */
  limitTo(trials: number): void {
    this.#limit = Math.min(this.#limit, trials);
  }

  /** Keeps a fact about the study in the journal. */
  note(key: string, value: unknown): void {
    this.#journal?.note(key, value);
  }

  /** Iterates over the finished trials by number; from a file without holding them. */
  async *trials(): AsyncGenerator<FinishedTrial<P>> {
    for await (const { number, params, budget = 1, ending } of this.#journal?.finished() ?? []) {
      if (ending === undefined) continue;
      yield this.#whole({ number, flat: params as FlatParams, budget }, withFiniteValues(ending));
    }
  }

  /**
   * Returns which parameters matter for an objective, and which of them together: see {@link importanceOf}. The study's seed unless another is
   * given.
   *
   * @throws UsageError `TOO_FEW_TRIALS`, `NO_VARIANCE`, `INVALID_OPTION`
   */
  async importance(options: ImportanceOptions = {}): Promise<Importance> {
    const valued: ValuedTrial[] = [];
    for await (const trial of this.trials()) {
      if (trial.state !== 'complete') continue;
      valued.push({ params: this.space.toFlat(trial.params), values: trial.values });
    }
    return importanceOf(this.space, valued, { seed: this.seed, ...options });
  }

  /** Hands what was recorded to the operating system. */
  flush(): void {
    this.#journal?.flush();
  }

  /** Closes the journal; trials that are still pending run again on resume. Calling it twice is harmless. */
  async close(): Promise<void> {
    await this.#journal?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Takes a trial from the journal, while it is opened. */
  restore({ number, params, budget = 1, saw, ending: recorded, enqueued, foreign, state }: JournalTrial): void {
    const flat = params as FlatParams;
    const placed = { number, flat, budget, ...(saw === undefined ? {} : { saw }) };
    const ending = recorded ? withFiniteValues(recorded) : foreign ? this.#refusal(state, flat) : undefined;
    this.#created = Math.max(this.#created, number + 1);
    if (enqueued) this.#enqueuedCount++;
    if (enqueued && !foreign) this.#enqueued.set(number, flat);
    this.#remember(placed, enqueued);
    if (ending !== undefined) {
      this.#tally.add(number, ending, () => this.#whole(placed, ending));
      if (this.#remembers) this.#ended[number] = ending;
    } else if (state === 'waiting') this.#waiting.unshift(placed);
    else this.#reruns.unshift(placed);
  }

  /**
   * Takes the journal, once it is open, and adds the enqueued points that it does not hold yet.
   * @throws UsageError `ENQUEUED_TOO_LATE` for points that it does not hold, where the search has begun to sample
   */
  attach(journal: Journal, enqueue: readonly FlatParams[]): void {
    this.#journal = journal;
    this.#reruns.sort((a, b) => b.number - a.number);
    this.#waiting.sort((a, b) => b.number - a.number);
    for (const flat of this.#missing(enqueue)) {
      const number = this.#created++;
      this.#enqueuedCount++;
      journal.enqueue(number, flat);
      const placed = { number, flat, budget: 1 };
      this.#remember(placed, true);
      this.#waiting.unshift(placed);
    }
    journal.flush();
  }

  /** The points that a journal does not hold yet. Enqueued ones are a study's first trials, so that it begins with them or never has them. */
  #missing(enqueue: readonly FlatParams[]): readonly FlatParams[] {
    const held = [...this.#enqueued].sort(([a], [b]) => a - b).map(([, flat]) => flat);
    const other = enqueue.findIndex(
      (flat, at) => at < held.length && this.space.keyOf(flat) !== this.space.keyOf(held[at]!),
    );
    const first = other === -1 ? held.length : other;
    if (first >= enqueue.length) return [];
    if (other === -1 && this.#created === this.#enqueuedCount) return enqueue.slice(first);
    throw new UsageError('ENQUEUED_TOO_LATE', {
      message: `${this.path ?? 'The study'} has begun without the point ${JSON.stringify(enqueue[first])}: enqueued points are a study's first trials. Give this search another file, or leave out what was not enqueued when the study began.`,
      details: { params: enqueue[first] },
    });
  }

  /** Why an unfinished trial of another program is not run: another one may be running it, or it is no point of the space. */
  #refusal(state: JournalTrial['state'], flat: FlatParams): TrialEnding | undefined {
    if (state === 'running') return { state: 'failed', reason: 'another program began it and did not end it' };
    try {
      if (this.space.allows(this.space.checkFlat(flat))) return undefined;
      return { state: 'failed', reason: 'another program enqueued a point that breaks the constraint' };
    } catch (error) {
      return { state: 'failed', reason: `another program enqueued no point of the space: ${(error as Error).message}` };
    }
  }

  #startWaiting(early: boolean): Pending | 'wait' | undefined {
    const waiting = this.#waiting.at(-1);
    if (waiting === undefined || waiting.number >= this.#limit) return undefined;
    if (this.pruner !== undefined && this.told < waiting.number - this.lag + 1) {
      if (!early) return 'wait';
      this.#sayEarly(waiting.number);
      return this.#start({ ...waiting, saw: this.told });
    }
    return this.#start(waiting);
  }

  #start(waiting: Pending): Pending {
    this.#waiting.pop();
    this.#journal?.start(waiting.number, waiting.flat, waiting.saw);
    return waiting;
  }

  #suggest(early: boolean): Pending | 'wait' | undefined {
    const number = this.#created;
    if (this.#exhausted || number >= this.#limit) return undefined;
    const placed = this.#pointOf(number, early);
    if (placed === 'wait') return placed;
    const { point, saw } = placed;
    if (point === undefined) {
      if (number === 0 && this.space.constraint !== undefined) throw noPoint(this.space.size);
      this.#exhausted = true;
      return undefined;
    }
    const { params: flat, budget } = point;
    this.#created++;
    if (saw !== undefined) this.#sayEarly(number);
    this.#journal?.create(number, flat, budget, saw);
    return { number, flat, budget, ...(saw === undefined ? {} : { saw }) };
  }

  /**
   * What the sampler says to the results up to the lag, or to one more at a time until it knows. So how many it sees depends on what they are, and never on
   * how many are known already; but for a question that comes early, which is answered by what is known: `saw` says how many that are.
   */
  #pointOf(
    number: number,
    early: boolean,
  ): { readonly point: BudgetedPoint | undefined; readonly saw?: number } | 'wait' {
    const { looksBack, budgets } = this.sampler;
    const ordinal = number - this.#enqueuedCount;
    const awaited = budgets === undefined ? 0 : this.#enqueuedCount + budgets.awaits(ordinal);
    const answerTo = (visible: number): BudgetedPoint | 'later' | undefined => {
      const question = { number, ordinal, lag: this.lag, ...(looksBack ? this.#visible(visible) : NOTHING) };
      return budgets === undefined ? whole(this.sampler.suggest(question)) : budgets.place(question);
    };
    // What was answered 'later' would be answered so again.
    const asked = this.#asking.number === number ? this.#asking.visible : 0;
    for (let visible = Math.max(asked, number - this.lag + 1, awaited, 0); ; visible++) {
      this.#asking = { number, visible };
      if ((this.#remembers || this.#watched) && this.told < visible) {
        const point = early ? answerTo(this.told) : 'later';
        return point === 'later' ? 'wait' : { point, saw: this.told };
      }
      const point = answerTo(visible);
      if (point !== 'later') return { point };
    }
  }

  /** Says in the journal, once a session, that the study is no longer the same whenever results are told. */
  #sayEarly(number: number): void {
    if (!this.#wasEarly) this.note('askedEarly', { trial: number, told: this.told });
    this.#wasEarly = true;
  }

  /** What a sampler that looks back may know of the earlier trials: of the first ones everything, of the rest the parameters. */
  #visible(count: number): Pick<Suggestion, 'history' | 'pending'> {
    while (this.#history.length < count) {
      const number = this.#history.length;
      this.#history.push({ ...this.#asked[number]!, ending: this.#ended[number]! });
    }
    // A trial that runs again may see fewer results than the last one that was asked for.
    const history = this.#history.length === count ? this.#history : this.#history.slice(0, count);
    return { history, pending: this.#asked.slice(count) };
  }

  /** Lets a trial that repeats an earlier one end as that one does. */
  #copies(placed: Pending): boolean {
    const { number } = placed;
    const first = this.#remember(placed, false);
    if (first === undefined || first >= number) return false;
    const ended = this.#tally.at(first);
    if (ended !== undefined) this.#finish(placed, copyOf(first, ended));
    else {
      const followers = this.#followers.get(first);
      if (followers === undefined) this.#followers.set(first, [placed]);
      else followers.push(placed);
    }
    return true;
  }

  /** Lets a trial end as another study's of the same point did, unless its own rule would have stopped that one: then it runs, as far as it may. */
  #takesOver(placed: Pending, rule: PruneRule | undefined): boolean {
    const ending = placed.budget === 1 ? this.#known?.of(this.space.keyOf(placed.flat)) : undefined;
    if (ending === undefined || stopsAmong(rule, ending.intermediate ?? [], this.directions[0]!)) return false;
    this.#takenOver++;
    this.#finish(placed, ending);
    return true;
  }

  /** Remembers a point where repeats are possible, and returns the first trial that had it before. */
  #remember({ number, flat, budget, saw }: Pending, enqueued: boolean): number | undefined {
    if (this.#remembers) {
      this.#asked[number] = { number, params: flat, budget, ...(saw === undefined ? {} : { saw }) };
    }
    // A sampler that never repeats itself can only repeat what was enqueued.
    if (this.sampler.distinct && !enqueued && this.#points.size === 0) return undefined;
    const key = budget === 1 ? this.space.keyOf(flat) : `${this.space.keyOf(flat)} on ${budget}`;
    const first = this.#points.get(key);
    if (!this.sampler.distinct || enqueued) this.#points.add(key, number);
    return first;
  }

  #finish(placed: Pending, ending: TrialEnding): void {
    const { number, flat, budget } = placed;
    this.#journal?.finish(number, flat, budget, ending);
    const trial = (): FinishedTrial<P> => this.#whole(placed, ending);
    this.#tally.add(number, ending, trial);
    if (this.#remembers) this.#ended[number] = ending;
    this.onFinished?.(trial);
  }

  #whole({ number, flat, budget }: Pending, ending: TrialEnding): FinishedTrial<P> {
    return { number, params: this.space.fromFlat(flat), budget, ...ending };
  }

  /** A value on part of the data is no value of the study: its trial counts as pruned there. */
  #checked(ending: TrialEnding, budget: number): TrialEnding {
    if (ending.state !== 'complete') return ending;
    const values = checkedValues(ending.values, this.directions.length);
    const finite = withFiniteValues(ending);
    if (finite.state !== 'complete' || budget === 1) return finite;
    const { values: _values, ...report } = ending;
    return {
      ...report,
      state: 'pruned',
      value: values[0],
      reason: `a run over ${shareText(budget, this.sampler.budgets?.fidelity)}`,
    };
  }
}

interface Pending {
  readonly number: number;
  readonly flat: FlatParams;
  readonly budget: number;
  /** As of a {@link SeenTrial}. */
  readonly saw?: number;
}

function numberOf(trial: unknown): number {
  const number = typeof trial === 'number' ? trial : (trial as Partial<Trial<unknown>> | null | undefined)?.number;
  if (typeof number === 'number') return number;
  const hint = trial === undefined ? ' There is none when ask returns undefined: the study has no more.' : '';
  throw new UsageError('NO_TRIAL', {
    message: `Give a trial that ask returned, or its number, not ${givenText(trial)}.${hint}`,
    details: { trial },
  });
}

/** The error for a constraint under which a search has nothing to try. */
const noPoint = (size: number | bigint): UsageError =>
  new UsageError('CONSTRAINT_TOO_TIGHT', {
    message: `The constraint refused every combination of the parameters, ${countText(size)} in all: there is nothing to try. Correct the constraint, or declare other ranges.`,
    details: { combinations: String(size) },
  });

const whole = (params: FlatParams | undefined): BudgetedPoint | undefined => params && { params, budget: 1 };

const NOTHING: Pick<Suggestion, 'history' | 'pending'> = { history: [], pending: [] };

/** What a trial ends with that repeats another. */
function copyOf(first: number, { state, values }: TrialSummary): TrialEnding {
  const duplicateOf = first;
  switch (state) {
    case 'complete':
      return { state, values: values as readonly [number, ...number[]], duplicateOf };
    case 'pruned': {
      const value = values[0]!;
      return { state, reason: `as trial ${first}`, ...(Number.isNaN(value) ? {} : { value }), duplicateOf };
    }
    case 'failed':
      return { state, reason: `as trial ${first}, which has the same parameters`, duplicateOf };
  }
}
