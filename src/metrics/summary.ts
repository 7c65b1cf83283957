import type { ReadonlyFloat64Array } from '../core/readonly-array.js';
import { calmarOf, type Moments, momentsOf, sharpeOf, sortinoOf, volatilityOf } from './ratios.js';
import { annualRate, assertAnnualization, finite, simpleReturns } from './returns.js';
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

const ONES = Float64Array.of(1, 1);

/** Of returns that are all 0. */
const UNMOVED: Moments = Object.freeze({ mean: 0, variance: 0, downside: 0 });

/**
 * Returns the metrics of an account's values at the close of each bar. Where a value is NaN, or the account began with nothing, only those of round trips are available.
 *
 * @param equity account values, at least none; returns run from the second bar on
 * @param startingCash what the account began with, above 0: base of the total return and first peak of the drawdown
 * @param annualization bars a year, above 0
 * @throws UsageError `NOT_A_NUMBER`, `OUT_OF_RANGE` for another annualization
 */
export function summarize(
  equity: ReadonlyFloat64Array,
  startingCash: number,
  annualization: number,
  roundTrips: RoundTripSummary,
): Metrics {
  assertAnnualization(annualization);
  const summary = new RunningSummary();
  summary.begin(startingCash);
  summary.take(equity, 0, equity.length, 0, 1);
  return summary.metrics(() => equity, annualization, roundTrips);
}

/**
 * The sums behind {@link summarize}, for values that come stretch by stretch and need not be kept. In whatever pieces they come, the metrics are the same to the
 * last bit.
 */
export class RunningSummary {
  /** Values so far. */
  count = 0;
  // NaN comes first so that V8 keeps all of these as doubles.
  #startingCash = Number.NaN;
  #previous = Number.NaN;
  #peak = Number.NaN;
  #deepest = Number.NaN;
  /** Below this value the drawdown is deeper than any before: a division only where it changes the answer. */
  #floor = Number.NaN;
  #sum = Number.NaN;
  #squares = Number.NaN;
  #downside = Number.NaN;

  /** Starts anew for an account with so much cash. */
  begin(startingCash: number): void {
    this.count = 0;
    this.#startingCash = startingCash;
    this.#sum = 0;
    this.#squares = 0;
    this.#downside = 0;
  }

  /** Takes the values of an account over the closes at `[from, to)`: `cash + units * close`. */
  take(closes: ReadonlyFloat64Array, from: number, to: number, cash: number, units: number): void {
    if (from >= to) return;
    const stop = to | 0;
    let i = from | 0;
    if (this.count === 0) this.#takeFirst(cash + units * closes[i++]!);
    this.count += to - from;
    let previous = this.#previous;
    let peak = this.#peak;
    let deepest = this.#deepest;
    let floor = this.#floor;
    let sum = this.#sum;
    let squares = this.#squares;
    let downside = this.#downside;
    for (; i < stop; i = (i + 1) | 0) {
      const value = cash + units * closes[i]!;
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
    this.#previous = previous;
    this.#peak = peak;
    this.#deepest = deepest;
    this.#floor = floor;
    this.#sum = sum;
    this.#squares = squares;
    this.#downside = downside;
  }

  /** Takes one value so many times: what the first two times do not change, no other does. */
  takeFlat(value: number, times: number): void {
    const twice = Math.min(2, times);
    this.take(ONES, 0, twice, value, 0);
    this.count += times - twice;
  }

  #takeFirst(value: number): void {
    const startingCash = this.#startingCash;
    this.#previous = value;
    this.#peak = Math.max(startingCash, value);
    this.#deepest = 1 - Math.min(startingCash, value) / startingCash;
    this.#floor = this.#peak * (1 - this.#deepest);
  }

  /**
   * Returns the metrics of the values so far.
   *
   * @param equityOf gives these values: asked where one pass over them loses digits
   * @param annualization bars a year
   */
  metrics(equityOf: () => ReadonlyFloat64Array, annualization: number, roundTrips: RoundTripSummary): Metrics {
    const { count } = this;
    const isKnown = this.#startingCash > 0 && !Number.isNaN(this.#sum);
    const deepest = isKnown ? this.#deepest : Number.NaN;
    const returns = count - 1;
    const growth = isKnown ? this.#previous / this.#startingCash : Number.NaN;
    // An account that fell below zero has returns without meaning.
    const moments =
      !(deepest <= 1) || returns < 2
        ? undefined
        : momentsFrom(equityOf, returns, this.#sum, this.#squares, this.#downside / 4);
    const annualReturn = annualRate(growth, returns, annualization);
    return {
      totalReturn: count === 0 ? undefined : finite(growth - 1),
      annualReturn,
      annualVolatility: moments && volatilityOf(moments, annualization),
      sharpe: moments && sharpeOf(moments, annualization),
      sortino: moments && sortinoOf(moments, annualization),
      calmar: count === 0 ? undefined : calmarOf(annualReturn, deepest),
      maxDrawdown: count === 0 ? undefined : finite(deepest),
      winRate: winRate(roundTrips),
      profitFactor: profitFactor(roundTrips),
      trades: roundTrips.trades,
    };
  }
}

function momentsFrom(
  equityOf: () => ReadonlyFloat64Array,
  returns: number,
  sum: number,
  squares: number,
  downside: number,
): Moments {
  // No square of a quotient's distance from 1 is too small for a double: the account never moved, as in a trial that never traded.
  if (squares === 0) return UNMOVED;
  const mean = sum / returns;
  const centred = squares - returns * mean * mean;
  if (!(centred > squares * CANCELLATION_MAX)) return momentsOf(simpleReturns(equityOf()));
  return { mean, variance: centred / (returns - 1), downside: downside / returns };
}
