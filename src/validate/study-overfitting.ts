import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { simpleReturns } from '../metrics/returns.js';
import type { SessionValues } from '../optimize/session-values.js';
import { blockLengths } from './bootstrap/block-length.js';
import { type CrossValidation, cscv } from './overfitting/cscv.js';
import { deflatedSharpe, expectedMaximumSharpe, varianceOf } from './overfitting/deflated-sharpe.js';
import { type EffectiveTrials, effectiveTrials } from './overfitting/effective-trials.js';
import { type HaircutSharpe, haircutSharpe } from './overfitting/haircut-sharpe.js';
import { cscvOnThreads } from './overfitting/parallel-cscv.js';
import { minimumTrackRecord, probabilisticSharpe } from './overfitting/probabilistic-sharpe.js';
import { type RealityCheck, realityCheck } from './overfitting/reality-check.js';
import { type SharpeSample, sharpeSample } from './overfitting/sharpe-sample.js';

/** What the statistics of a study's choice are taken from. */
export interface StudyReturns {
  /** Trials that had a value and were no copy of another: what the best one was chosen from. */
  readonly trials: number;
  /** Number of the best trial. */
  readonly best: number;
  readonly bestReturns: ReadonlyFloat64Array;
  /** Returns of the trials that were kept, the best one's among them if it was: by session, of equal length. */
  readonly series: readonly ReadonlyFloat64Array[];
  readonly sessionsPerYear: number;
  /** Decides the resamples. @defaultValue 1 */
  readonly seed?: number;
}

/** How far the best trial of a study can be believed. Sharpe ratios are per session unless they are called annual. */
export interface StudyOverfitting {
  readonly trials: number;
  /** Trials whose returns took part: all of them, or an even pick. */
  readonly looked: number;
  readonly best: number;
  /** Returns of each trial. */
  readonly sessions: number;
  readonly sessionsPerYear: number;
  readonly sample: SharpeSample;
  /** Variance of the trials' Sharpe ratios. */
  readonly variance: number;
  readonly probabilisticSharpe: number;
  /** Sharpe ratio that the best of as many trials without skill is expected to show. */
  readonly expectedMaximumSharpe: number;
  readonly deflatedSharpe: number;
  /** Undefined for a study of one trial. */
  readonly effective: (EffectiveTrials & { readonly deflatedSharpe: number }) | undefined;
  /** Sessions after which a Sharpe ratio like the best one's is above 0 with 95 % confidence; undefined where it is not above 0. */
  readonly minimumTrackRecord: number | undefined;
  readonly haircut: HaircutSharpe;
  /** Undefined below two trials or 16 sessions. */
  readonly crossValidation: CrossValidation | undefined;
  readonly realityCheck: RealityCheck;
}

/** Products of a return and a weight that the resamples may take: some seconds. */
const RESAMPLE_WORK = 1e9;
const RESAMPLES = { least: 100, most: 1000 } as const;
/** Series whose own correlation decides the block length, at most. */
const BLOCK_LENGTH_SERIES = 50;
/** Sessions that a block of the cross-validation holds at least. */
const LEAST_BLOCK = 4;
/** Sharpe ratios that the cross-validation takes, at most; beyond it, fewer blocks make fewer splits. */
const SPLIT_WORK = 1e8;

/**
 * Returns how far a study's best trial can be believed, from the returns of its trials; undefined where the best one's do not vary.
 *
 * The cross-validation takes 16 blocks where they hold four sessions each, else as many as do, and 10 where trials are very many. The
 * reality check compares with holding cash. Resamples are 1,000, and fewer, at least 100, where trials and sessions are many.
 *
 * @param crossValidation what {@link crossValidateStudy} returns of the same study. @defaultValue found by this thread
 */
export function studyOverfitting(
  study: StudyReturns,
  crossValidation = crossValidationOf(study),
): StudyOverfitting | undefined {
  const { trials, best, bestReturns, sessionsPerYear, seed = 1 } = study;
  const sample = sharpeSample(bestReturns);
  if (sample === undefined) return undefined;
  const { length: sessions } = bestReturns;
  const all = allOf(study);
  const sharpes = Float64Array.from(all, (returns) => sharpeSample(returns)?.sharpe ?? 0);
  const variance = varianceOf(sharpes);
  const effective = all.length < 2 ? undefined : scaled(effectiveTrials(all), trials / all.length);
  return {
    trials,
    looked: all.length,
    best,
    sessions,
    sessionsPerYear,
    sample,
    variance,
    probabilisticSharpe: probabilisticSharpe(sample),
    expectedMaximumSharpe: expectedMaximumSharpe(variance, trials),
    deflatedSharpe: deflatedSharpe(sample, variance, trials),
    effective: effective && {
      ...effective,
      // Trials that are alike differ less than chance makes unlike ones differ: at least by what it adds to each Sharpe ratio.
      deflatedSharpe: deflatedSharpe(sample, Math.max(variance, 1 / sessions), effective.count),
    },
    minimumTrackRecord: minimumTrackRecord(sample),
    haircut: haircutSharpe(sharpes, 0, sessions, trials),
    crossValidation,
    realityCheck: realityCheck(all, {
      resamples: Math.round(
        Math.min(RESAMPLES.most, Math.max(RESAMPLES.least, RESAMPLE_WORK / (all.length * sessions))),
      ),
      blockLength: blockLengthOf(all),
      seed,
    }),
  };
}

/**
 * Returns the returns of trials by their account values; trials whose account fell to 0 or below have none and are left out.
 *
 * @param numbers trials that had a value and were no copy of another
 */
export function returnsOfTrials(
  values: SessionValues,
  numbers: Iterable<number>,
  best: number,
): Pick<StudyReturns, 'bestReturns' | 'series'> | undefined {
  const bestReturns = returnsOf(values.of(best));
  if (bestReturns === undefined) return undefined;
  const series: ReadonlyFloat64Array[] = [];
  for (const number of numbers) {
    if (!values.keeps(number)) continue;
    const returns = number === best ? bestReturns : returnsOf(values.of(number));
    if (returns !== undefined) series.push(returns);
  }
  return { bestReturns, series };
}

function returnsOf(values: ReadonlyFloat64Array | undefined): Float64Array | undefined {
  if (values === undefined || values.length < 4) return undefined;
  for (let i = 0; i < values.length; i++) if (!(values[i]! > 0)) return undefined;
  return simpleReturns(values);
}

/** A count among the trials that were looked at, for all of them. */
const scaled = (found: EffectiveTrials, by: number): EffectiveTrials => ({ ...found, count: found.count * by });

/** The best trial's returns, then those of all others that were kept. */
const allOf = ({ bestReturns, series }: StudyReturns): readonly ReadonlyFloat64Array[] => [
  bestReturns,
  ...series.filter((returns) => returns !== bestReturns),
];

/** Returns the cross-validation of a study, found by so many threads: the same for any number. Undefined where the study has too little. */
export async function crossValidateStudy(study: StudyReturns, workers: number): Promise<CrossValidation | undefined> {
  const blocks = blocksOf(study);
  return blocks === undefined ? undefined : cscvOnThreads(allOf(study), blocks, workers);
}

function crossValidationOf(study: StudyReturns): CrossValidation | undefined {
  const blocks = blocksOf(study);
  return blocks === undefined ? undefined : cscv(allOf(study), blocks);
}

function blocksOf(study: StudyReturns): number | undefined {
  const { length: trials } = allOf(study);
  const { length: sessions } = study.bestReturns;
  if (trials < 2 || sessions < 4 * LEAST_BLOCK) return undefined;
  // 16 blocks make 12,870 splits.
  const most = trials * 12_870 > SPLIT_WORK ? 10 : 16;
  return Math.min(most, 2 * Math.floor(sessions / (2 * LEAST_BLOCK)));
}

/** The mean of the block lengths that an even pick of the series asks for. */
function blockLengthOf(series: readonly ReadonlyFloat64Array[]): number {
  const looked = Math.min(series.length, BLOCK_LENGTH_SERIES);
  let sum = 0;
  for (let k = 0; k < looked; k++) {
    sum += blockLengths(series[Math.floor((k * series.length) / looked)]!).stationary;
  }
  return sum / looked;
}
