import type { Figures } from './equality.js';

/** Columns of a workload, symbol after symbol. */
export interface PlainMarket {
  readonly symbols: number;
  readonly bars: number;
  readonly open: Float64Array;
  readonly close: Float64Array;
  /** Closes in whole ticks of 1e-4, so that running sums are exact. */
  readonly ticks: Float64Array;
  /** Room for an equity curve. */
  readonly curve: Float64Array;
}

export const CASH = 1e9;
const BARS_PER_YEAR = Math.sqrt(252);

/** Returns the figures of an equity curve in one pass. */
export function figuresOf(curve: Float64Array, fills: number): Figures {
  let previous = CASH;
  let peak = CASH;
  let maxDrawdown = 0;
  let sum = 0;
  let squares = 0;
  for (let bar = 0; bar < curve.length; bar++) {
    const equity = curve[bar]!;
    const change = equity / previous - 1;
    previous = equity;
    if (bar > 0) {
      sum += change;
      squares += change * change;
    }
    if (equity > peak) peak = equity;
    const drawdown = 1 - equity / peak;
    if (drawdown > maxDrawdown) maxDrawdown = drawdown;
  }
  const count = curve.length - 1;
  const mean = sum / count;
  const variance = (squares - count * mean * mean) / (count - 1);
  const sharpe = variance > 0 ? (mean / Math.sqrt(variance)) * BARS_PER_YEAR : 0;
  return { equity: previous, fills, sharpe, maxDrawdown };
}

/** The cross rule of W1 over the first symbol: float cash, running sums, nothing of an engine. */
export function plainCross(market: PlainMarket, fast: number, slow: number, commission: number): Figures {
  const { bars, open, close, ticks } = market;
  const { curve } = market;
  let cash = CASH;
  let quantity = 0;
  let pending = 0;
  let fills = 0;
  let fastSum = 0;
  let slowSum = 0;
  let lastFast = 0;
  let lastSlow = 0;
  for (let bar = 0; bar < bars; bar++) {
    if (pending !== 0) {
      if (pending > 0) {
        quantity = cash / (open[bar]! * (1 + commission));
        cash = 0;
      } else {
        cash = quantity * open[bar]! * (1 - commission);
        quantity = 0;
      }
      fills++;
      pending = 0;
    }
    fastSum += ticks[bar]!;
    slowSum += ticks[bar]!;
    if (bar >= fast) fastSum -= ticks[bar - fast]!;
    if (bar >= slow) slowSum -= ticks[bar - slow]!;
    curve[bar] = cash + quantity * close[bar]!;
    if (bar < slow - 1) continue;
    const fastMean = fastSum / (fast * 1e4);
    const slowMean = slowSum / (slow * 1e4);
    if (bar >= slow) {
      if (quantity === 0) {
        if (fastMean > slowMean && lastFast <= lastSlow) pending = 1;
      } else if (fastMean < slowMean && lastFast >= lastSlow) pending = -1;
    }
    lastFast = fastMean;
    lastSlow = slowMean;
  }
  return figuresOf(curve, fills);
}

/**
 * The level rule of W2, symbol after symbol in equal sleeves: float cash, running sums of each combination's own.
 *
 * @param from - first bar that is traded; the sums run from the first of all
 * @param to - bar after the last
 */
export function plainLevel(
  market: PlainMarket,
  fast: number,
  slow: number,
  threshold: number,
  from = 0,
  to = market.bars,
): Figures {
  const { symbols, bars, open, close, ticks } = market;
  const curve = market.curve.subarray(0, to - from);
  const commission = 0.001;
  const margin = 1 + threshold;
  const first = Math.max(fast, slow) - 1;
  const fastScale = fast * 1e4;
  const slowScale = slow * 1e4;
  let fills = 0;
  curve.fill(0);
  for (let symbol = 0; symbol < symbols; symbol++) {
    let cash = CASH / symbols;
    let quantity = 0;
    let pending = 0;
    let fastSum = 0;
    let slowSum = 0;
    for (let bar = 0, at = symbol * bars; bar < from; bar++, at++) {
      fastSum += ticks[at]!;
      slowSum += ticks[at]!;
      if (bar >= fast) fastSum -= ticks[at - fast]!;
      if (bar >= slow) slowSum -= ticks[at - slow]!;
    }
    for (let bar = from, at = symbol * bars + from; bar < to; bar++, at++) {
      if (pending !== 0) {
        if (pending > 0) {
          quantity = cash / (open[at]! * (1 + commission));
          cash = 0;
        } else {
          cash = quantity * open[at]! * (1 - commission);
          quantity = 0;
        }
        fills++;
        pending = 0;
      }
      fastSum += ticks[at]!;
      slowSum += ticks[at]!;
      if (bar >= fast) fastSum -= ticks[at - fast]!;
      if (bar >= slow) slowSum -= ticks[at - slow]!;
      curve[bar - from] = curve[bar - from]! + cash + quantity * close[at]!;
      if (bar < first) continue;
      const fastMean = fastSum / fastScale;
      const slowMean = slowSum / slowScale;
      if (quantity === 0) {
        if (fastMean > slowMean * margin) pending = 1;
      } else if (fastMean < slowMean) pending = -1;
    }
  }
  return figuresOf(curve, fills);
}
