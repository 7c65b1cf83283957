import { defineIndicator } from '../indicator.js';
import { AverageTrueRange } from './average-true-range.js';
import { checkedLength } from './length.js';
import { percentOf } from './share.js';

/** Average true range, as `atr` has it, in per cent of the close (TA-Lib NATR). First value with bar `length + 1`. All history matters. */
export const natr = defineIndicator({
  name: 'natr',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    const average = new AverageTrueRange(checkedLength('natr', length));
    return {
      warmUp: length + 1,
      step: (high, low, close) => percentOf(average.push(high, low, close), close),
      column: ({ value }, high, low, close) => {
        average.fill(high, low, close, value);
        for (let row = 0; row < value.length; row++) value[row] = percentOf(value[row]!, close[row]!);
      },
    };
  },
});
