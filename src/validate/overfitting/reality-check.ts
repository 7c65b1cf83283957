import { assertFinite, assertInteger } from '../../core/assert.js';
import { log } from '../../core/elementary.js';
import { UsageError } from '../../core/errors.js';
import { SeededRandom } from '../../core/random.js';
import type { ReadonlyFloat64Array } from '../../core/readonly-array.js';
import { checkResampling, resample } from '../bootstrap/resampling.js';

/** What {@link realityCheck} returns. Small p-values speak against luck. */
export interface RealityCheck {
  readonly resamples: number;
  /** Mean length of the blocks that were drawn; undefined where rows were given. */
  readonly blockLength: number | undefined;
  /** White (2000): `sqrt(T)` times the largest mean, and the share of resamples with a larger one where no model is any good. */
  readonly whites: { readonly statistic: number; readonly p: number };
  /**
   * Hansen (2005): the same with each mean in units of its deviation. The three p-values take models that do badly for as good as the
   * benchmark (`upper`), drop those that are clearly worse (`consistent`), or drop all that are worse (`lower`).
   */
  readonly spa: {
    readonly statistic: number;
    readonly lower: number;
    readonly consistent: number;
    readonly upper: number;
  };
  /** Deviation of each model's `sqrt(T)` times mean over the resamples. */
  readonly deviations: Float64Array;
}

/** Where resamples come from: drawn by the stationary bootstrap, or given as rows. */
export type Resamples =
  | { readonly resamples: number; readonly blockLength: number; readonly seed: number }
  | { readonly rows: readonly ArrayLike<number>[] };

/** Resamples whose means are taken in one pass over a series. */
const AT_ONCE = 4;

/**
 * Tests whether the best of many models beats a benchmark at all: White's reality check (2000, A Reality Check for Data Snooping) and
 * Hansen's test for superior predictive ability (2005), over the same resamples of the stationary bootstrap.
 *
 * @param differences of each model: its performance over the benchmark's, row by row, of equal length
 * @throws UsageError `UNEQUAL_SERIES`, `TOO_FEW_RETURNS`, `NOT_A_NUMBER` for a value that is none, `OUT_OF_RANGE` for an option or a row that is not there
 */
export function realityCheck(differences: readonly ReadonlyFloat64Array[], source: Resamples): RealityCheck {
  const { length = 0 } = differences[0] ?? [];
  if (length < 3 || differences.some((series) => series.length !== length)) {
    throw new UsageError(length < 3 ? 'TOO_FEW_RETURNS' : 'UNEQUAL_SERIES', {
      message: 'The test needs at least one model, three returns of each, and as many of every one.',
      details: { models: differences.length, returns: length },
    });
  }
  for (const [model, series] of differences.entries()) assertFinite(`differences[${model}]`, series);
  const drawn = drawnRows(source, length);
  const count = drawn.count;
  const root = Math.sqrt(length);
  const means = Float64Array.from(differences, (series) => mean(series));
  // By resample, then model.
  const resampled = resampledMeans(differences, drawn);
  const models = means.length;
  const deviations = means.map((own, model) => {
    let squares = 0;
    for (let b = 0; b < count; b++) squares += (resampled[b * models + model]! - own) ** 2;
    return Math.sqrt((length * squares) / count);
  });
  const threshold = -Math.sqrt(2 * log(log(length)));
  const centres = {
    lower: means.map((own) => Math.max(own, 0)),
    consistent: means.map((own, model) => (root * own >= threshold * deviations[model]! ? own : 0)),
    upper: means,
  };
  // A model that does not vary is the benchmark itself, or nothing that chance could explain.
  const inDeviations = (value: number, model: number): number =>
    deviations[model]! > 0 ? (root * value) / deviations[model]! : 0;
  const statistic = Math.max(0, ...means.map(inDeviations));
  const share = (centre: Float64Array): number => {
    let reached = 0;
    for (let b = 0; b < count; b++) {
      let largest = 0;
      for (let model = 0; model < models; model++) {
        const value = inDeviations(resampled[b * models + model]! - centre[model]!, model);
        if (value > largest) largest = value;
      }
      if (largest >= statistic) reached++;
    }
    return reached / count;
  };
  return {
    resamples: count,
    blockLength: 'blockLength' in source ? source.blockLength : undefined,
    whites: whitesTest(means, resampled, count, root),
    spa: {
      statistic,
      lower: share(centres.lower),
      consistent: share(centres.consistent),
      upper: share(centres.upper),
    },
    deviations,
  };
}

function whitesTest(means: Float64Array, resampled: Float64Array, count: number, root: number): RealityCheck['whites'] {
  const models = means.length;
  const statistic = root * means.reduce((a, b) => Math.max(a, b));
  let reached = 0;
  for (let b = 0; b < count; b++) {
    let largest = Number.NEGATIVE_INFINITY;
    for (let model = 0; model < models; model++) {
      largest = Math.max(largest, resampled[b * models + model]! - means[model]!);
    }
    if (root * largest >= statistic) reached++;
  }
  return { statistic, p: reached / count };
}

interface DrawnRows {
  readonly count: number;
  readonly rows: (resample: number) => ArrayLike<number>;
}

function drawnRows(source: Resamples, length: number): DrawnRows {
  if ('rows' in source) {
    const { rows } = source;
    assertInteger('resamples', rows.length, { min: 1 });
    for (const [index, drawn] of rows.entries()) checkRows(`rows[${index}]`, drawn, length);
    return { count: rows.length, rows: (b) => rows[b]! };
  }
  const { resamples, blockLength, seed } = source;
  assertInteger('resamples', resamples, { min: 1 });
  checkResampling('stationary', blockLength);
  const random = SeededRandom.derive(seed, 'reality check');
  const into = new Int32Array(length);
  return {
    count: resamples,
    rows: () => {
      resample(random, 'stationary', blockLength, into);
      return into;
    },
  };
}

function checkRows(name: string, drawn: ArrayLike<number>, length: number): void {
  if (drawn.length !== length) {
    throw new UsageError('UNEQUAL_SERIES', {
      message: `A resample has as many rows as each model, ${length}, but ${name} has ${drawn.length}.`,
      details: { name, rows: drawn.length, length },
    });
  }
  for (let i = 0; i < length; i++) assertInteger(`${name}[${i}]`, drawn[i], { min: 0, max: length - 1 });
}

/** The mean of every model in every resample: how often each row was drawn, times its value. */
function resampledMeans(differences: readonly ReadonlyFloat64Array[], { count, rows }: DrawnRows): Float64Array {
  const { length } = differences[0]!;
  const models = differences.length;
  const means = new Float64Array(count * models);
  const times = new Float64Array(length * AT_ONCE);
  const sums = new Float64Array(2 * AT_ONCE);
  for (let b = 0; b < count; b += AT_ONCE) {
    times.fill(0);
    const here = Math.min(AT_ONCE, count - b);
    for (let k = 0; k < here; k++) {
      const drawn = rows(b + k);
      for (let i = 0; i < drawn.length; i++) times[drawn[i]! * AT_ONCE + k]!++;
    }
    for (let model = 0; model < models; model += 2) {
      // Two models at once read the times that rows were drawn half as often; of an odd number the last one is its own neighbour.
      const [one, other] = [differences[model]!, differences[Math.min(model + 1, models - 1)]!];
      weightedSums(one, other, times, sums);
      for (let k = 0; k < here; k++) {
        means[(b + k) * models + model] = sums[k]! / length;
        if (model + 1 < models) means[(b + k) * models + model + 1] = sums[AT_ONCE + k]! / length;
      }
    }
  }
  return means;
}

/** Adds up two series, each row as often as it was drawn in each of four resamples. */
function weightedSums(
  one: ReadonlyFloat64Array,
  other: ReadonlyFloat64Array,
  times: Float64Array,
  into: Float64Array,
): void {
  let [a, b, c, d] = [0, 0, 0, 0];
  let [e, f, g, h] = [0, 0, 0, 0];
  for (let i = 0, at = 0; i < one.length; i++, at += AT_ONCE) {
    const value = one[i]!;
    const also = other[i]!;
    const first = times[at]!;
    const second = times[at + 1]!;
    const third = times[at + 2]!;
    const fourth = times[at + 3]!;
    a += value * first;
    b += value * second;
    c += value * third;
    d += value * fourth;
    e += also * first;
    f += also * second;
    g += also * third;
    h += also * fourth;
  }
  into[0] = a;
  into[1] = b;
  into[2] = c;
  into[3] = d;
  into[4] = e;
  into[5] = f;
  into[6] = g;
  into[7] = h;
}

function mean(series: ReadonlyFloat64Array): number {
  let sum = 0;
  for (let i = 0; i < series.length; i++) sum += series[i]!;
  return sum / series.length;
}
