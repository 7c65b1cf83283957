import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { checkedDdof } from './standard-deviation.js';
import { WindowDeviation } from './window-deviation.js';

/**
 * Distance of the close from the simple average over `length` bars, in standard deviations: the population's, or with `ddof`
 * 1 the sample's; 0 where no close differs. First value with bar `length`.
 */
export const zscore = defineIndicator({
  name: 'zscore',
  inputs: ['close'],
  create: (length: number, ddof: 0 | 1 = 0) => {
    const window = new WindowDeviation(checkedLength('zscore', length, 1 + checkedDdof('zscore', length, ddof)), ddof);
    return {
      warmUp: length,
      memory: length,
      step: (close) => {
        const deviation = window.push(close);
        return deviation === 0 ? 0 : (close - window.mean) / deviation;
      },
    };
  },
});
