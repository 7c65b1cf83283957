import { defineIndicator } from '../indicator.js';
import { WindowMaximum } from './extreme.js';
import { checkedLength } from './length.js';

/** The lowest low of the last `length` bars, the current one included (TA-Lib MIN over the lows, the lower Donchian band). */
export const lowest = defineIndicator({
  name: 'lowest',
  inputs: ['low'],
  create: (length: number) => {
    const minimum = new WindowMaximum(checkedLength('lowest', length), -1);
    return {
      warmUp: length,
      memory: length,
      step: (low) => minimum.push(low),
      column: ({ value }, low) => minimum.fill(low, value),
    };
  },
});
