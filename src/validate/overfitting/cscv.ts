import { assertFinite, assertInteger } from '../../core/assert.js';
import { log } from '../../core/elementary.js';
import { UsageError } from '../../core/errors.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { stochasticDominance } from './stochastic-dominance.js';

/** What {@link cscv} returns. Lists hold one number for each split, in lexicographic order of the blocks that are in-sample. */
export interface CrossValidation {
  readonly blocks: number;
  readonly splits: number;
  /** Returns that took part: the newest ones, a multiple of `blocks`. */
  readonly observations: number;
  readonly trials: number;
  /** Probability of backtest overfitting: share of splits in which the best in-sample is at or below the median out-of-sample. */
  readonly pbo: number;
  /** Logit of the best trial's relative rank out-of-sample: above 0 it is better than the median. */
  readonly logits: Float64Array;
  /** Sharpe ratio per observation of the best trial in-sample, and of the same trial out-of-sample. */
  readonly inSample: Float64Array;
  readonly outOfSample: Float64Array;
  /** Least squares line of the second over the first: a slope below 0 says that better in-sample is worse out-of-sample. */
  readonly degradation: { readonly slope: number; readonly intercept: number; readonly rSquared: number };
  /** Share of splits in which the best in-sample loses out-of-sample. */
  readonly probabilityOfLoss: number;
  /** Whether choosing the best in-sample is better than choosing any trial at random, judged out-of-sample. */
  readonly dominance: { readonly firstOrder: boolean; readonly secondOrder: boolean };
}

/** Values of all trials out-of-sample that the dominance is judged on, at most: evenly picked splits. */
const POOLED_MAX = 1_000_000;
/** A variance below this share of the mean square is what rounding has left over: the returns do not vary. */
const FLAT = 1e-13;

/**
 * Judges a choice among trials by combinatorially symmetric cross-validation (Bailey, Borwein, López de Prado and Zhu 2015, The Probability
 * of Backtest Overfitting): returns are cut into blocks, every half of the blocks is in-sample once and the other half out-of-sample.
 *
 * Rules where the paper is silent: the oldest returns are left out where they do not divide into blocks; trials are measured by mean over
 * sample deviation, 0 where a half does not vary; of equal trials in-sample the first one is chosen; out-of-sample equals share the mean of
 * their ranks; the relative rank is `rank / (trials + 1)`.
 *
 * @param series returns of each trial, of equal length, at least two trials and two returns in each half
 * @param blocks even, 2 to 24; 16 makes 12,870 splits. @defaultValue 16
 * @throws UsageError `TOO_FEW_TRIALS`, `TOO_FEW_RETURNS`, `UNEQUAL_SERIES`, `NOT_A_NUMBER` for a return that is none
 */
export function cscv(series: readonly ReadonlyFloat64Array[], blocks = 16): CrossValidation {
  return Splits.of(series, blocks).judgeAll();
}

/** The splits of some series in memory that threads share: plain data, which a message to a thread passes. */
export interface SplitsHandle {
  readonly trials: number;
  readonly blocks: number;
  /** Returns in each half. */
  readonly half: number;
  readonly memory: SharedArrayBuffer;
}

/** First blocks of the halves of a part of all splits; every part can be judged by another thread. */
export type Beginning = readonly number[];

/** Blocks that a beginning has at most: those of 16 blocks make 45 parts, of which the largest is a fifth. */
const BEGINNING = 3;

/** All splits of the blocks of some series, and what is found of each. */
export class Splits {
  readonly handle: SplitsHandle;
  readonly #means: Float64Array;
  /** By block, then trial: sums and sums of squares of what returns are above their trial's mean. */
  readonly #sums: readonly Float64Array[];
  readonly #squares: readonly Float64Array[];
  readonly #totalSums: Float64Array;
  readonly #totalSquares: Float64Array;
  readonly #logits: Float64Array;
  readonly #inSample: Float64Array;
  readonly #outOfSample: Float64Array;
  /** Performance out-of-sample of all trials in every `#pooledEvery`-th split. */
  readonly #pooled: Float64Array;
  readonly #pooledEvery: number;
  /** Performance over the two halves of the split at hand. */
  readonly #first: Float64Array;
  readonly #second: Float64Array;
  /** By twice the rank; NaN where it has not come up. */
  readonly #logitsOfRanks: Float64Array;

  /** Attaches to splits, those of another thread too. */
  constructor(handle: SplitsHandle) {
    const { trials, blocks, memory } = handle;
    let offset = 0;
    const take = (length: number): Float64Array => {
      const column = new Float64Array(memory, offset, length);
      offset += column.byteLength;
      return column;
    };
    const byBlock = (): Float64Array[] => Array.from({ length: blocks }, () => take(trials));
    const { splits, pooledEvery, pooled } = sizesOf(trials, blocks);
    this.handle = handle;
    this.#means = take(trials);
    this.#sums = byBlock();
    this.#squares = byBlock();
    this.#totalSums = take(trials);
    this.#totalSquares = take(trials);
    this.#logits = take(splits);
    this.#inSample = take(splits);
    this.#outOfSample = take(splits);
    this.#pooledEvery = pooledEvery;
    this.#pooled = take(pooled * trials);
    this.#first = new Float64Array(trials);
    this.#second = new Float64Array(trials);
    this.#logitsOfRanks = new Float64Array(2 * trials + 1).fill(Number.NaN);
  }

  /** Cuts series into blocks. Throws what {@link cscv} throws. */
  static of(series: readonly ReadonlyFloat64Array[], blocks: number): Splits {
    assertInteger('blocks', blocks, { min: 2, max: 24 });
    if (blocks % 2 === 1) {
      throw new UsageError('OUT_OF_RANGE', {
        message: `blocks must be even, so that they split into halves, but is ${blocks}.`,
        details: { blocks },
      });
    }
    const length = Math.floor(lengthOf(series) / blocks);
    if (length * blocks < 4) {
      throw new UsageError('TOO_FEW_RETURNS', {
        message: `${blocks} blocks need at least ${Math.max(blocks, 4)} returns of each trial, not ${series[0]!.length}. Use fewer blocks, or a longer record.`,
        details: { blocks, returns: series[0]!.length },
      });
    }
    const trials = series.length;
    const { values } = sizesOf(trials, blocks);
    const memory = new SharedArrayBuffer(values * Float64Array.BYTES_PER_ELEMENT);
    const splits = new Splits({ trials, blocks, half: (blocks * length) / 2, memory });
    series.forEach((returns, trial) => {
      splits.#take(returns, trial, length);
    });
    return splits;
  }

  /** How many splits there are. */
  get count(): number {
    return this.#logits.length;
  }

  #take(returns: ReadonlyFloat64Array, trial: number, length: number): void {
    const { blocks, half } = this.handle;
    const from = returns.length - 2 * half;
    let sum = 0;
    for (let i = from; i < returns.length; i++) sum += returns[i]!;
    const mean = sum / (2 * half);
    this.#means[trial] = mean;
    for (let block = 0; block < blocks; block++) {
      let [above, square] = [0, 0];
      for (let i = from + block * length; i < from + (block + 1) * length; i++) {
        const deviation = returns[i]! - mean;
        above += deviation;
        square += deviation * deviation;
      }
      this.#sums[block]![trial] = above;
      this.#squares[block]![trial] = square;
      this.#totalSums[trial]! += above;
      this.#totalSquares[trial]! += square;
    }
  }

  /** The beginnings of the halves that hold block 0, in lexicographic order: judging each of them judges all splits. */
  beginnings(): Beginning[] {
    const { blocks } = this.handle;
    const chosen = blocks / 2;
    const found: Beginning[] = [];
    const choose = (beginning: Beginning): void => {
      if (beginning.length === Math.min(BEGINNING, chosen)) {
        found.push(beginning);
        return;
      }
      for (let next = beginning.at(-1)! + 1; next <= blocks - chosen + beginning.length; next++) {
        choose([...beginning, next]);
      }
    };
    choose([0]);
    return found;
  }

  /** Judges all splits in this thread. */
  judgeAll(): CrossValidation {
    for (const beginning of this.beginnings()) this.judge(beginning);
    return this.result();
  }

  /**
   * Judges the splits whose half in-sample begins so, in lexicographic order. The other half of the n-th split is the n-th from the end, so each visit
   * judges two. Sums are carried down the tree of choices: a split costs little more than one addition for each trial.
   */
  judge(beginning: Beginning): void {
    const { trials, blocks } = this.handle;
    const chosen = blocks / 2;
    const sums = Array.from({ length: chosen + 1 }, () => new Float64Array(trials));
    const squares = Array.from({ length: chosen + 1 }, () => new Float64Array(trials));
    let split = placeOf(beginning, blocks);
    const choose = (depth: number, block: number): void => {
      add(sums[depth]!, this.#sums[block]!, sums[depth + 1]!);
      add(squares[depth]!, this.#squares[block]!, squares[depth + 1]!);
      const next = depth + 1;
      if (next === chosen) this.#judgeBoth(split++, sums[chosen]!, squares[chosen]!);
      else if (next < beginning.length) choose(next, beginning[next]!);
      else for (let other = block + 1; other <= blocks - chosen + next; other++) choose(next, other);
    };
    choose(0, beginning[0]!);
  }

  /** What is found once all splits are judged. */
  result(): CrossValidation {
    const { blocks, half, trials } = this.handle;
    const logits = this.#logits.slice();
    const [inSample, outOfSample] = [this.#inSample.slice(), this.#outOfSample.slice()];
    const share = (values: Float64Array, isCounted: (value: number) => boolean): number =>
      values.reduce((count, value) => count + (isCounted(value) ? 1 : 0), 0) / logits.length;
    return {
      blocks,
      splits: logits.length,
      observations: 2 * half,
      trials,
      pbo: share(logits, (value) => value <= 0),
      logits,
      inSample,
      outOfSample,
      degradation: leastSquares(inSample, outOfSample),
      probabilityOfLoss: share(outOfSample, (value) => value < 0),
      dominance: stochasticDominance(outOfSample, this.#pooled),
    };
  }

  #judgeBoth(split: number, sums: Float64Array, squares: Float64Array): void {
    const [first, second] = [this.#first, this.#second];
    const { half } = this.handle;
    const [means, totalSums, totalSquares] = [this.#means, this.#totalSums, this.#totalSquares];
    for (let trial = 0; trial < first.length; trial++) {
      const sum = sums[trial]!;
      const square = squares[trial]!;
      const mean = means[trial]!;
      first[trial] = performance(sum, square, mean, half);
      second[trial] = performance(totalSums[trial]! - sum, totalSquares[trial]! - square, mean, half);
    }
    this.#judgeOne(split, first, second);
    this.#judgeOne(this.#logits.length - 1 - split, second, first);
  }

  /** The logit of a relative rank. There are few ranks, so each is found once. */
  #logitOf(rank: number): number {
    const known = this.#logitsOfRanks[2 * rank]!;
    if (!Number.isNaN(known)) return known;
    const relative = rank / (this.handle.trials + 1);
    const logit = relative === 0.5 ? 0 : log(relative / (1 - relative));
    this.#logitsOfRanks[2 * rank] = logit;
    return logit;
  }

  #judgeOne(split: number, inSample: Float64Array, outOfSample: Float64Array): void {
    const best = placeOfLargest(inSample);
    const value = outOfSample[best]!;
    this.#logits[split] = this.#logitOf(rankOf(value, outOfSample));
    this.#inSample[split] = inSample[best]!;
    this.#outOfSample[split] = value;
    if (split % this.#pooledEvery === 0)
      this.#pooled.set(outOfSample, (split / this.#pooledEvery) * outOfSample.length);
  }
}

/** How many splits there are, which of them give all trials to the pool, and how many values all tables hold. */
function sizesOf(trials: number, blocks: number) {
  const splits = binomial(blocks, blocks / 2);
  const pooledEvery = Math.ceil((splits * trials) / POOLED_MAX);
  const pooled = Math.floor((splits - 1) / pooledEvery) + 1;
  return { splits, pooledEvery, pooled, values: (3 + 2 * blocks + pooled) * trials + 3 * splits };
}

/** How many splits come before the first that begins so. */
function placeOf(beginning: Beginning, blocks: number): number {
  let before = 0;
  for (let depth = 1; depth < beginning.length; depth++) {
    for (let block = beginning[depth - 1]! + 1; block < beginning[depth]!; block++) {
      before += binomial(blocks - 1 - block, blocks / 2 - depth - 1);
    }
  }
  return before;
}

/** The first place of the largest value. */
function placeOfLargest(values: Float64Array): number {
  let place = 0;
  let largest = values[0]!;
  for (let i = 1; i < values.length; i++) {
    if (values[i]! > largest) {
      largest = values[i]!;
      place = i;
    }
  }
  return place;
}

/** The rank of a value that is among the values, from 1, the least; equals share the mean of theirs. */
function rankOf(value: number, values: Float64Array): number {
  let below = 0;
  let upTo = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! < value) below++;
    if (values[i]! <= value) upTo++;
  }
  return (below + upTo + 1) / 2;
}

/** Mean over sample deviation of returns, from the sums of what they are above `mean`. */
function performance(sum: number, square: number, mean: number, count: number): number {
  const centred = square - (sum * sum) / count;
  return centred > square * FLAT ? (mean + sum / count) / Math.sqrt(centred / (count - 1)) : 0;
}

function add(a: Float64Array, b: Float64Array, into: Float64Array): void {
  for (let i = 0; i < into.length; i++) into[i] = a[i]! + b[i]!;
}

/** Checks that there are at least two series of one length, and returns it. */
export function lengthOf(series: readonly ReadonlyFloat64Array[]): number {
  if (series.length < 2) {
    throw new UsageError('TOO_FEW_TRIALS', {
      message: `A choice needs at least two trials with returns, not ${series.length}.`,
      details: { trials: series.length },
    });
  }
  const { length } = series[0]!;
  const odd = series.findIndex((each) => each.length !== length);
  if (odd >= 0) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `Trials are compared over the same returns, but the first has ${length} and number ${odd} has ${series[odd]!.length}.`,
      details: { index: odd },
    });
  }
  for (const [trial, returns] of series.entries()) assertFinite(`series[${trial}]`, returns);
  return length;
}

/** Returns the line of least squares of `y` over `x`; a slope of 0 where x does not vary. */
export function leastSquares(
  x: ReadonlyFloat64Array,
  y: ReadonlyFloat64Array,
): { readonly slope: number; readonly intercept: number; readonly rSquared: number } {
  const { length } = x;
  let [meanX, meanY] = [0, 0];
  for (let i = 0; i < length; i++) {
    meanX += x[i]! / length;
    meanY += y[i]! / length;
  }
  let [xx, xy, yy] = [0, 0, 0];
  for (let i = 0; i < length; i++) {
    const [dx, dy] = [x[i]! - meanX, y[i]! - meanY];
    xx += dx * dx;
    xy += dx * dy;
    yy += dy * dy;
  }
  const slope = xx > 0 ? xy / xx : 0;
  return { slope, intercept: meanY - slope * meanX, rSquared: xx > 0 && yy > 0 ? (xy * xy) / (xx * yy) : 0 };
}

function binomial(n: number, k: number): number {
  let value = 1;
  for (let i = 1; i <= k; i++) value = (value * (n - k + i)) / i;
  return Math.round(value);
}
