import { defineIndicator } from '../indicator.js';
import { trueRangeOf } from './range.js';

/**
 * True range in price units: the largest of high - low and the distances of both from the previous close (TA-Lib TRANGE).
 * First value with the second bar.
 */
export const trueRange = defineIndicator({
  name: 'trueRange',
  inputs: ['high', 'low', 'close'],
  create: () => {
    let previous = Number.NaN;
    return {
      warmUp: 2,
      memory: 2,
      step: (high, low, close) => {
        const range = trueRangeOf(high, low, previous);
        previous = close;
        return Number.isNaN(range) ? Number.NaN : range;
      },
    };
  },
});
