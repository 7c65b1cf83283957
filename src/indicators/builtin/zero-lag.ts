import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedLength } from './length.js';

/**
 * Error-correcting average of the closes after J. Ehlers and R. Way, "Zero Lag (Well, Almost)": an EMA that also leans to
 * the close by the one gain, of those from -gainLimit / 10 to gainLimit / 10 in steps of 0.1, that comes nearest to the
 * close; the lowest such gain where several do. Seeded with the simple average of the first `length` closes, its first
 * value (backtrader ZeroLagIndicator). All history matters; time grows with `gainLimit`, a whole number, 50 by default.
 */
export const zeroLag = defineIndicator({
  name: 'zeroLag',
  inputs: ['close'],
  create: (length: number, gainLimit: number = 50) => {
    const average = new ExponentialAverage(checkedLength('zeroLag', length));
    checkedLength('zeroLag', gainLimit, 1, 'gainLimit');
    const alpha = 2 / (length + 1);
    let corrected = Number.NaN;
    return {
      warmUp: length,
      step: (close) => {
        const mean = average.push(close);
        if (Number.isNaN(corrected)) {
          corrected = mean;
          return corrected;
        }
        let best = Number.NaN;
        let leastError = Number.POSITIVE_INFINITY;
        for (let gain = -gainLimit; gain <= gainLimit; gain++) {
          const candidate = alpha * (mean + (gain / 10) * (close - corrected)) + (1 - alpha) * corrected;
          const error = Math.abs(close - candidate);
          if (error < leastError) {
            leastError = error;
            best = candidate;
          }
        }
        corrected = best;
        return corrected;
      },
    };
  },
});
