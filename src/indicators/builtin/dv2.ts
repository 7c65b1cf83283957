import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { ROUNDING } from './rounding.js';
import { WindowRank } from './window-rank.js';

/**
 * DV2 after D. Varadi, 0 to 100: the close over the middle of its bar, averaged over two bars, ranked within the last
 * `length` such averages (backtrader DV2). First value with bar `length + 1`. Time grows with `length`.
 */
export const dv2 = defineIndicator({
  name: 'dv2',
  inputs: ['high', 'low', 'close'],
  create: (length: number = 252) => {
    const rank = new WindowRank(checkedLength('dv2', length), ROUNDING);
    let previous = Number.NaN;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (high, low, close) => {
        const middle = (high + low) / 2;
        const ratio = middle === 0 ? 1 : close / middle;
        const mean = (ratio + previous) / 2;
        previous = ratio;
        return Number.isNaN(mean) ? mean : rank.push(mean);
      },
    };
  },
});
