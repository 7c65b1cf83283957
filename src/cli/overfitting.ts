import type { JudgedStudy } from '../validate/judged-study.js';
import { wrap } from './output.js';

/** Returns the statistics as documents hold them; Sharpe ratios are annual unless their name says otherwise. */
export function overfittingDocument({ figures, words }: JudgedStudy) {
  const { sample, sessions, sessionsPerYear, effective, haircut, crossValidation, realityCheck } = figures;
  const year = Math.sqrt(sessionsPerYear);
  const cut = ({ p, sharpe, haircut: taken }: (typeof haircut)['bhy']) => ({
    p,
    sharpe: sharpe * year,
    haircut: taken ?? null,
  });
  return {
    verdict: words.verdict,
    trials: figures.trials,
    looked: figures.looked,
    effectiveTrials: effective?.count ?? figures.trials,
    best: figures.best,
    sessions,
    sessionsPerYear,
    sharpe: sample.sharpe * year,
    sharpePerSession: sample.sharpe,
    skewness: sample.skewness,
    kurtosis: sample.kurtosis,
    varianceOfSharpesPerSession: figures.variance,
    probabilisticSharpe: figures.probabilisticSharpe,
    expectedMaximumSharpe: figures.expectedMaximumSharpe * year,
    deflatedSharpe: figures.deflatedSharpe,
    deflatedSharpeEffective: effective?.deflatedSharpe ?? null,
    minimumTrackRecord: figures.minimumTrackRecord ?? null,
    haircut: {
      single: haircut.single,
      bonferroni: cut(haircut.bonferroni),
      holm: cut(haircut.holm),
      bhy: cut(haircut.bhy),
    },
    pbo: crossValidation?.pbo ?? null,
    crossValidation:
      crossValidation === undefined
        ? null
        : {
            blocks: crossValidation.blocks,
            splits: crossValidation.splits,
            sessions: crossValidation.observations,
            degradation: crossValidation.degradation,
            probabilityOfLoss: crossValidation.probabilityOfLoss,
            dominance: crossValidation.dominance,
          },
    realityCheck: {
      p: realityCheck.whites.p,
      resamples: realityCheck.resamples,
      blockLength: realityCheck.blockLength ?? null,
    },
    spa: realityCheck.spa,
    findings: words.findings,
  };
}

/** Returns the statistics for people in passing: the verdict and each number. */
export function overfittingText({ words }: JudgedStudy, width: number): string[] {
  const widest = Math.max(...words.findings.map(({ label }) => label.length));
  return [
    ...wrap(`Is it luck? ${words.verdict}`, width).split('\n'),
    ...words.findings.map(({ label, value }) => `  ${label.padEnd(widest)}  ${value}`),
  ];
}

/** Returns each number with what it says and what it does not: for the command that is about nothing else. */
export function overfittingWordsText({ words }: JudgedStudy, width: number): string[] {
  const indented = (text: string): string[] =>
    wrap(text, width - 2)
      .split('\n')
      .map((line) => `  ${line}`);
  return [
    ...wrap(`Is it luck? ${words.verdict}`, width).split('\n'),
    ...words.findings.flatMap(({ label, value, says, saysNot }) => [
      '',
      `${label}: ${value}`,
      ...indented(says),
      ...indented(`Not said: ${saysNot}`),
    ]),
  ];
}
