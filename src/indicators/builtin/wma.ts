import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WeightedAverage } from './weighted-average.js';

/**
 * Weighted moving average of the closes over `length` bars: weight 1 for the oldest, `length` for the current one, divided
 * by their sum (TA-Lib WMA). Exact as `sma` is, as long as the closes are short decimals.
 */
export const wma = defineIndicator({
  name: 'wma',
  inputs: ['close'],
  create: (length: number) => {
    const average = new WeightedAverage(checkedLength('wma', length));
    return {
      warmUp: length,
      memory: length,
      step: (close) => average.push(close),
      column: ({ value }, close) => average.fill(close, value),
    };
  },
});
