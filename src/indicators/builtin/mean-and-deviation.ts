import { defineIndicator } from '../indicator.js';
import { WindowDeviation } from './window-deviation.js';

/** Mean and population deviation of the closes over `length` bars: what bands of any width have in common. */
export const meanAndDeviation = defineIndicator({
  name: 'meanAndDeviation',
  inputs: ['close'],
  outputs: ['mean', 'deviation'],
  create: (length: number) => {
    const window = new WindowDeviation(length, 0);
    return {
      warmUp: length,
      memory: length,
      step: (out, close) => {
        out.deviation = window.push(close);
        out.mean = window.mean;
      },
      column: ({ mean, deviation }, close) => window.fill(close, mean, deviation),
    };
  },
});
