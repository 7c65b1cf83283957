import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { typicalPriceOf } from './range.js';

/**
 * Volume-weighted average of the typical prices over the last `length` bars, (high + low + close) / 3 each; their plain
 * average where nothing was traded. It rolls: an indicator does not know where a session begins.
 */
export const vwap = defineIndicator({
  name: 'vwap',
  inputs: ['high', 'low', 'close', 'volume'],
  create: (length: number) => {
    const turnover = new WindowMean(checkedLength('vwap', length));
    const volumes = new WindowMean(length);
    const prices = new WindowMean(length);
    return {
      warmUp: length,
      memory: length,
      step: (high, low, close, volume) => {
        const price = typicalPriceOf(high, low, close);
        const plain = prices.push(price);
        const traded = volumes.push(volume);
        const paid = turnover.push(price * volume);
        return traded === 0 ? plain : paid / traded;
      },
    };
  },
});
