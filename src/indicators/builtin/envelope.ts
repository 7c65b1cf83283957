import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';

/** The simple average of the closes over `length` bars, and bands `percent` per cent above and below (backtrader SMAEnvelope). */
export const envelope = defineIndicator({
  name: 'envelope',
  inputs: ['close'],
  outputs: ['upper', 'middle', 'lower'],
  create: (length: number, percent: number = 2.5) => {
    const mean = new WindowMean(checkedLength('envelope', length));
    checkedFactor('envelope', 'percent', percent);
    return {
      warmUp: length,
      memory: length,
      step: (out, close) => {
        const middle = mean.push(close);
        const distance = (middle * percent) / 100;
        out.upper = middle + distance;
        out.middle = middle;
        out.lower = middle - distance;
      },
    };
  },
});
