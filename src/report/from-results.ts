import type { BacktestResult } from '../engine/result.js';
import type { JournalTrial } from '../optimize/trial.js';
import type { JudgedStudy } from '../validate/judged-study.js';
import type {
  ReportFront,
  ReportOverfitting,
  ReportRun,
  ReportScalar,
  ReportSplits,
  ReportTrial,
  StudyReportModel,
} from './report-model.js';

type Values = Readonly<Record<string, number | null | undefined>>;

/** Returns a backtest as a report shows it; `custom` metrics follow the standard ones. */
export function reportRun(
  {
    metrics,
    startingCash,
    endingEquity,
    times,
    equity,
    fills,
  }: Pick<BacktestResult, 'metrics' | 'startingCash' | 'endingEquity' | 'times' | 'equity' | 'fills'>,
  params: Readonly<Record<string, ReportScalar | null | undefined>>,
  custom: Values = {},
): ReportRun {
  return {
    params: present(params),
    metrics: withNulls({ ...metrics, ...custom }),
    startingCash: startingCash.toString(),
    endingEquity: endingEquity.toString(),
    equity: { times, values: equity },
    fills: fills.map(({ time, asset, quantity, exact }) => ({
      time,
      symbol: asset.symbol,
      side: quantity < 0 ? 'sell' : 'buy',
      quantity: exact.quantity.abs().toString(),
      price: exact.price.toString(),
      fee: exact.fee.toString(),
    })),
  };
}

/** Returns a journal's trial as a report shows it; its value is the first objective's, null unless it is complete. */
export function reportTrial({ number, params, state, ending }: JournalTrial): ReportTrial {
  return {
    number,
    params: present(params),
    value: ending?.state === 'complete' ? ending.values[0] : null,
    state: state === 'waiting' ? 'running' : state,
  };
}

/**
 * Returns the best trials that are complete, best first; of equal values the earlier trial comes first, and trials that
 * copy another's outcome are left out. @defaultValue count 20
 */
export function topTrials(
  trials: readonly JournalTrial[],
  direction: StudyReportModel['objective']['direction'],
  count = 20,
): StudyReportModel['top'] {
  const sign = direction === 'maximize' ? -1 : 1;
  return trials
    .flatMap(({ number, params, ending }) =>
      ending?.state === 'complete' && ending.duplicateOf === undefined
        ? [{ number, params, value: ending.values[0], metrics: ending.metrics ?? {} }]
        : [],
    )
    .sort((a, b) => sign * (a.value - b.value) || a.number - b.number)
    .slice(0, count)
    .map(({ number, params, value, metrics }) => ({
      number,
      params: present(params),
      value,
      metrics: withNulls(metrics),
    }));
}

/** Other trials than those of the front that a scatter plot shows: what an eye can tell apart. */
const OTHERS = 1_500;

/**
 * Returns the Pareto set of a study of several objectives as a report shows it: the complete trials that no other one beats in all of them, copies
 * left out.
 *
 * @param isBeaten tells whether the first values are nowhere better and somewhere worse than the second
 */
export function reportFront(
  trials: readonly JournalTrial[],
  objectives: ReportFront['objectives'],
  isBeaten: (values: readonly number[], by: readonly number[]) => boolean,
): ReportFront {
  const sign = objectives[0]?.direction === 'maximize' ? -1 : 1;
  const complete = trials
    .flatMap(({ number, params, ending }) =>
      ending?.state === 'complete' && ending.duplicateOf === undefined
        ? [{ number, params: present(params), values: ending.values }]
        : [],
    )
    .sort((a, b) => sign * (a.values[0] - b.values[0]) || a.number - b.number);
  const front: typeof complete = [];
  for (const trial of complete) {
    if (front.some(({ values }) => isBeaten(trial.values, values))) continue;
    const left = front.filter(({ values }) => !isBeaten(values, trial.values));
    front.splice(0, front.length, ...left, trial);
  }
  const others = complete.filter((trial) => !front.includes(trial)).map(({ values }) => values);
  const step = Math.max(1, others.length / OTHERS);
  return {
    objectives,
    trials: front,
    others: Array.from({ length: Math.floor(others.length / step) }, (_, k) => others[Math.floor(k * step)]!),
  };
}

/** Returns a study's statistics as a report shows them. */
export function reportOverfitting({ figures, words }: JudgedStudy): ReportOverfitting {
  const { crossValidation, sessionsPerYear } = figures;
  return { ...words, splits: crossValidation && reportSplits(crossValidation, Math.sqrt(sessionsPerYear)) };
}

/** Bins of the logits, and points of the scatter plot: what an eye can tell apart. */
const LOGIT_BINS = 40;
const POINTS = 600;

function reportSplits(
  { logits, inSample, outOfSample, degradation }: NonNullable<JudgedStudy['figures']['crossValidation']>,
  year: number,
): ReportSplits {
  // An even number of bins around 0, so that the line between good and bad choices falls between two.
  const reach = logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 1);
  const width = (2 * reach) / LOGIT_BINS;
  const counts = new Array<number>(LOGIT_BINS).fill(0);
  for (const logit of logits) {
    // A logit of 0 is a bad choice: it belongs to the left.
    const bin = Math.ceil((logit + reach) / width) - 1;
    counts[Math.min(LOGIT_BINS - 1, Math.max(0, bin))]!++;
  }
  const shown = Math.min(POINTS, logits.length);
  const points = Array.from({ length: shown }, (_, k) => {
    const split = Math.floor((k * logits.length) / shown);
    return [inSample[split]! * year, outOfSample[split]! * year] as const;
  });
  const { slope, intercept } = degradation;
  return {
    count: logits.length,
    logits: { low: -reach, width, counts },
    points,
    line: { slope, intercept: intercept * year },
  };
}

/** A conditional parameter that does not apply is null in a journal: a report leaves it out. */
function present(params: Readonly<Record<string, ReportScalar | null | undefined>>): Record<string, ReportScalar> {
  const kept: Record<string, ReportScalar> = {};
  for (const [name, value] of Object.entries(params)) if (value !== null && value !== undefined) kept[name] = value;
  return kept;
}

const withNulls = (metrics: Values): Record<string, number | null> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? null]));
