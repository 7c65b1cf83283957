import { defineIndicator } from '../indicator.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';
import { WindowDeviation } from './window-deviation.js';

/**
 * Annualised volatility of the closes, 0.2 for 20 %: the sample's standard deviation of the last `length` simple returns from
 * bar to bar, times the square root of `barsPerYear`, 252 for daily bars by default. A return from 0 counts as 0. First value
 * with bar `length + 1`. `length` is at least 2.
 */
export const volatility = defineIndicator({
  name: 'volatility',
  inputs: ['close'],
  create: (length: number, barsPerYear: number = 252) => {
    const window = new WindowDeviation(checkedLength('volatility', length, 2), 1);
    const perYear = Math.sqrt(checkedFactor('volatility', 'barsPerYear', barsPerYear));
    let previous = Number.NaN;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (close) => {
        const change = previous === 0 ? 0 : close / previous - 1;
        previous = close;
        return Number.isNaN(change) ? change : window.push(change) * perYear;
      },
    };
  },
});
