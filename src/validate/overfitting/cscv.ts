import { assertInteger } from '../../core/assert.js';
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
 * @throws UsageError `TOO_FEW_TRIALS`, `TOO_FEW_RETURNS`, `UNEQUAL_SERIES`
 */
export function cscv(series: readonly ReadonlyFloat64Array[], blocks = 16): CrossValidation {
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
  return new Splits(series, blocks, length).judge();
}

/** All splits of the blocks of some series. */
class Splits {
  readonly #trials: number;
  readonly #blocks: number;
  readonly #half: number;
  readonly #means: Float64Array;
  /** By block, then trial: sums and sums of squares of what returns are above their trial's mean. */
  readonly #sums: Float64Array[];
  readonly #squares: Float64Array[];
  readonly #totalSums: Float64Array;
  readonly #totalSquares: Float64Array;
  readonly #splits: number;
  readonly #logits: Float64Array;
  readonly #inSample: Float64Array;
  readonly #outOfSample: Float64Array;
  readonly #pooled: Float64Array;
  readonly #pooledEvery: number;
  #pooledCount = 0;
  /** Performance over the two halves of the split at hand. */
  readonly #first: Float64Array;
  readonly #second: Float64Array;

  constructor(series: readonly ReadonlyFloat64Array[], blocks: number, length: number) {
    const trials = series.length;
    const used = blocks * length;
    const make = (): Float64Array[] => Array.from({ length: blocks }, () => new Float64Array(trials));
    this.#trials = trials;
    this.#blocks = blocks;
    this.#half = used / 2;
    this.#means = new Float64Array(trials);
    this.#sums = make();
    this.#squares = make();
    this.#totalSums = new Float64Array(trials);
    this.#totalSquares = new Float64Array(trials);
    series.forEach((returns, trial) => {
      const from = returns.length - used;
      let sum = 0;
      for (let i = from; i < returns.length; i++) sum += returns[i]!;
      const mean = sum / used;
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
    });
    this.#splits = binomial(blocks, blocks / 2);
    this.#logits = new Float64Array(this.#splits);
    this.#inSample = new Float64Array(this.#splits);
    this.#outOfSample = new Float64Array(this.#splits);
    this.#pooledEvery = Math.ceil((this.#splits * trials) / POOLED_MAX);
    this.#pooled = new Float64Array((Math.floor((this.#splits - 1) / this.#pooledEvery) + 1) * trials);
    this.#first = new Float64Array(trials);
    this.#second = new Float64Array(trials);
  }

  judge(): CrossValidation {
    this.#walk();
    const { length } = this.#logits;
    const logits = this.#logits;
    const [inSample, outOfSample] = [this.#inSample, this.#outOfSample];
    const share = (values: Float64Array, isCounted: (value: number) => boolean): number =>
      values.reduce((count, value) => count + (isCounted(value) ? 1 : 0), 0) / length;
    return {
      blocks: this.#blocks,
      splits: length,
      observations: 2 * this.#half,
      trials: this.#trials,
      pbo: share(logits, (value) => value <= 0),
      logits,
      inSample,
      outOfSample,
      degradation: leastSquares(inSample, outOfSample),
      probabilityOfLoss: share(outOfSample, (value) => value < 0),
      dominance: stochasticDominance(outOfSample, this.#pooled.subarray(0, this.#pooledCount)),
    };
  }

  /**
   * Goes through the halves that hold block 0, in lexicographic order. The other half of the n-th is the n-th from the end, so each visit
   * judges two splits. Sums are carried down the tree of choices: a split costs little more than one addition for each trial.
   */
  #walk(): void {
    const chosen = this.#blocks / 2;
    const sums = Array.from({ length: chosen + 1 }, () => new Float64Array(this.#trials));
    const squares = Array.from({ length: chosen + 1 }, () => new Float64Array(this.#trials));
    let split = 0;
    const choose = (depth: number, block: number): void => {
      add(sums[depth]!, this.#sums[block]!, sums[depth + 1]!);
      add(squares[depth]!, this.#squares[block]!, squares[depth + 1]!);
      if (depth + 1 === chosen) {
        this.#judgeBoth(split++, sums[chosen]!, squares[chosen]!);
        return;
      }
      const last = this.#blocks - (chosen - depth - 1);
      for (let next = block + 1; next <= last; next++) choose(depth + 1, next);
    };
    choose(0, 0);
  }

  #judgeBoth(split: number, sums: Float64Array, squares: Float64Array): void {
    const [first, second, half] = [this.#first, this.#second, this.#half];
    const [means, totalSums, totalSquares] = [this.#means, this.#totalSums, this.#totalSquares];
    for (let trial = 0; trial < first.length; trial++) {
      const sum = sums[trial]!;
      const square = squares[trial]!;
      const mean = means[trial]!;
      first[trial] = performance(sum, square, mean, half);
      second[trial] = performance(totalSums[trial]! - sum, totalSquares[trial]! - square, mean, half);
    }
    this.#judgeOne(split, first, second);
    this.#judgeOne(this.#splits - 1 - split, second, first);
  }

  #judgeOne(split: number, inSample: Float64Array, outOfSample: Float64Array): void {
    const best = placeOfLargest(inSample);
    const value = outOfSample[best]!;
    const relative = rankOf(value, outOfSample) / (outOfSample.length + 1);
    this.#logits[split] = relative === 0.5 ? 0 : log(relative / (1 - relative));
    this.#inSample[split] = inSample[best]!;
    this.#outOfSample[split] = value;
    if (split % this.#pooledEvery === 0) {
      this.#pooled.set(outOfSample, this.#pooledCount);
      this.#pooledCount += outOfSample.length;
    }
  }
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
