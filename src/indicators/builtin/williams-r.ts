import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowRange } from './window-range.js';

/**
 * Williams' %R, -100 to 0: how far the close lies below the highest high of the last `length` bars, in per cent of their
 * range (TA-Lib WILLR); -50 where there is no range, where TA-Lib prints 0. First value with bar `length`.
 */
export const williamsR = defineIndicator({
  name: 'williamsR',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    const range = new WindowRange(checkedLength('williamsR', length));
    return {
      warmUp: length,
      memory: length,
      step: (high, low, close) => {
        range.push(high, low);
        return range.locate(close) - 100;
      },
    };
  },
});
