import { defineIndicator } from '../indicator.js';

/**
 * Williams' accumulation/distribution, in price units: the sum of the close's distance from the lower of low and previous
 * close where it rose, and from the higher of high and previous close where it fell (backtrader WilliamsAD). First value
 * with the second bar. All history matters.
 */
export const williamsAccumulation = defineIndicator({
  name: 'williamsAccumulation',
  inputs: ['high', 'low', 'close'],
  create: () => {
    let previous = Number.NaN;
    let line = 0;
    return {
      warmUp: 2,
      step: (high, low, close) => {
        const isFirst = Number.isNaN(previous);
        if (close > previous) line += close - Math.min(low, previous);
        else if (close < previous) line += close - Math.max(high, previous);
        previous = close;
        return isFirst ? Number.NaN : line;
      },
    };
  },
});
