import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';

/**
 * Average true range in price units, after Wilder: true ranges of the first `length` bars that have a predecessor are
 * averaged, later ones smoothed by (average x (length - 1) + new) / length (TA-Lib ATR). First value with bar
 * `length + 1`. The true range is the largest of high - low and the distances of both from the previous close.
 * All history matters.
 */
export const atr = defineIndicator({
  name: 'atr',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    checkedLength('atr', length);
    let previous = Number.NaN;
    let average = 0;
    let ranges = -1;
    return {
      warmUp: length + 1,
      step: (high, low, close) => {
        const range = Math.max(high - low, Math.abs(high - previous), Math.abs(low - previous));
        previous = close;
        if (++ranges === 0) return Number.NaN;
        if (ranges <= length) {
          average += range;
          if (ranges < length) return Number.NaN;
          average /= length;
        } else average = (average * (length - 1) + range) / length;
        return average;
      },
    };
  },
});
