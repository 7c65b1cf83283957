import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedLength, checkFastAndSlow } from './length.js';
import { percentOf } from './share.js';

/**
 * Percentage price oscillator of the closes: `ppo` is the EMA over `fast` bars minus the one over `slow`, in per cent of the
 * latter; `signal` its EMA over `signal` bars, `histogram` their difference. Every EMA is seeded with its own first values
 * (backtrader PPO; TA-Lib PPO takes simple averages unless told otherwise). First values with bar `slow + signal - 1`.
 * All history matters.
 */
export const ppo = defineIndicator({
  name: 'ppo',
  inputs: ['close'],
  outputs: ['ppo', 'signal', 'histogram'],
  create: (fast: number = 12, slow: number = 26, signal: number = 9) => {
    checkFastAndSlow('ppo', fast, slow);
    const fastAverage = new ExponentialAverage(fast);
    const slowAverage = new ExponentialAverage(slow);
    const average = new ExponentialAverage(checkedLength('ppo', signal, 1, 'signal'));
    return {
      warmUp: slow + signal - 1,
      step: (out, close) => {
        const quick = fastAverage.push(close);
        const slowly = slowAverage.push(close);
        const line = percentOf(quick - slowly, slowly);
        const smooth = Number.isNaN(line) ? line : average.push(line);
        out.ppo = Number.isNaN(smooth) ? smooth : line;
        out.signal = smooth;
        out.histogram = line - smooth;
      },
    };
  },
});
