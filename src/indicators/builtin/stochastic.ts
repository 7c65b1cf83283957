import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { WindowRange } from './window-range.js';

/**
 * Stochastic oscillator after G. Lane, 0 to 100: where the close lies between the lowest low and the highest high of the
 * last `length` bars. `k` is its simple average over `smoothing` bars, `d` the one of `k` over `signal` bars. `smoothing` 1
 * gives the fast one (TA-Lib STOCHF), the default 3 the slow one (TA-Lib STOCH). 50 where there is no range, where TA-Lib
 * prints 0. First values with bar `length + smoothing + signal - 2`.
 */
export const stochastic = defineIndicator({
  name: 'stochastic',
  inputs: ['high', 'low', 'close'],
  outputs: ['k', 'd'],
  create: (length: number = 14, smoothing: number = 3, signal: number = 3) => {
    const range = new WindowRange(checkedLength('stochastic', length));
    const fast = new WindowMean(checkedLength('stochastic', smoothing, 1, 'smoothing'));
    const slow = new WindowMean(checkedLength('stochastic', signal, 1, 'signal'));
    const bars = length + smoothing + signal - 2;
    return {
      warmUp: bars,
      memory: bars,
      step: (out, high, low, close) => {
        range.push(high, low);
        const raw = range.locate(close);
        const k = Number.isNaN(raw) ? raw : fast.push(raw);
        const d = Number.isNaN(k) ? k : slow.push(k);
        out.k = Number.isNaN(d) ? d : k;
        out.d = d;
      },
    };
  },
});
