import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkFastAndSlow } from './length.js';

/**
 * Absolute price oscillator of the closes: the EMA over `fast` bars minus the one over `slow`, each seeded with its own
 * first closes (backtrader PriceOsc; TA-Lib APO takes simple averages unless told otherwise). First value with bar `slow`.
 * All history matters.
 */
export const apo = defineIndicator({
  name: 'apo',
  inputs: ['close'],
  create: (fast: number = 12, slow: number = 26) => {
    checkFastAndSlow('apo', fast, slow);
    const fastAverage = new ExponentialAverage(fast);
    const slowAverage = new ExponentialAverage(slow);
    return { warmUp: slow, step: (close) => fastAverage.push(close) - slowAverage.push(close) };
  },
});
