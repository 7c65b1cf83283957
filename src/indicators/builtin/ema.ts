import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';

/**
 * Exponential moving average of the closes: alpha 2 / (length + 1), seeded with the simple average of the first `length`
 * closes, which is its first value (TA-Lib EMA with its default compatibility). All history matters.
 */
export const ema = defineIndicator({
  name: 'ema',
  inputs: ['close'],
  create: (length: number) => {
    const seed = new WindowMean(checkedLength('ema', length));
    const alpha = 2 / (length + 1);
    let average = Number.NaN;
    let count = 0;
    return {
      warmUp: length,
      step: (close) => {
        average = count < length ? seed.push(close) : (close - average) * alpha + average;
        count++;
        return average;
      },
    };
  },
});
