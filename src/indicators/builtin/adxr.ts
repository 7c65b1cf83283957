import { defineIndicator } from '../indicator.js';
import { Delay } from './delay.js';
import { DirectionalIndex } from './directional-movement.js';
import { checkedLength } from './length.js';

/**
 * Average directional index rating after Wilder, 0 to 100: the mean of `adx(length)` now and `length - 1` bars ago (TA-Lib
 * ADXR; backtrader looks `length` bars back). First value with bar `3 x length - 1`. `length` is at least 2. All history
 * matters.
 */
export const adxr = defineIndicator({
  name: 'adxr',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    const index = new DirectionalIndex(checkedLength('adxr', length, 2));
    const past = new Delay(length - 1);
    return {
      warmUp: 3 * length - 1,
      step: (high, low, close) => {
        const value = index.push(high, low, close);
        return (value + past.push(value)) / 2;
      },
    };
  },
});
