import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowRange } from './window-range.js';

/**
 * Donchian channel: the highest high and the lowest low of the last `length` bars, the current one included, and the middle
 * between them. For a breakout compare the close with the channel one bar ago.
 */
export const donchian = defineIndicator({
  name: 'donchian',
  inputs: ['high', 'low'],
  outputs: ['upper', 'middle', 'lower'],
  create: (length: number) => {
    const range = new WindowRange(checkedLength('donchian', length));
    return {
      warmUp: length,
      memory: length,
      step: (out, high, low) => {
        range.push(high, low);
        out.upper = range.high;
        out.middle = range.middle;
        out.lower = range.low;
      },
      column: ({ upper, middle, lower }, high, low) => {
        range.fill(high, low, upper, lower);
        for (let row = 0; row < middle.length; row++) middle[row] = (upper[row]! + lower[row]!) / 2;
      },
    };
  },
});
