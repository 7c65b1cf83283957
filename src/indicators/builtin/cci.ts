import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { typicalPriceOf } from './range.js';
import { isAbove } from './rounding.js';

/**
 * Commodity channel index after D. Lambert: the distance of the typical price, (high + low + close) / 3, from its simple average
 * over `length` bars, in units of 0.015 x the mean distance of the window's prices from that average (TA-Lib CCI); 0 where
 * no price differs. First value with bar `length`. Time grows with `length`.
 */
export const cci = defineIndicator({
  name: 'cci',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    const mean = new WindowMean(checkedLength('cci', length));
    const ring = new Float64Array(length);
    let at = 0;
    return {
      warmUp: length,
      memory: length,
      step: (high, low, close) => {
        const price = typicalPriceOf(high, low, close);
        ring[at] = price;
        at = at + 1 === length ? 0 : at + 1;
        const centre = mean.push(price);
        if (Number.isNaN(centre)) return centre;
        let distances = 0;
        // From the oldest to the newest: the sum depends on the window alone.
        for (let i = at; i < length; i++) distances += Math.abs(ring[i]! - centre);
        for (let i = 0; i < at; i++) distances += Math.abs(ring[i]! - centre);
        // Where all prices are equal on paper, what is left of them is rounding.
        return isAbove(distances / length, 0, centre) ? (price - centre) / (0.015 * (distances / length)) : 0;
      },
    };
  },
});
