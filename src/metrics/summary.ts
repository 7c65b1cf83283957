import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { calmarOf, type Moments, momentsOf, sharpeOf, sortinoOf, volatilityOf } from './ratios.js';
import { annualRate, finite, simpleReturns } from './returns.js';
import { profitFactor, type RoundTripSummary, winRate } from './trades.js';

/** The metrics of every run, in the order in which they are listed. Formulas: docs/concepts/metrics.md. */
export const METRIC_NAMES = [
  'totalReturn',
  'annualReturn',
  'annualVolatility',
  'sharpe',
  'sortino',
  'calmar',
  'maxDrawdown',
  'winRate',
  'profitFactor',
  'trades',
] as const;

/** One of {@link METRIC_NAMES}. */
export type MetricName = (typeof METRIC_NAMES)[number];

/** A metric that is not available, for want of returns or trades, is undefined: never infinite, NaN, or a 0 that means nothing. */
export type Metrics = Readonly<Record<MetricName, number | undefined>>;

/** Which way each metric is better: what a search does with it unless told otherwise. */
export const METRIC_DIRECTIONS: Readonly<Record<MetricName, 'maximize' | 'minimize'>> = Object.freeze({
  totalReturn: 'maximize',
  annualReturn: 'maximize',
  annualVolatility: 'minimize',
  sharpe: 'maximize',
  sortino: 'maximize',
  calmar: 'maximize',
  maxDrawdown: 'minimize',
  winRate: 'maximize',
  profitFactor: 'maximize',
  trades: 'maximize',
});

/** With a larger share of the squares taken up by the mean, one pass loses digits that two keep. */
const CANCELLATION_MAX = 0.01;

/**
 * Returns the metrics of an account's values at the close of each bar.
 *
 * @param equity account values, at least none; returns run from the second bar on
 * @param startingCash what the account began with, above 0: base of the total return and first peak of the drawdown
 * @param annualization bars a year
 */
export function summarize(
  equity: ReadonlyFloat64Array,
  startingCash: number,
  annualization: number,
  roundTrips: RoundTripSummary,
): Metrics {
  const { length } = equity;
  let previous = equity[0]!;
  let peak = Math.max(startingCash, previous);
  let deepest = 1 - Math.min(startingCash, previous) / startingCash;
  // Below this value the drawdown is deeper than any before: a division only where it changes the answer.
  let floor = peak * (1 - deepest);
  let sum = 0;
  let squares = 0;
  let downside = 0;
  for (let i = 1; i < length; i++) {
    const value = equity[i]!;
    const change = value / previous - 1;
    previous = value;
    sum += change;
    squares += change * change;
    // Twice the loss, 0 for a gain, without a branch that no processor predicts.
    const loss = change - Math.abs(change);
    downside += loss * loss;
    if (value > peak) {
      peak = value;
      floor = peak * (1 - deepest);
    } else if (value < floor) {
      deepest = 1 - value / peak;
      floor = value;
    }
  }
  const returns = length - 1;
  const growth = previous / startingCash;
  // An account that fell below zero has returns without meaning.
  const moments = deepest > 1 || returns < 2 ? undefined : momentsFrom(equity, sum, squares, downside / 4);
  const annualReturn = annualRate(growth, returns, annualization);
  return {
    totalReturn: length === 0 ? undefined : finite(growth - 1),
    annualReturn,
    annualVolatility: moments && volatilityOf(moments, annualization),
    sharpe: moments && sharpeOf(moments, annualization),
    sortino: moments && sortinoOf(moments, annualization),
    calmar: length === 0 ? undefined : calmarOf(annualReturn, deepest),
    maxDrawdown: length === 0 ? undefined : finite(deepest),
    winRate: winRate(roundTrips),
    profitFactor: profitFactor(roundTrips),
    trades: roundTrips.trades,
  };
}

function momentsFrom(equity: ReadonlyFloat64Array, sum: number, squares: number, downside: number): Moments {
  const returns = equity.length - 1;
  const mean = sum / returns;
  const centred = squares - returns * mean * mean;
  if (!(centred > squares * CANCELLATION_MAX)) return momentsOf(simpleReturns(equity));
  return { mean, variance: centred / (returns - 1), downside: downside / returns };
}
