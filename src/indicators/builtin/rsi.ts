import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';

/**
 * Relative strength index of the closes, 0 to 100, after Wilder: gains and losses of the first `length` changes are
 * averaged, later ones smoothed by (average x (length - 1) + new) / length (TA-Lib RSI). First value with bar
 * `length + 1`. Where no close has changed it is 50, neither strong nor weak, as backtrader's RSI_Safe has it; TA-Lib
 * prints 0 there, which a rule that buys weakness would act upon. All history matters.
 */
export const rsi = defineIndicator({
  name: 'rsi',
  inputs: ['close'],
  create: (length: number) => {
    checkedLength('rsi', length);
    let previous = Number.NaN;
    let gain = 0;
    let loss = 0;
    let changes = -1;
    return {
      warmUp: length + 1,
      step: (close) => {
        const change = close - previous;
        previous = close;
        if (++changes === 0) return Number.NaN;
        const up = change > 0 ? change : 0;
        const down = change < 0 ? -change : 0;
        if (changes <= length) {
          gain += up;
          loss += down;
          if (changes < length) return Number.NaN;
          gain /= length;
          loss /= length;
        } else {
          gain = (gain * (length - 1) + up) / length;
          loss = (loss * (length - 1) + down) / length;
        }
        const both = gain + loss;
        return both === 0 ? 50 : 100 * (gain / both);
      },
    };
  },
});
