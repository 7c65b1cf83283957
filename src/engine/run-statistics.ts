import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { alphaBeta } from '../metrics/benchmark.js';
import { drawdownSpells } from '../metrics/drawdown-spells.js';
import { exposure } from '../metrics/exposure.js';
import { simpleReturns } from '../metrics/returns.js';
import { conditionalValueAtRisk, omegaRatio, stability, tailRatio, valueAtRisk } from '../metrics/risk.js';
import { type TradeStatistics, tradeStatistics } from '../metrics/trade-statistics.js';
import type { FillRecord } from './result.js';
import type { RoundTripRecord } from './round-trip-records.js';

type Optional = number | undefined;

/** Figures of a run beside its metrics, each undefined below its sample size. Formulas: docs/concepts/metrics.md. */
export interface RunStatistics extends Omit<TradeStatistics, 'winRate' | 'trades'> {
  readonly omega: Optional;
  readonly valueAtRisk: Optional;
  readonly conditionalValueAtRisk: Optional;
  readonly tailRatio: Optional;
  readonly stability: Optional;
  /** Mean depth of the times below a peak, and rows of the longest. */
  readonly averageDrawdown: Optional;
  readonly longestDrawdownBars: Optional;
  /** Share of bars with a position that was closed again. */
  readonly exposure: Optional;
  /** Traded value over the mean account value, per year. */
  readonly turnover: Optional;
  /** Closed round trips, entry by entry. */
  readonly roundTrips: number;
  readonly averageTradeBars: Optional;
  /** Against the benchmark; undefined without one. */
  readonly alpha: Optional;
  readonly beta: Optional;
  readonly benchmarkReturn: Optional;
}

/** Which way each figure is better as an objective. */
export const STATISTIC_DIRECTIONS: Readonly<Record<keyof RunStatistics, 'maximize' | 'minimize'>> = Object.freeze({
  omega: 'maximize',
  valueAtRisk: 'maximize',
  conditionalValueAtRisk: 'maximize',
  tailRatio: 'maximize',
  stability: 'maximize',
  averageDrawdown: 'minimize',
  longestDrawdownBars: 'minimize',
  exposure: 'minimize',
  turnover: 'minimize',
  roundTrips: 'maximize',
  bestTrade: 'maximize',
  worstTrade: 'maximize',
  averageTrade: 'maximize',
  expectancy: 'maximize',
  averageProfit: 'maximize',
  returnProfitFactor: 'maximize',
  payoffRatio: 'maximize',
  sqn: 'maximize',
  kelly: 'maximize',
  winStreak: 'maximize',
  lossStreak: 'minimize',
  averageTradeBars: 'minimize',
  alpha: 'maximize',
  beta: 'minimize',
  benchmarkReturn: 'maximize',
});

/** True for the name of a figure of {@link RunStatistics}. */
export const isStatisticName = (name: string): name is keyof RunStatistics => Object.hasOwn(STATISTIC_DIRECTIONS, name);

/** Returns the figures of a run. `benchmark` holds closes, one for each bar. */
export function runStatistics(run: {
  readonly equity: ReadonlyFloat64Array;
  readonly fills: readonly FillRecord[];
  readonly trips: readonly RoundTripRecord[];
  readonly annualization: number;
  readonly benchmark: ReadonlyFloat64Array | undefined;
}): RunStatistics {
  const { equity, fills, trips, annualization, benchmark } = run;
  // Returns across zero mean nothing.
  const returns = Float64Array.from(equity).every((value) => value > 0) ? simpleReturns(equity) : new Float64Array(0);
  const spells = drawdownSpells(equity);
  const trades = trips.map(({ profit, return: gain }) => ({ profit: profit.toNumber(), return: gain }));
  const { winRate: _winRate, trades: roundTrips, ...table } = tradeStatistics(trades);
  const market = benchmark === undefined ? undefined : simpleReturns(benchmark);
  const isComparable = market !== undefined && market.length === returns.length;
  return {
    omega: omegaRatio(returns),
    valueAtRisk: valueAtRisk(returns),
    conditionalValueAtRisk: conditionalValueAtRisk(returns),
    tailRatio: tailRatio(returns),
    stability: stability(returns),
    averageDrawdown: mean(spells.map(({ depth }) => depth)),
    longestDrawdownBars:
      spells.length === 0 ? undefined : spells.reduce((longest, { from, to }) => Math.max(longest, to - from), 0),
    exposure: exposure(trips, equity.length),
    turnover: turnoverOf(equity, fills, annualization),
    roundTrips,
    ...table,
    averageTradeBars: mean(trips.map(({ bars }) => bars)),
    ...(isComparable ? alphaBeta(returns, market, annualization) : { alpha: undefined, beta: undefined }),
    benchmarkReturn:
      benchmark === undefined || benchmark.length < 2 ? undefined : benchmark.at(-1)! / benchmark[0]! - 1,
  };
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;

function turnoverOf(
  equity: ReadonlyFloat64Array,
  fills: readonly FillRecord[],
  annualization: number,
): number | undefined {
  const average = mean([...equity]);
  if (average === undefined || !(average > 0)) return undefined;
  const traded = fills.reduce(
    (sum, { asset, quantity, price }) => sum + Math.abs(quantity) * price * asset.multiplier,
    0,
  );
  return (traded / average) * (annualization / equity.length);
}
