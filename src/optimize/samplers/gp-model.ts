import { GaussianProcess } from '../models/gaussian-process.js';
import type { Learned } from './gp-hyperparameters.js';
import type { SeenTrial } from './sampler.js';

/** Points in rows of features. */
export interface Rows {
  readonly count: number;
  readonly features: Float64Array;
}

/** What a process is conditioned on: trials in order, with their features and values. */
export interface Conditions extends Rows {
  readonly trials: readonly SeenTrial[];
  readonly categorical: readonly boolean[];
  readonly values: Float64Array;
}

/**
 * A process that follows a study: as long as the hyperparameters stay, a new trial costs one more row. It is the same to the last bit as
 * one that is made anew from the same history.
 */
export class GpModel {
  readonly #grid: Rows | undefined;
  #learned: Learned | undefined;
  #process = new GaussianProcess([], Float64Array.of(0));
  #columns: SolvedColumns | undefined;
  #trials: readonly SeenTrial[] = [];

  /** @param grid - points that are all to be rated. @defaultValue none */
  constructor(grid?: Rows) {
    this.#grid = grid;
  }

  /** Returns the process for what was learned of a history, with what is pending as believed points on top. */
  follow(learned: Learned, { trials, features, categorical, values }: Conditions, pending?: Rows): GaussianProcess {
    if (learned !== this.#learned) {
      this.#learned = learned;
      this.#process = new GaussianProcess(categorical, learned.hyperparameters);
      this.#columns = this.#grid && new SolvedColumns(this.#grid);
      this.#trials = [];
    }
    const process = this.#process;
    let same = 0;
    while (same < this.#trials.length && this.#trials[same] === trials[same]) same++;
    process.truncate(same);
    this.#columns?.truncate(same);
    this.#trials = trials;
    const width = categorical.length;
    for (let row = same; row < trials.length; row++) process.add(features, row * width);
    process.learn(values);
    for (let row = 0; row < (pending?.count ?? 0); row++) process.add(pending!.features, row * width);
    return process;
  }

  /** The points of the grid as the process sees them; undefined without a grid. */
  get columns(): SolvedColumns | undefined {
    this.#columns?.follow(this.#process);
    return this.#columns;
  }
}

/** Fixed points and what a process, row by row, explains of them. */
export class SolvedColumns {
  readonly count: number;
  /** Of each point the share of the variance that is explained. */
  readonly explained: Float64Array;
  readonly #points: Float64Array;
  readonly #rows: Float64Array[] = [];
  #size = 0;

  constructor({ count, features }: Rows) {
    this.count = count;
    this.explained = new Float64Array(count);
    this.#points = features;
  }

  /** Leaves out all rows but the first ones. */
  truncate(size: number): void {
    if (size >= this.#size) return;
    this.#size = size;
    this.explained.fill(0);
    for (let row = 0; row < size; row++) this.#explain(this.#rows[row]!);
  }

  /** Solves the rows that the process has more. */
  follow(process: GaussianProcess): void {
    for (; this.#size < process.size; this.#size++) {
      this.#rows[this.#size] ??= new Float64Array(this.count);
      const row = this.#rows[this.#size]!;
      process.solveRow(this.#size, this.#points, this.#rows, row);
      this.#explain(row);
    }
  }

  /** Returns what is expected at each point. */
  expectations({ mean, residuals }: GaussianProcess): Float64Array {
    const expected = new Float64Array(this.count).fill(mean);
    for (let index = 0; index < residuals.length; index++) {
      const row = this.#rows[index]!;
      const residual = residuals[index]!;
      for (let at = 0; at < row.length; at++) expected[at]! += residual * row[at]!;
    }
    return expected;
  }

  #explain(row: Float64Array): void {
    const { explained } = this;
    for (let at = 0; at < row.length; at++) explained[at]! += row[at]! * row[at]!;
  }
}
