import { defineIndicator } from '../indicator.js';
import { AverageTrueRange } from './average-true-range.js';
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
    const average = new AverageTrueRange(checkedLength('atr', length));
    return {
      warmUp: length + 1,
      step: (high, low, close) => average.push(high, low, close),
      column: ({ value }, high, low, close) => average.fill(high, low, close, value),
    };
  },
});
