import { defineIndicator } from '../indicator.js';
import { WindowMaximum } from './extreme.js';
import { checkedLength } from './length.js';

/**
 * Aroon after T. Chande: how recent the highest high (`up`) and the lowest low (`down`) of the last `length + 1` bars are, 100
 * for the current bar and 0 for `length` bars ago; the later one where several are equal. `oscillator` is `up - down`
 * (TA-Lib AROON and AROONOSC). First values with bar `length + 1`.
 */
export const aroon = defineIndicator({
  name: 'aroon',
  inputs: ['high', 'low'],
  outputs: ['up', 'down', 'oscillator'],
  create: (length: number) => {
    const highs = new WindowMaximum(checkedLength('aroon', length) + 1, 1);
    const lows = new WindowMaximum(length + 1, -1);
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (out, high, low) => {
        highs.push(high);
        lows.push(low);
        out.up = (100 * (length - highs.age)) / length;
        out.down = (100 * (length - lows.age)) / length;
        out.oscillator = (100 * (lows.age - highs.age)) / length;
      },
    };
  },
});
