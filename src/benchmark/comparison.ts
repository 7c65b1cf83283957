import { UsageError } from '../core/errors.js';
import { SeededRandom } from '../core/random.js';
import { quantile, sorted } from '../metrics/quantile.js';
import { ratioInterval } from '../metrics/samples/bootstrap-intervals.js';
import { mannWhitney, wilcoxon } from '../metrics/samples/rank-tests.js';
import { meanInterval, welchTest } from '../metrics/samples/t-tests.js';
import { type ArmSamples, type RunSample, refuseFewRuns } from './samples.js';

/** Low and high bound, 95 %. */
export type Interval = readonly [low: number, high: number];

/** What an arm took, in short. */
export interface ArmFigures {
  readonly name: string;
  readonly runs: number;
  /** Of the measure that decides, in seconds. */
  readonly median: number;
  readonly mean: number;
  /** Of the mean, by Student's t. */
  readonly meanInterval: Interval;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
  readonly pssBytes: number | null;
}

/** Two arms that were measured in the same rounds. A saving is a share of the baseline's time: 0.25 is a quarter less, negative is slower. */
export interface Comparison {
  readonly baseline: ArmFigures;
  readonly candidate: ArmFigures;
  /** Median time of the baseline over that of the candidate: the speed-up, 4 is four times as fast. */
  readonly timeRatio: number;
  /** Of the medians, with the bootstrap's interval over rounds. */
  readonly saved: number;
  readonly savedInterval: Interval;
  /** Of the means, with the bootstrap's interval over rounds. */
  readonly savedOfMeans: number;
  readonly savedOfMeansInterval: Interval;
  /** Of the medians of time on all cores. */
  readonly cpuSaved: number;
  /** Growth of median memory, as a share: 0.02 is two per cent more. */
  readonly memoryGrowth: number;
  readonly welch: { readonly t: number; readonly degrees: number; readonly p: number; readonly interval: Interval };
  readonly mannWhitney: { readonly u: number; readonly p: number };
  /** By rounds; undefined where two rounds differ by the same, which the exact test cannot order. */
  readonly wilcoxon: { readonly p: number } | undefined;
  /** Three times the smallest p of the three tests, at most 1. */
  readonly p: number;
}

/** How two arms are compared. */
export interface ComparisonOptions {
  /** Of the bootstrap. @defaultValue 1 */
  readonly seed?: number | undefined;
  /** The time that decides. @defaultValue 'wall' */
  readonly time?: 'wall' | 'cpu' | undefined;
  /** The memory that decides. RSS counts what threads map together once a mapping, PSS once. @defaultValue 'rss' */
  readonly memory?: 'rss' | 'pss' | undefined;
  /** Of the bootstrap. @defaultValue 9,999 */
  readonly resamples?: number | undefined;
}

/**
 * Compares two arms by their counted runs, run k of either in round k.
 *
 * Three tests look at their times, each good at what the others are not: Welch's at normal times, that of Mann and Whitney where a few runs
 * were disturbed, Wilcoxon's where the machine drifts from round to round. None is chosen after the fact: the smallest p counts three times
 * over (Bonferroni).
 *
 * @throws UsageError `TOO_FEW_RUNS` below 10 runs, `UNEQUAL_SERIES`, `NO_PSS` where it is to decide and was not measured
 */
export function compareArms(
  baseline: ArmSamples,
  candidate: ArmSamples,
  { seed = 1, time = 'wall', memory = 'rss', resamples = 9999 }: ComparisonOptions = {},
): Comparison {
  refuseFewRuns('A comparison', Math.min(baseline.runs.length, candidate.runs.length));
  const timeOf = (run: RunSample): number => (time === 'wall' ? run.seconds : run.cpuSeconds);
  const [slow, fast] = [column(baseline, timeOf), column(candidate, timeOf)];
  const random = SeededRandom.derive(seed, 'benchmark', 'bootstrap', baseline.name, candidate.name);
  const saving = (statistic: 'median' | 'mean'): Interval => {
    const [low, high] = ratioInterval(fast, slow, statistic, { random, resamples });
    return [1 - high, 1 - low];
  };
  const { t, degrees, p: welchP, interval } = welchTest(slow, fast);
  const ranks = rankTest(slow, fast);
  const signs = signedRanks(slow, fast);
  const [before, after] = [figuresOf(baseline, slow), figuresOf(candidate, fast)];
  return {
    baseline: before,
    candidate: after,
    timeRatio: before.median / after.median,
    saved: 1 - after.median / before.median,
    savedInterval: saving('median'),
    savedOfMeans: 1 - after.mean / before.mean,
    savedOfMeansInterval: saving('mean'),
    cpuSaved: 1 - after.cpuSeconds / before.cpuSeconds,
    memoryGrowth: memoryOf(after, memory) / memoryOf(before, memory) - 1,
    welch: { t, degrees, p: welchP, interval },
    mannWhitney: { u: ranks.statistic, p: ranks.p },
    wilcoxon: signs,
    p: smallestOf(welchP, ranks.p, signs?.p ?? 1),
  };
}

/** Returns the p of a difference between two samples that share no rounds, as {@link compareArms} takes it: two tests, the smaller p twice over. */
export const differenceP = (a: Float64Array, b: Float64Array): number =>
  smallestOf(welchTest(a, b).p, rankTest(a, b).p);

/** Samples without any variance have no t: the ranks alone speak. */
const smallestOf = (...ps: readonly number[]): number =>
  Math.min(1, ps.length * Math.min(...ps.map((p) => (Number.isNaN(p) ? 1 : p))));

/** Values of both samples up to which all orders are counted; beyond, the normal distribution is as good. */
const EXACT_VALUES = 80;

function rankTest(a: Float64Array, b: Float64Array) {
  const isDistinct = new Set([...a, ...b]).size === a.length + b.length;
  return mannWhitney(a, b, isDistinct && a.length + b.length <= EXACT_VALUES ? 'exact' : 'asymptotic');
}

/** Wilcoxon's test by rounds, unless two differences are equally large. */
function signedRanks(a: Float64Array, b: Float64Array): { readonly p: number } | undefined {
  const sizes = [...a].map((value, i) => Math.abs(value - b[i]!)).filter((size) => size > 0);
  return sizes.length === 0 || new Set(sizes).size < sizes.length ? undefined : { p: wilcoxon(a, b).p };
}

/** Returns the median of some values, at least one. */
export const medianOf = (values: ArrayLike<number>): number => quantile(sorted(Float64Array.from(values)), 0.5);

/** Returns one figure of all runs. */
export const column = ({ runs }: ArmSamples, of: (run: RunSample) => number): Float64Array =>
  Float64Array.from(runs, of);

function figuresOf({ name, runs }: ArmSamples, times: Float64Array): ArmFigures {
  const pss = runs.map(({ pssBytes }) => pssBytes).filter((bytes) => bytes !== null);
  return {
    name,
    runs: runs.length,
    median: medianOf(times),
    mean: times.reduce((sum, seconds) => sum + seconds, 0) / times.length,
    meanInterval: meanInterval(times),
    wallSeconds: medianOf(runs.map(({ seconds }) => seconds)),
    cpuSeconds: medianOf(runs.map(({ cpuSeconds }) => cpuSeconds)),
    peakRssBytes: medianOf(runs.map(({ peakRssBytes }) => peakRssBytes)),
    pssBytes: pss.length === runs.length ? medianOf(pss) : null,
  };
}

function memoryOf({ peakRssBytes, pssBytes }: ArmFigures, memory: 'rss' | 'pss'): number {
  if (memory === 'rss') return peakRssBytes;
  if (pssBytes !== null) return pssBytes;
  throw new UsageError('NO_PSS', {
    message: 'This system does not tell the memory that processes share (PSS). Let RSS decide: memory: rss.',
  });
}
