import { once } from '../core/once.js';
import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { alphaBeta } from '../metrics/benchmark.js';
import { drawdownSpells } from '../metrics/drawdown-spells.js';
import { exposure } from '../metrics/exposure.js';
import { sorted } from '../metrics/quantile.js';
import { simpleReturns } from '../metrics/returns.js';
import { conditionalValueAtRiskOf, omegaRatio, stability, tailRatioOf, valueAtRiskOf } from '../metrics/risk.js';
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

/** What figures are made of; what takes time is only asked for by the figures that need it, once. */
interface StatisticSources {
  readonly equity: () => ReadonlyFloat64Array;
  readonly fills: () => readonly Pick<FillRecord, 'asset' | 'quantity' | 'price'>[];
  /** First in, first out. */
  readonly trips: () => readonly RoundTripRecord[];
  readonly annualization: number;
  /** Closes, one for each bar. */
  readonly benchmark: ReadonlyFloat64Array | undefined;
}

/** The figures of a run, each made when it is asked for. */
export class StatisticsOfRun {
  readonly #parts: StatisticParts;

  constructor(sources: StatisticSources) {
    this.#parts = partsOf(sources);
  }

  /** Returns one figure. */
  get<K extends keyof RunStatistics>(name: K): RunStatistics[K] {
    return FIGURES[name](this.#parts);
  }

  /** Returns all figures. */
  all(): RunStatistics {
    const entries = Object.entries(FIGURES).map(([name, figure]) => [name, figure(this.#parts)]);
    return Object.fromEntries(entries) as RunStatistics;
  }
}

/** Returns what several figures are made of, each made once. */
function partsOf(sources: StatisticSources) {
  const { annualization, benchmark } = sources;
  const equity = once(sources.equity);
  // None where the account was worth nothing at some bar: returns across zero mean nothing.
  const returns = once(() => (isAboveZero(equity()) ? simpleReturns(equity()) : new Float64Array(0)));
  const trips = once(sources.trips);
  return {
    ...sources,
    equity,
    returns,
    ascending: once(() => sorted(returns())),
    spells: once(() => drawdownSpells(equity())),
    trips,
    table: once(() =>
      tradeStatistics(trips().map(({ profit, return: gain }) => ({ profit: profit.toNumber(), return: gain }))),
    ),
    comparison: once(() => {
      const market = benchmark && simpleReturns(benchmark);
      return market !== undefined && market.length === returns().length
        ? alphaBeta(returns(), market, annualization)
        : { alpha: undefined, beta: undefined };
    }),
  };
}

type StatisticParts = ReturnType<typeof partsOf>;

/** How each figure is made, in the order in which they are listed. */
const FIGURES: { readonly [K in keyof RunStatistics]: (of: StatisticParts) => RunStatistics[K] } = {
  omega: ({ returns }) => omegaRatio(returns()),
  valueAtRisk: ({ ascending }) => valueAtRiskOf(ascending()),
  conditionalValueAtRisk: ({ ascending }) => conditionalValueAtRiskOf(ascending()),
  tailRatio: ({ ascending }) => tailRatioOf(ascending()),
  stability: ({ returns }) => stability(returns()),
  averageDrawdown: ({ spells }) => mean(spells().map(({ depth }) => depth)),
  longestDrawdownBars: ({ spells }) =>
    spells().length === 0 ? undefined : spells().reduce((longest, { from, to }) => Math.max(longest, to - from), 0),
  exposure: ({ trips, equity }) => exposure(trips(), equity().length),
  turnover: turnoverOf,
  roundTrips: ({ table }) => table().trades,
  bestTrade: ({ table }) => table().bestTrade,
  worstTrade: ({ table }) => table().worstTrade,
  averageTrade: ({ table }) => table().averageTrade,
  expectancy: ({ table }) => table().expectancy,
  averageProfit: ({ table }) => table().averageProfit,
  returnProfitFactor: ({ table }) => table().returnProfitFactor,
  payoffRatio: ({ table }) => table().payoffRatio,
  sqn: ({ table }) => table().sqn,
  kelly: ({ table }) => table().kelly,
  winStreak: ({ table }) => table().winStreak,
  lossStreak: ({ table }) => table().lossStreak,
  averageTradeBars: ({ trips }) => mean(trips().map(({ bars }) => bars)),
  alpha: ({ comparison }) => comparison().alpha,
  beta: ({ comparison }) => comparison().beta,
  benchmarkReturn: ({ benchmark }) =>
    benchmark === undefined || benchmark.length < 2 ? undefined : benchmark.at(-1)! / benchmark[0]! - 1,
};

function isAboveZero(values: ReadonlyFloat64Array): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i]! > 0)) return false;
  return true;
}

function mean(values: ArrayLike<number>): number | undefined {
  if (values.length === 0) return undefined;
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return sum / values.length;
}

function turnoverOf({ equity, fills, annualization }: StatisticParts): number | undefined {
  const average = mean(equity());
  if (average === undefined || !(average > 0)) return undefined;
  let traded = 0;
  for (const { asset, quantity, price } of fills()) traded += Math.abs(quantity) * price * asset.multiplier;
  return (traded / average) * (annualization / equity().length);
}
