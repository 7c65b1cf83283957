import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';

/**
 * Triangular moving average of the closes over `length` bars, the weights rising to the middle and falling again: a
 * simple average of simple averages, of (length + 1) / 2 bars both, or of length / 2 and length / 2 + 1 where `length` is
 * even (TA-Lib TRIMA).
 */
export const trima = defineIndicator({
  name: 'trima',
  inputs: ['close'],
  create: (length: number) => {
    const inner = new WindowMean(Math.ceil((checkedLength('trima', length) + 1) / 2));
    const outer = new WindowMean(Math.floor((length + 1) / 2));
    return {
      warmUp: length,
      memory: length,
      step: (close) => {
        const mean = inner.push(close);
        return Number.isNaN(mean) ? mean : outer.push(mean);
      },
    };
  },
});
