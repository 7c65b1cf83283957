import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowPairs } from './window-pairs.js';

/**
 * Pearson's correlation of two series over `length` bars, -1 to 1 (TA-Lib CORREL); 0 where one of them does not move. Made
 * for two series: `indicator(correlation(60), [series(a, 'close'), series(b, 'close')])`. First value with bar `length`, at
 * least 2. Time grows with `length`.
 */
export const correlation = defineIndicator({
  name: 'correlation',
  inputs: ['close', 'close'],
  create: (length: number) => {
    const window = new WindowPairs(checkedLength('correlation', length, 2));
    return {
      warmUp: length,
      memory: length,
      step: (x, y) => {
        window.push(x, y);
        if (Number.isNaN(window.xy)) return Number.NaN;
        const spread = Math.sqrt(window.xx) * Math.sqrt(window.yy);
        return spread === 0 ? 0 : Math.max(-1, Math.min(1, window.xy / spread));
      },
    };
  },
});
