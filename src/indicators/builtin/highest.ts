import { defineIndicator } from '../indicator.js';
import { WindowMaximum } from './extreme.js';
import { checkedLength } from './length.js';

/** The highest high of the last `length` bars, the current one included (TA-Lib MAX over the highs, the upper Donchian band). */
export const highest = defineIndicator({
  name: 'highest',
  inputs: ['high'],
  create: (length: number) => {
    const maximum = new WindowMaximum(checkedLength('highest', length), 1);
    return {
      warmUp: length,
      memory: length,
      step: (high) => maximum.push(high),
      column: ({ value }, high) => maximum.fill(high, value),
    };
  },
});
