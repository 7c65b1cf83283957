import { defineIndicator } from '../indicator.js';
import { Delay } from './delay.js';
import { checkedLength } from './length.js';
import { percentChange } from './share.js';

/** Rate of change: the close over the close `length` bars ago, in per cent; 0 from 0 (TA-Lib ROC). First value with bar `length + 1`. */
export const roc = defineIndicator({
  name: 'roc',
  inputs: ['close'],
  create: (length: number) => {
    const past = new Delay(checkedLength('roc', length));
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (close) => percentChange(close, past.push(close)),
      column: ({ value }, close) => {
        value.fill(Number.NaN, 0, length);
        for (let row = length; row < value.length; row++) value[row] = percentChange(close[row]!, close[row - length]!);
      },
    };
  },
});
