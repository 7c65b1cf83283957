import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { closeLocation } from './range.js';

/**
 * Chaikin money flow, -1 to 1: volume x where the close lies in its bar, over the volume, both summed over `length` bars; 0
 * where nothing was traded. First value with bar `length`.
 */
export const chaikinMoneyFlow = defineIndicator({
  name: 'chaikinMoneyFlow',
  inputs: ['high', 'low', 'close', 'volume'],
  create: (length: number) => {
    const flow = new WindowMean(checkedLength('chaikinMoneyFlow', length));
    const volumes = new WindowMean(length);
    return {
      warmUp: length,
      memory: length,
      step: (high, low, close, volume) => {
        const moved = flow.push(closeLocation(high, low, close) * volume);
        const traded = volumes.push(volume);
        return traded === 0 ? 0 : moved / traded;
      },
    };
  },
});
