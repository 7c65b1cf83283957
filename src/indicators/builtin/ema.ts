import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedLength } from './length.js';

/**
 * Exponential moving average of the closes: alpha 2 / (length + 1), seeded with the simple average of the first `length`
 * closes, which is its first value (TA-Lib EMA with its default compatibility). All history matters.
 */
export const ema = defineIndicator({
  name: 'ema',
  inputs: ['close'],
  create: (length: number) => {
    const average = new ExponentialAverage(checkedLength('ema', length));
    return {
      warmUp: length,
      step: (close) => average.push(close),
      column: ({ value }, close) => average.fill(close, value),
    };
  },
});
