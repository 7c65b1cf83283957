import type { BacktestResult } from '../engine/result.js';
import type { JournalTrial } from '../optimize/trial.js';
import type { ReportRun, ReportScalar, ReportTrial, StudyReportModel } from './report-model.js';

type Values = Readonly<Record<string, number | null | undefined>>;

/** Returns a backtest as a report shows it; `custom` metrics follow the standard ones. */
export function reportRun(
  { metrics, startingCash, endingEquity, times, equity, fills }: BacktestResult,
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

/** A conditional parameter that does not apply is null in a journal: a report leaves it out. */
function present(params: Readonly<Record<string, ReportScalar | null | undefined>>): Record<string, ReportScalar> {
  const kept: Record<string, ReportScalar> = {};
  for (const [name, value] of Object.entries(params)) if (value !== null && value !== undefined) kept[name] = value;
  return kept;
}

const withNulls = (metrics: Values): Record<string, number | null> =>
  Object.fromEntries(Object.entries(metrics).map(([name, value]) => [name, value ?? null]));
