import type { Direction, TrialEnding } from '../trial.js';
import type { SeenTrial, Suggestion } from './sampler.js';
import type { UnitCube } from './unit-cube.js';

/** What a trial without a value counts as: worse than any value. */
const WORST = Number.POSITIVE_INFINITY;

/**
 * The history of a study as numbers, for samplers that build on it: coordinates in the unit cube and values to be minimised. It grows
 * with its study, a step for each new trial, and starts over when it is asked about another history.
 *
 * Failed trials and those of other programs that are no points of the space are left out. A pruned trial without a value, and one
 * pruned before its end, counts as worse than every complete one: its place is known to be bad.
 */
export class Observations {
  readonly cube: UnitCube;
  readonly #directions: readonly Direction[];
  #coordinates: Float64Array;
  #losses: Float64Array;
  #numbers: Uint32Array;
  #count = 0;
  #read = 0;
  #last: SeenTrial | undefined;

  constructor(cube: UnitCube, directions: readonly Direction[]) {
    this.cube = cube;
    this.#directions = directions;
    this.#coordinates = new Float64Array(64 * cube.size);
    this.#losses = new Float64Array(64 * directions.length);
    this.#numbers = new Uint32Array(64);
  }

  /** Trials held. */
  get count(): number {
    return this.#count;
  }

  /** Coordinates, those of one trial side by side; to be read only. */
  get coordinates(): Float64Array {
    return this.#coordinates;
  }

  /** Returns a trial's value in an objective, negated where it is maximised; Infinity where it has none. */
  lossOf(index: number, objective = 0): number {
    return this.#losses[index * this.#directions.length + objective]!;
  }

  /** Returns the number of the trial in the study. */
  numberOf(index: number): number {
    return this.#numbers[index]!;
  }

  /** Takes the history of a question. Returns true when it goes on from the last one, false when all was taken afresh. */
  take({ history }: Suggestion): boolean {
    const goesOn = this.#read <= history.length && (this.#read === 0 || history[this.#read - 1] === this.#last);
    if (!goesOn) {
      this.#count = 0;
      this.#read = 0;
    }
    for (; this.#read < history.length; this.#read++) this.#add(history[this.#read]!);
    this.#last = history[this.#read - 1];
    return goesOn;
  }

  #add({ number, params, ending }: SeenTrial): void {
    if (ending.state === 'failed') return;
    this.#reserve();
    if (!this.cube.encode(params, this.#coordinates, this.#count * this.cube.size)) return;
    const objectives = this.#directions.length;
    for (let objective = 0; objective < objectives; objective++) {
      this.#losses[this.#count * objectives + objective] = this.#loss(ending, objective);
    }
    this.#numbers[this.#count++] = number;
  }

  #loss(ending: TrialEnding, objective: number): number {
    const value = ending.state === 'complete' ? ending.values[objective]! : Number.NaN;
    if (Number.isNaN(value)) return WORST;
    return this.#directions[objective] === 'maximize' ? -value : value;
  }

  #reserve(): void {
    if (this.#count < this.#numbers.length) return;
    this.#coordinates = doubled(this.#coordinates, new Float64Array(2 * this.#coordinates.length));
    this.#losses = doubled(this.#losses, new Float64Array(2 * this.#losses.length));
    this.#numbers = doubled(this.#numbers, new Uint32Array(2 * this.#numbers.length));
  }
}

function doubled<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from as never);
  return to;
}
