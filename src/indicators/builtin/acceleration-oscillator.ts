import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { MiddleOscillator } from './awesome-oscillator.js';
import { checkedLength, checkFastAndSlow } from './length.js';

/**
 * Acceleration oscillator after B. Williams: the awesome oscillator minus its simple average over `length` bars
 * (backtrader AccelerationDecelerationOscillator). First value with bar `slow + length - 1`.
 */
export const accelerationOscillator = defineIndicator({
  name: 'accelerationOscillator',
  inputs: ['high', 'low'],
  create: (length: number = 5, fast: number = 5, slow: number = 34) => {
    const mean = new WindowMean(checkedLength('accelerationOscillator', length));
    checkFastAndSlow('accelerationOscillator', fast, slow);
    const oscillator = new MiddleOscillator(fast, slow);
    const bars = slow + length - 1;
    return {
      warmUp: bars,
      memory: bars,
      step: (high, low) => {
        const value = oscillator.push(high, low);
        return Number.isNaN(value) ? value : value - mean.push(value);
      },
    };
  },
});
