import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { RelativeStrength } from './relative-strength.js';
import { WindowRange } from './window-range.js';

/** While no close changes, gains and losses fade alike, and their quotient moves by rounding alone. */
const LEAST_RANGE = 1e-9;

/**
 * Stochastic oscillator of the RSI after T. Chande and S. Kroll, 0 to 100: where `rsi(strength)` lies between its lowest
 * and highest of the last `length` bars, smoothed as in `stochastic`. `smoothing` 1 gives TA-Lib STOCHRSI. 50 where there is
 * no range, where TA-Lib prints 0. First values with bar `strength + length + smoothing + signal - 2`. All history matters.
 */
export const stochasticRsi = defineIndicator({
  name: 'stochasticRsi',
  inputs: ['close'],
  outputs: ['k', 'd'],
  create: (strength: number = 14, length: number = 14, smoothing: number = 3, signal: number = 3) => {
    const rsi = new RelativeStrength(checkedLength('stochasticRsi', strength, 1, 'strength'));
    const range = new WindowRange(checkedLength('stochasticRsi', length, 1, 'length'));
    const fast = new WindowMean(checkedLength('stochasticRsi', smoothing, 1, 'smoothing'));
    const slow = new WindowMean(checkedLength('stochasticRsi', signal, 1, 'signal'));
    return {
      warmUp: strength + length + smoothing + signal - 2,
      step: (out, close) => {
        rsi.push(close);
        const { index } = rsi;
        if (!Number.isNaN(index)) range.push(index, index);
        const raw = range.locate(index, LEAST_RANGE);
        const k = Number.isNaN(raw) ? raw : fast.push(raw);
        const d = Number.isNaN(k) ? k : slow.push(k);
        out.k = Number.isNaN(d) ? d : k;
        out.d = d;
      },
    };
  },
});
