import { defineIndicator } from '../indicator.js';
import { AverageTrueRange } from './average-true-range.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';

/**
 * Keltner channel as L. Raschke has it: an EMA of the closes over `length` bars, and `ranges` average true ranges over
 * `rangeLength` bars above and below. First values with bar `length`, or `rangeLength + 1` if later. All history matters.
 */
export const keltner = defineIndicator({
  name: 'keltner',
  inputs: ['high', 'low', 'close'],
  outputs: ['upper', 'middle', 'lower'],
  create: (length: number = 20, ranges: number = 2, rangeLength: number = 10) => {
    const average = new ExponentialAverage(checkedLength('keltner', length));
    const range = new AverageTrueRange(checkedLength('keltner', rangeLength, 1, 'rangeLength'));
    checkedFactor('keltner', 'ranges', ranges);
    return {
      warmUp: Math.max(length, rangeLength + 1),
      step: (out, high, low, close) => {
        const middle = average.push(close);
        const distance = ranges * range.push(high, low, close);
        out.upper = middle + distance;
        out.middle = Number.isNaN(distance) ? distance : middle;
        out.lower = middle - distance;
      },
    };
  },
});
