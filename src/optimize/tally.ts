import type { CompleteTrial, Direction, FinishedTrial, TrialEnding } from './trial.js';

/** How many trials ended how. `duplicate` counts those among them that copy an earlier one. */
export interface TrialCounts {
  readonly total: number;
  readonly complete: number;
  readonly pruned: number;
  readonly failed: number;
  readonly duplicate: number;
}

const STATES = ['running', 'complete', 'pruned', 'failed'] as const;

/** What is kept of every trial: its state and values, 1 byte and 8 bytes an objective. */
export interface TrialSummary {
  readonly state: 'complete' | 'pruned' | 'failed';
  /** One an objective; NaN where there is none. */
  readonly values: readonly number[];
}

/** Counts, ranks and columns over the trials of a study, fed in any order. Its memory is 9 bytes a trial and objective. */
export class Tally<P> {
  readonly directions: readonly Direction[];
  /** How many of the best are kept whole. */
  readonly topSize: number;
  readonly #counts = { complete: 0, pruned: 0, failed: 0, duplicate: 0 };
  #states = new Uint8Array(1024);
  #values: Float64Array;
  #told = 0;
  readonly #top: CompleteTrial<P>[] = [];
  #front: CompleteTrial<P>[] = [];

  constructor(directions: readonly Direction[], topSize: number) {
    this.directions = directions;
    this.topSize = topSize;
    this.#values = new Float64Array(1024 * directions.length);
  }

  get counts(): TrialCounts {
    const { complete, pruned, failed } = this.#counts;
    return { total: complete + pruned + failed, ...this.#counts };
  }

  /** How many trials from number 0 on have all ended. */
  get told(): number {
    return this.#told;
  }

  /** The best complete trials, best first, by the first objective; ties by number. */
  get top(): readonly CompleteTrial<P>[] {
    return this.#top;
  }

  /** The complete trials that no other one beats in every objective, by number. With one objective: the best. */
  get front(): readonly CompleteTrial<P>[] {
    return this.directions.length === 1 ? this.#top.slice(0, 1) : this.#front;
  }

  /** Returns the state and values of an ended trial; undefined when it has not ended. */
  at(number: number): TrialSummary | undefined {
    const state = STATES[this.#states[number] ?? 0]!;
    if (state === 'running') return undefined;
    const stride = this.directions.length;
    return { state, values: [...this.#values.subarray(number * stride, (number + 1) * stride)] };
  }

  /** Returns the first value of a complete trial; NaN for any other. */
  valueOf(number: number): number {
    return this.#states[number] === 1 ? this.#values[number * this.directions.length]! : Number.NaN;
  }

  /** Tells whether value `a` is better than `b` in an objective. */
  isBetter(a: number, b: number, objective = 0): boolean {
    return this.directions[objective] === 'maximize' ? a > b : a < b;
  }

  /** Adds an ended trial. `whole` makes it whole, when it is worth keeping so. */
  add(number: number, ending: TrialEnding, whole: () => FinishedTrial<P>): void {
    this.#reserve(number + 1);
    this.#states[number] = STATES.indexOf(ending.state);
    const values = valuesOf(ending);
    const stride = this.directions.length;
    for (let objective = 0; objective < stride; objective++) {
      this.#values[number * stride + objective] = values[objective] ?? Number.NaN;
    }
    this.#counts[ending.state]++;
    if (ending.duplicateOf !== undefined) this.#counts.duplicate++;
    while (this.#states[this.#told] !== 0 && this.#told < this.#states.length) this.#told++;
    if (ending.state !== 'complete') return;
    this.#rank(number, ending.values, whole as () => CompleteTrial<P>);
    if (stride > 1) this.#enterFront(ending.values, whole as () => CompleteTrial<P>);
  }

  #rank(number: number, values: readonly number[], whole: () => CompleteTrial<P>): void {
    const value = values[0]!;
    const isBehind = (other: CompleteTrial<P>): boolean =>
      this.isBetter(other.values[0], value) || (other.values[0] === value && other.number < number);
    let place = this.#top.length;
    while (place > 0 && !isBehind(this.#top[place - 1]!)) place--;
    if (place >= this.topSize) return;
    this.#top.splice(place, 0, whole());
    if (this.#top.length > this.topSize) this.#top.pop();
  }

  #enterFront(values: readonly number[], whole: () => CompleteTrial<P>): void {
    if (this.#front.some((other) => this.#beats(other.values, values))) return;
    this.#front = [...this.#front.filter((other) => !this.#beats(values, other.values)), whole()];
    this.#front.sort((a, b) => a.number - b.number);
  }

  /** Nowhere worse and somewhere better. */
  #beats(a: readonly number[], b: readonly number[]): boolean {
    let better = false;
    for (let objective = 0; objective < a.length; objective++) {
      if (this.isBetter(b[objective]!, a[objective]!, objective)) return false;
      if (this.isBetter(a[objective]!, b[objective]!, objective)) better = true;
    }
    return better;
  }

  #reserve(count: number): void {
    if (count <= this.#states.length) return;
    const length = Math.max(count, this.#states.length * 2);
    const states = new Uint8Array(length);
    states.set(this.#states);
    const values = new Float64Array(length * this.directions.length);
    values.set(this.#values);
    this.#states = states;
    this.#values = values;
  }
}

function valuesOf(ending: TrialEnding): readonly number[] {
  if (ending.state === 'complete') return ending.values;
  return ending.state === 'pruned' && ending.value !== undefined ? [ending.value] : [];
}
