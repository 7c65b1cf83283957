import { countText } from '../core/decimal-text.js';
import type { StudyOverfitting } from './study-overfitting.js';

/** One number about luck, with what it says and what it does not, in plain words. */
export interface OverfittingFinding {
  readonly name: string;
  readonly label: string;
  /** As people read it: `12.3 %`, `1.79 a year`, `412 sessions`. */
  readonly value: string;
  readonly says: string;
  readonly saysNot: string;
}

/** The numbers of a study in plain words, after one sentence that sums them up. */
export interface OverfittingWords {
  readonly verdict: string;
  readonly findings: readonly OverfittingFinding[];
}

/** A probability from here on speaks clearly. */
const CONFIDENT = 0.95;
const SIGNIFICANT = 0.05;

/** Returns a study's statistics in plain words. */
export function overfittingWords(study: StudyOverfitting): OverfittingWords {
  return {
    verdict: verdictOf(study),
    findings: [
      deflated(study),
      ...deflatedByClusters(study),
      probabilistic(study),
      trackRecord(study),
      haircuts(study),
      ...crossValidated(study),
      ...checked(study),
    ],
  };
}

function verdictOf({ deflatedSharpe, effective, crossValidation, realityCheck, trials }: StudyOverfitting): string {
  const isStrict = deflatedSharpe >= CONFIDENT;
  if (trials < 2) {
    return isStrict
      ? 'One trial, and chance alone seldom does as well. Nothing was chosen, so there is nothing to deflate.'
      : 'One trial, and chance alone can explain it.';
  }
  const among = `the best of ${count(trials)} trials`;
  const beatsCash = realityCheck.spa.consistent < SIGNIFICANT;
  const isMild = (effective?.deflatedSharpe ?? deflatedSharpe) >= CONFIDENT;
  if (!beatsCash || !isMild) {
    return `Luck can explain ${among}: do not take its result for what the strategy will earn.`;
  }
  if ((crossValidation?.pbo ?? 0) >= 0.5) {
    return 'These trials earned more than luck explains, but choosing the best of them adds nothing: expect what most of them did, not what the best did.';
  }
  return isStrict
    ? `Luck alone is an unlikely explanation for ${among}. It is no proof for the future.`
    : `Luck explains ${among} if each of them was a new idea; taken as groups of like trials they leave little room for it.`;
}

function deflated({ deflatedSharpe, expectedMaximumSharpe, trials, sample, sessionsPerYear }: StudyOverfitting) {
  const annual = (sharpe: number): string => ratio(sharpe * Math.sqrt(sessionsPerYear));
  return {
    name: 'deflatedSharpe',
    label: 'Deflated Sharpe ratio',
    value: share(deflatedSharpe),
    says: `The best of ${count(trials)} trials without any skill is expected to show a Sharpe ratio of ${annual(expectedMaximumSharpe)} a year; the best one has ${annual(sample.sharpe)}. The probability that its true one lies above that bar is ${share(deflatedSharpe)}${deflatedSharpe >= CONFIDENT ? '' : '; from 95 % on, luck is an unlikely explanation'}.`,
    saysNot:
      'It counts every trial as a new idea, which neighbours on a grid are not: then it is too strict. It knows nothing of trials made elsewhere, nor of a future that differs from the past.',
  };
}

function deflatedByClusters({ effective, trials }: StudyOverfitting): OverfittingFinding[] {
  if (effective === undefined) return [];
  const { count: number, deflatedSharpe, silhouette, clusters, looked } = effective;
  const grouped =
    clusters === looked
      ? 'Trials do not form groups that earn alike, so each one counts'
      : `By their returns the ${count(trials)} trials amount to ${count(number)} different ones`;
  return [
    {
      name: 'deflatedSharpeEffective',
      label: 'Deflated by different trials',
      value: share(deflatedSharpe),
      says: `${grouped}. Deflated by that number, each as uncertain as chance makes it, the probability is ${share(deflatedSharpe)}.`,
      saysNot: `How many are really different is a matter of judgement (mean silhouette ${ratio(silhouette)}); where this and the number above disagree, believe the lower one.`,
    },
  ];
}

function probabilistic({ probabilisticSharpe, sessions }: StudyOverfitting): OverfittingFinding {
  return {
    name: 'probabilisticSharpe',
    label: 'Probabilistic Sharpe ratio',
    value: share(probabilisticSharpe),
    says: `Were the best trial the only one, its true Sharpe ratio would be above 0 with a probability of ${share(probabilisticSharpe)}, given ${count(sessions)} returns with their skewness and fat tails.`,
    saysNot: 'It was not the only one: this number does not know that it was chosen.',
  };
}

function trackRecord({ minimumTrackRecord, sessions, sessionsPerYear }: StudyOverfitting): OverfittingFinding {
  const years = (of: number): string => `${ratio(of / sessionsPerYear)} years`;
  return {
    name: 'minimumTrackRecord',
    label: 'Minimum track record',
    value: minimumTrackRecord === undefined ? 'none is long enough' : `${count(minimumTrackRecord)} sessions`,
    says:
      minimumTrackRecord === undefined
        ? 'The Sharpe ratio is not above 0, so no record shows that it is.'
        : `A Sharpe ratio like this one needs ${count(minimumTrackRecord)} sessions (${years(minimumTrackRecord)}) to be above 0 with 95 % confidence; there are ${count(sessions)} (${years(sessions)}).`,
    saysNot: 'It takes the trial for the only one. A long record does not make up for many trials.',
  };
}

function haircuts({ haircut, sample, sessionsPerYear }: StudyOverfitting): OverfittingFinding {
  const cut = (adjusted: StudyOverfitting['haircut']['bhy']): string =>
    `${ratio(adjusted.sharpe * Math.sqrt(sessionsPerYear))} (p ${probability(adjusted.p)})`;
  const { bonferroni, holm, bhy } = haircut;
  return {
    name: 'haircutSharpe',
    label: 'Sharpe ratio after the haircut',
    value: `${ratio(bhy.sharpe * Math.sqrt(sessionsPerYear))} a year`,
    says: `Of ${ratio(sample.sharpe * Math.sqrt(sessionsPerYear))} a year, adjusted for all trials, there remain ${cut(bonferroni)} by Bonferroni, ${cut(holm)} by Holm, ${cut(bhy)} by Benjamini, Hochberg and Yekutieli.`,
    saysNot:
      'It is no forecast. It answers which Sharpe ratio a single trial would need to be as surprising, and takes returns for independent of each other.',
  };
}

function crossValidated({ crossValidation, trials }: StudyOverfitting): OverfittingFinding[] {
  if (crossValidation === undefined) return [];
  const { pbo, splits, degradation, probabilityOfLoss, dominance } = crossValidation;
  const isWorse = degradation.slope < 0;
  return [
    {
      name: 'pbo',
      label: 'Probability of backtest overfitting',
      value: share(pbo),
      says: `In ${share(pbo)} of ${count(splits)} ways to cut the record into halves, the trial that is best in one half is no better than the median of all in the other.${pbo >= 0.5 ? ' Choosing the best is then no better than choosing blindly.' : ''}`,
      saysNot: `It judges choosing by Sharpe ratio among these ${count(trials)} trials, not the best one itself: trials that are all good, or all bad, and alike give a high one too.`,
    },
    {
      name: 'degradation',
      label: 'Performance degradation',
      value: `slope ${ratio(degradation.slope)}`,
      says: `For each unit of Sharpe ratio more in one half, the chosen trial has ${ratio(Math.abs(degradation.slope))} ${isWorse ? 'less' : 'more'} in the other${isWorse ? ': the better it looks, the worse it does' : ''}. It explains ${share(degradation.rSquared)} of the differences.`,
      saysNot:
        'Halves of one record add up: a slope near -1 is what trials without any difference in skill show, and no sign of harm.',
    },
    {
      name: 'probabilityOfLoss',
      label: 'Probability of loss',
      value: share(probabilityOfLoss),
      says: `In ${share(probabilityOfLoss)} of the ways, the trial that is best in one half loses in the other.`,
      saysNot: 'A low one may be the market: in a rising one, most trials that buy gain in both halves.',
    },
    {
      name: 'dominance',
      label: 'Stochastic dominance',
      value: dominance.firstOrder ? 'first order' : dominance.secondOrder ? 'second order' : 'none',
      says: dominance.firstOrder
        ? 'Choosing the best half by half beats choosing any trial at random, at every level of result.'
        : dominance.secondOrder
          ? 'Choosing the best half by half beats choosing any trial at random for whoever shuns risk, not at every level of result.'
          : 'Choosing the best half by half does not clearly beat choosing any trial at random.',
      saysNot: 'It compares ways to choose, not the best trial with doing nothing.',
    },
  ];
}

function checked({ realityCheck }: StudyOverfitting): OverfittingFinding[] {
  const { whites, spa, resamples, blockLength } = realityCheck;
  const chance = (p: number): string => reached(p, resamples);
  const blocks = `${count(resamples)} resamples in blocks of ${ratio(blockLength ?? 1)} sessions on average`;
  return [
    {
      name: 'spa',
      label: 'Superior predictive ability',
      value: `p ${spa.consistent > 0 ? probability(spa.consistent) : `below ${probability(1 / resamples)}`}`,
      says: `Where no trial had any edge over holding cash, the best of all would look as good with a probability of ${chance(spa.consistent)} (from ${chance(spa.lower)} to ${chance(spa.upper)}; ${blocks}).`,
      saysNot: 'It compares with cash: in a rising market, holding beats cash without any skill.',
    },
    {
      name: 'realityCheck',
      label: "White's reality check",
      value: `p ${whites.p > 0 ? probability(whites.p) : `below ${probability(1 / resamples)}`}`,
      says: `The same by the mean return alone: ${chance(whites.p)}.`,
      saysNot:
        'The most volatile trials decide it: where some are far more volatile than others, it finds hardly anything.',
    },
  ];
}

function share(value: number): string {
  if (value > 0.9995 && value < 1) return 'above 99.9 %';
  return value > 0 && value < 0.0005 ? 'below 0.1 %' : `${(value * 100).toFixed(1)} %`;
}

/** A share of resamples that none reached is below what so many can tell. */
const reached = (value: number, resamples: number): string =>
  value > 0 ? share(value) : `below ${(100 / resamples).toFixed(1)} %`;

const probability = (value: number): string => (value < 0.001 ? 'below 0.001' : value.toFixed(3));
const ratio = (value: number): string => value.toFixed(2).replace(/^-(0\.0+)$/, '$1');
const count = (value: number): string => countText(Math.ceil(value));
