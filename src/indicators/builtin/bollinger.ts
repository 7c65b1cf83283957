import { defineIndicator } from '../indicator.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';
import { meanAndDeviation } from './mean-and-deviation.js';
import { WindowDeviation } from './window-deviation.js';

/**
 * Bollinger bands of the closes after J. Bollinger: the simple average over `length` bars, and `deviations` standard
 * deviations of the population above and below (TA-Lib BBANDS). First values with bar `length`.
 */
export const bollinger = defineIndicator({
  name: 'bollinger',
  inputs: ['close'],
  outputs: ['upper', 'middle', 'lower'],
  create: (length: number = 20, deviations: number = 2) => {
    const window = new WindowDeviation(checkedLength('bollinger', length), 0);
    checkedFactor('bollinger', 'deviations', deviations);
    return {
      warmUp: length,
      memory: length,
      step: (out, close) => {
        const distance = deviations * window.push(close);
        out.upper = window.mean + distance;
        out.middle = window.mean;
        out.lower = window.mean - distance;
      },
      composed: {
        parts: [meanAndDeviation(length)],
        column: ({ upper, middle, lower }, part) => {
          const mean = part.mean!;
          const deviation = part.deviation!;
          for (let row = 0; row < upper.length; row++) {
            const centre = mean[row]!;
            const distance = deviations * deviation[row]!;
            upper[row] = centre + distance;
            middle[row] = centre;
            lower[row] = centre - distance;
          }
        },
      },
    };
  },
});
