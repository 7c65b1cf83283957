import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';

/**
 * Smoothed moving average of the closes, Wilder's: (average x (length - 1) + close) / length, seeded with the simple
 * average of the first `length` closes, which is its first value (backtrader SMMA; RMA elsewhere). All history matters.
 */
export const smma = defineIndicator({
  name: 'smma',
  inputs: ['close'],
  create: (length: number) => {
    const seed = new WindowMean(checkedLength('smma', length));
    let average = Number.NaN;
    let count = 0;
    return {
      warmUp: length,
      step: (close) => {
        average = count < length ? seed.push(close) : (average * (length - 1) + close) / length;
        count++;
        return average;
      },
    };
  },
});
