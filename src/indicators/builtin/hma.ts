import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WeightedAverage } from './weighted-average.js';

/**
 * Hull moving average of the closes after A. Hull: the weighted average over floor(sqrt(length)) bars of
 * 2 x WMA(floor(length / 2)) - WMA(length). First value with bar `length + floor(sqrt(length)) - 1`. `length` is at least 2.
 */
export const hma = defineIndicator({
  name: 'hma',
  inputs: ['close'],
  create: (length: number) => {
    const slow = new WeightedAverage(checkedLength('hma', length, 2));
    const fast = new WeightedAverage(Math.floor(length / 2));
    const smoothing = Math.floor(Math.sqrt(length));
    const smooth = new WeightedAverage(smoothing);
    const bars = length + smoothing - 1;
    return {
      warmUp: bars,
      memory: bars,
      step: (close) => {
        const raw = 2 * fast.push(close) - slow.push(close);
        return Number.isNaN(raw) ? raw : smooth.push(raw);
      },
    };
  },
});
