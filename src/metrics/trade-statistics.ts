import { assertFinite } from '../core/assert.js';
import { exp, log } from '../core/elementary.js';
import { DEVIATION_MIN } from './ratios.js';
import { finite } from './returns.js';

/** What the statistics need of a closed trade. */
export interface ClosedTrade {
  /** In money, net of fees. */
  readonly profit: number;
  /** Profit over the money at entry: 0.1 is 10 %. */
  readonly return: number;
}

/** Figures of closed trades. Each is undefined where the trades cannot tell; see docs/concepts/metrics.md. */
export interface TradeStatistics {
  readonly trades: number;
  /** Share of trades with a profit, 0 to 1. */
  readonly winRate: number | undefined;
  /** Largest and smallest return of a trade. */
  readonly bestTrade: number | undefined;
  readonly worstTrade: number | undefined;
  /** Geometric mean of returns; undefined where a trade lost everything. */
  readonly averageTrade: number | undefined;
  /** Mean of returns. */
  readonly expectancy: number | undefined;
  /** Mean of profits, in money. */
  readonly averageProfit: number | undefined;
  /** Sum of the positive returns over that of the negative ones. */
  readonly returnProfitFactor: number | undefined;
  /** Mean profit of winning trades over the mean loss of losing ones. */
  readonly payoffRatio: number | undefined;
  /** `sqrt(trades) * mean / sd` of profits (Tharp 2008). */
  readonly sqn: number | undefined;
  /** `winRate - (1 - winRate) / payoffRatio` (Kelly 1956). */
  readonly kelly: number | undefined;
  /** Longest runs of trades with a profit, and of trades with a loss. */
  readonly winStreak: number;
  readonly lossStreak: number;
}

/** Returns the figures of closed trades, in the order of their ends. @throws UsageError `NOT_A_NUMBER` for a profit that is none */
export function tradeStatistics(trades: readonly ClosedTrade[]): TradeStatistics {
  const count = trades.length;
  const profits = trades.map((trade) => trade.profit);
  assertFinite('profit', profits);
  const returns = trades.map((trade) => trade.return);
  const gains = profits.filter((profit) => profit > 0);
  const losses = profits.filter((profit) => profit < 0);
  const winRate = count === 0 ? undefined : gains.length / count;
  const payoffRatio = ratio(mean(gains), negated(mean(losses)));
  return {
    trades: count,
    winRate,
    bestTrade: count === 0 ? undefined : finite(returns.reduce((a, b) => Math.max(a, b))),
    worstTrade: count === 0 ? undefined : finite(returns.reduce((a, b) => Math.min(a, b))),
    averageTrade: geometricMean(returns),
    expectancy: mean(returns),
    averageProfit: mean(profits),
    returnProfitFactor: ratio(
      sum(returns.map((value) => Math.max(value, 0))),
      -sum(returns.map((value) => Math.min(value, 0))),
    ),
    payoffRatio,
    sqn: sqnOf(profits),
    kelly:
      winRate === undefined || payoffRatio === undefined || payoffRatio === 0
        ? undefined
        : winRate - (1 - winRate) / payoffRatio,
    winStreak: longestRun(profits, (profit) => profit > 0),
    lossStreak: longestRun(profits, (profit) => profit < 0),
  };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : finite(sum(values) / values.length);

const negated = (value: number | undefined): number | undefined => (value === undefined ? undefined : -value);

const ratio = (over: number | undefined, under: number | undefined): number | undefined =>
  over === undefined || under === undefined || !(under > 0) ? undefined : finite(over / under);

function geometricMean(returns: readonly number[]): number | undefined {
  if (returns.length === 0 || returns.some((value) => !(value > -1))) return undefined;
  return finite(exp(sum(returns.map((value) => log(1 + value))) / returns.length) - 1);
}

function sqnOf(profits: readonly number[]): number | undefined {
  const average = mean(profits);
  if (average === undefined || profits.length < 2) return undefined;
  const squares = sum(profits.map((profit) => (profit - average) ** 2));
  const deviation = Math.sqrt(squares / (profits.length - 1));
  // A deviation that is rounding beside the mean is none.
  return deviation <= DEVIATION_MIN * Math.abs(average)
    ? undefined
    : finite((Math.sqrt(profits.length) * average) / deviation);
}

function longestRun(values: readonly number[], belongs: (value: number) => boolean): number {
  let longest = 0;
  let run = 0;
  for (const value of values) {
    run = belongs(value) ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}
