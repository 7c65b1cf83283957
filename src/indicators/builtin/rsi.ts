import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { RelativeStrength } from './relative-strength.js';

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
    const strength = new RelativeStrength(checkedLength('rsi', length));
    return {
      warmUp: length + 1,
      step: (close) => {
        strength.push(close);
        return strength.index;
      },
      column: ({ value }, close) => strength.fill(close, value),
    };
  },
});
