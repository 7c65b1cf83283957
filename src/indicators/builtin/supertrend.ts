import { defineIndicator } from '../indicator.js';
import { AverageTrueRange } from './average-true-range.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';

/**
 * Supertrend after O. Seban. Bands lie `ranges` average true ranges over `length` bars above and below the middle of the bar
 * and only ever close in on the price, until a close beyond one of them turns the trend. `line` is the lower band in an
 * uptrend and the upper one in a downtrend, `direction` 1 or -1; it sets out downward, as charting sites have it.
 * First values with bar `length + 1`. All history matters.
 */
export const supertrend = defineIndicator({
  name: 'supertrend',
  inputs: ['high', 'low', 'close'],
  outputs: ['line', 'direction'],
  create: (length: number = 10, ranges: number = 3) => {
    const range = new AverageTrueRange(checkedLength('supertrend', length));
    checkedFactor('supertrend', 'ranges', ranges);
    let previous = Number.NaN;
    let upper = Number.NaN;
    let lower = Number.NaN;
    let direction = -1;
    return {
      warmUp: length + 1,
      step: (out, high, low, close) => {
        const distance = ranges * range.push(high, low, close);
        const middle = (high + low) / 2;
        // Comparisons with the NaN of the bar before the first are false: the bands start where they are.
        if (!(middle + distance >= upper && previous <= upper)) upper = middle + distance;
        if (!(middle - distance <= lower && previous >= lower)) lower = middle - distance;
        if (direction < 0 ? close > upper : close < lower) direction = -direction;
        previous = close;
        out.line = direction > 0 ? lower : upper;
        out.direction = Number.isNaN(distance) ? distance : direction;
      },
    };
  },
});
