import { defineIndicator } from '../indicator.js';
import { closeLocation } from './range.js';

/**
 * Accumulation/distribution line after M. Chaikin: the sum of volume x where the close lies in its bar, -1 at the low to 1 at
 * the high; a bar without a range adds nothing (TA-Lib AD). All history matters.
 */
export const accumulationDistribution = defineIndicator({
  name: 'accumulationDistribution',
  inputs: ['high', 'low', 'close', 'volume'],
  create: () => {
    let line = 0;
    return {
      warmUp: 1,
      step: (high, low, close, volume) => {
        line += closeLocation(high, low, close) * volume;
        return line;
      },
    };
  },
});
