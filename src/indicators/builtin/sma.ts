import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';

/**
 * Simple moving average of the closes over `length` bars; first value with bar `length` (TA-Lib SMA). Exact: prices are
 * summed as integer ticks and divided once, so rounding decides no tie between two averages ({@link WindowMean}).
 */
export const sma = defineIndicator({
  name: 'sma',
  inputs: ['close'],
  create: (length: number) => {
    const mean = new WindowMean(checkedLength('sma', length));
    return {
      warmUp: length,
      memory: length,
      step: (close) => mean.push(close),
      column: ({ value }, close) => mean.fill(close, value),
    };
  },
});
