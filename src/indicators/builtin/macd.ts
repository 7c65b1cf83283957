import { UsageError } from '../../core/errors.js';
import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedLength, checkFastAndSlow } from './length.js';

/**
 * Moving average convergence divergence of the closes after G. Appel: `macd` is the EMA over `fast` bars minus the one over
 * `slow`, `signal` its EMA over `signal` bars, `histogram` their difference. First values with bar `slow + signal - 1`.
 *
 * `start` names a convention: 'together', the default, seeds both averages at bar `slow`, the fast one with the `fast`
 * closes up to it (TA-Lib MACD); 'apart' seeds each with its own first closes, so that `macd` is `ema(fast)` minus
 * `ema(slow)`. The two approach each other over some hundred bars. All history matters.
 */
export const macd = defineIndicator({
  name: 'macd',
  inputs: ['close'],
  outputs: ['macd', 'signal', 'histogram'],
  create: (fast: number = 12, slow: number = 26, signal: number = 9, start: 'together' | 'apart' = 'together') => {
    checkFastAndSlow('macd', fast, slow);
    checkedLength('macd', signal, 1, 'signal');
    if (start !== 'together' && start !== 'apart') {
      throw new UsageError('INVALID_ARGUMENT', {
        message: `macd with start '${String(start)}': it is 'together' (TA-Lib) or 'apart'.`,
        details: { start },
      });
    }
    const slowAverage = new ExponentialAverage(slow);
    const fastAverage = new ExponentialAverage(fast);
    const average = new ExponentialAverage(signal);
    const skipped = start === 'together' ? slow - fast : 0;
    let count = 0;
    return {
      warmUp: slow + signal - 1,
      step: (out, close) => {
        const quick = count < skipped ? Number.NaN : fastAverage.push(close);
        if (count < skipped) count++;
        const line = quick - slowAverage.push(close);
        const smooth = Number.isNaN(line) ? line : average.push(line);
        out.macd = Number.isNaN(smooth) ? smooth : line;
        out.signal = smooth;
        out.histogram = line - smooth;
      },
      column: ({ macd, signal: smooth, histogram }, close) => {
        fastAverage.fill(close.subarray(skipped), macd.subarray(skipped));
        slowAverage.fill(close, smooth);
        const first = Math.min(slow - 1, close.length);
        for (let row = first; row < close.length; row++) histogram[row] = macd[row]! - smooth[row]!;
        average.fill(histogram.subarray(first), smooth.subarray(first));
        const ready = Math.min(first + signal - 1, close.length);
        for (let row = ready; row < close.length; row++) {
          macd[row] = histogram[row]!;
          histogram[row] = macd[row]! - smooth[row]!;
        }
        for (const column of [macd, smooth, histogram]) column.fill(Number.NaN, 0, ready);
      },
    };
  },
});
