import { drawdownOf } from '../../src/report/downsample.js';
import { reportOverfitting } from '../../src/report/from-results.js';
import type {
  BacktestReportModel,
  ReportFill,
  ReportOverfitting,
  ReportRun,
  ReportScalar,
  ReportTrial,
  StudyReportModel,
} from '../../src/report/report-model.js';
import { overfittingWords } from '../../src/validate/overfitting-findings.js';
import type { RobustnessReport } from '../../src/validate/robustness.js';
import { studyOverfitting } from '../../src/validate/study-overfitting.js';

/** A small generator of its own, so that the pages are equal on every run. */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const day = 86_400_000;

/** Returns the statistics of a choice among 30 trials of noise over 300 sessions. */
export function sampleOverfitting(): ReportOverfitting {
  const random = uniform(5);
  const series = Array.from({ length: 30 }, () => Float64Array.from({ length: 300 }, () => (random() - 0.48) * 0.04));
  const study = { trials: 30, best: 3, bestReturns: series[3]!, series, sessionsPerYear: 252 };
  const figures = studyOverfitting(study)!;
  return reportOverfitting({ figures, words: overfittingWords(figures) });
}

const spread = (mean: number) => ({
  ...{ runs: 20, mean, p5: mean - 0.2, p25: mean - 0.1, median: mean, p75: mean + 0.1, p95: mean + 0.2 },
});

/** Returns what all tests of a run of two parameters found. */
export function sampleRobustness(): RobustnessReport {
  const base = { metrics: { sharpe: 0.8, totalReturn: 0.5, maxDrawdown: 0.2 }, endingEquity: '150000', fills: 4 };
  const figures = { totalReturn: spread(0.4), sharpe: spread(0.7), maxDrawdown: spread(0.3) };
  const runs = { runs: 20, gaining: 0.9, ...figures };
  const resampled = { runs: 300, blockLength: 3.4, probabilityOfLoss: 0.05, figures };
  const path = { maxDrawdown: 0.2, longestDrawdown: 3, longestLosingStreak: 2, lowestValue: 90_000 };
  return {
    params: { fast: 10, rule: 'a' },
    bundle: { name: 'us', version: '1', synthetic: false },
    seed: 1,
    base: { ...base, orderStreamHash: '0' },
    bootstrap: {
      stationary: { ...resampled, method: 'stationary' },
      block: { ...resampled, method: 'block' },
    },
    permutation: {
      ...{ runs: 300, trades: 12, by: 'share', recorded: path },
      figures: {
        ...{ maxDrawdown: spread(0.3), longestDrawdown: spread(4) },
        ...{ longestLosingStreak: spread(3), lowestValue: spread(80_000) },
      },
    },
    randomEntry: { runs: 300, spells: 9, recorded: 0.001, random: spread(0), p: 0.01 },
    noise: { scale: 0.2, gaussian: runs, bootstrap: runs },
    costs: {
      points: [0, 1, 2, 5, 10, 20, 50, 100].map((bps) => ({
        ...{ bps, totalReturn: 0.5 - bps / 25, sharpe: 0.8, endingEquity: '1' },
      })),
      breakEvenBps: 12.34,
    },
    delay: { ...base, orderStreamHash: '1' },
    sensitivity: {
      metric: 'sharpe',
      curves: [
        { parameter: 'fast', values: [5, 10, 15], metrics: [undefined, 0.8, 0.4], base: 1, stability: 0.5 },
        { parameter: 'rule', values: ['a', 'b'], metrics: [0.8, -0.1], base: 0, stability: 0.1 },
      ],
      surfaces: [
        {
          ...{
            parameters: ['fast', 'rule'],
            values: [
              [5, 10],
              ['a', 'b'],
            ],
            base: [1, 0],
            stability: 0.3,
          },
          metrics: [
            [undefined, 0.1],
            [0.8, -0.1],
          ],
        },
      ],
    },
    start: { ...runs, from: ['2020-01-01', '2020-02-01'] },
    synthetic: { ...runs, blockLength: 10 },
    remarks: ['No <reason>.'],
  };
}

/** Returns a run with a wandering equity curve of so many sessions and so many fills. */
export function sampleRun(sessions: number, fillCount: number, symbol = 'AAA'): ReportRun {
  const random = uniform(7);
  const times: number[] = [];
  const values: number[] = [];
  let value = 100_000;
  for (let k = 0; k < sessions; k++) {
    times.push(Date.UTC(1998, 0, 2) + k * day);
    value *= 1.0002 + (random() - 0.5) * 0.03;
    values.push(value);
  }
  const fills = Array.from(
    { length: fillCount },
    (_, k): ReportFill => ({
      time: times[Math.floor((k * sessions) / Math.max(1, fillCount))]!,
      symbol,
      side: k % 2 === 0 ? 'buy' : 'sell',
      quantity: (100 + k).toFixed(8),
      price: (20 + random() * 10).toFixed(2),
      fee: '12.5',
    }),
  );
  return {
    params: { fast: 10, slow: 50, threshold: 0.005 },
    metrics: {
      totalReturn: value / 100_000 - 1,
      annualReturn: 0.0812,
      annualVolatility: 0.171,
      sharpe: 0.8075,
      sortino: 1.12,
      calmar: 0.28,
      maxDrawdown: -Math.min(...drawdownOf(values)),
      winRate: 0.43,
      profitFactor: 1.61,
      trades: fillCount / 2,
    },
    startingCash: '100000',
    endingEquity: value.toFixed(8),
    equity: { times, values },
    fills,
  };
}

const common = {
  title: 'sma-crossover on sample-daily',
  synthetic: true,
  generatedAt: '2024-05-01 12:00 UTC',
  provenance: {
    Bundle: 'sample-daily',
    'Bundle version': '9c34fdf014142b7c0e9d2f6b7e1fd14d4cb4a14ee15c9ad8b5c5c8a1c6a1d111',
    'Strategy source': 'a3219f6146475520b1bb2a3a4c5e8e0a3219f6146475520b1bb2a3a4c5e8e0ab',
    Configuration: 'commission percent:0.001, slippage none, fill next-open, cash 100,000',
    Seed: '42',
    Versions: 'hindcast 0.1.0, node 20.20.2',
  },
} as const;

/** Returns the report of one backtest. */
export const sampleBacktest = (change: Partial<BacktestReportModel> = {}): BacktestReportModel => ({
  kind: 'backtest',
  ...common,
  run: sampleRun(5_123, 118),
  ...change,
});

const steps = (low: number, step: number, count: number): number[] =>
  Array.from({ length: count }, (_, k) => Number((low + k * step).toFixed(6)));

/** Returns the report of a study over the 10 x 11 x 10 grid; (50, 50) never trades and is pruned. */
export function sampleStudy(change: Partial<StudyReportModel> = {}): StudyReportModel {
  const random = uniform(11);
  const [fasts, slows, thresholds] = [steps(5, 5, 10), steps(50, 15, 11), steps(0.001, 0.001, 10)];
  const trials: ReportTrial[] = [];
  for (const fast of fasts) {
    for (const slow of slows) {
      for (const threshold of thresholds) {
        const value = 0.8 - ((fast - 22) / 40) ** 2 - ((slow - 125) / 120) ** 2 - threshold * 12 + random() * 0.15;
        const pruned = fast === 50 && slow === 50;
        trials.push({
          number: trials.length,
          params: { fast, slow, threshold },
          value: pruned ? null : value,
          state: pruned ? 'pruned' : 'complete',
        });
      }
    }
  }
  return studyOf(trials, change);
}

/** Returns the report of a random search of any size over two floats and a choice. */
export function sampleRandomStudy(count: number): StudyReportModel {
  const random = uniform(13);
  const rules = ['level', 'cross', 'band'];
  const trials = Array.from({ length: count }, (_, number): ReportTrial => {
    const params: Record<string, ReportScalar> = {
      span: random() * 100,
      decay: random(),
      rule: rules[Math.floor(random() * 3)]!,
    };
    const failed = random() < 0.01;
    const value = failed
      ? null
      : 1 - ((params.span as number) / 100 - 0.4) ** 2 - (params.decay as number) + random() * 0.2;
    return { number, params, value, state: failed ? 'failed' : 'complete' };
  });
  return studyOf(trials, {
    parameters: [
      { name: 'span', kind: 'float' },
      { name: 'decay', kind: 'float' },
      { name: 'rule', kind: 'choice', values: rules },
    ],
  });
}

function studyOf(trials: readonly ReportTrial[], change: Partial<StudyReportModel>): StudyReportModel {
  const ranked = trials
    .filter((trial) => trial.value !== null)
    .sort((a, b) => b.value! - a.value!)
    .slice(0, 20);
  const run = sampleRun(5_123, 318);
  return {
    kind: 'study',
    ...common,
    parameters: [
      { name: 'fast', kind: 'int' },
      { name: 'slow', kind: 'int' },
      { name: 'threshold', kind: 'float' },
    ],
    objective: { name: 'sharpe', direction: 'maximize' },
    trials,
    best: ranked[0] && { ...run, number: ranked[0].number, params: ranked[0].params },
    top: ranked.map(({ number, params, value }) => ({
      number,
      params,
      value: value!,
      metrics: { sharpe: value, totalReturn: value! * 3, maxDrawdown: 0.3 - value! / 10, trades: 100 + (number % 17) },
    })),
    overfitting: 'not-computed',
    ...change,
  };
}
