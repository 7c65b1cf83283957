import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { Delay } from './delay.js';
import { checkedLength, checkFastAndSlow } from './length.js';

/**
 * Adaptive moving average of the closes after P. Kaufman. Each step goes the share s ** 2 of the way to the close, s between
 * 2 / (slow + 1) and 2 / (fast + 1) by the efficiency ratio: the distance gone in `length` bars over the path walked, 1
 * where no close changed. It sets out from the close of bar `length` and has its first value one bar later (TA-Lib KAMA,
 * which fixes `fast` 2 and `slow` 30, the defaults). All history matters.
 */
export const kama = defineIndicator({
  name: 'kama',
  inputs: ['close'],
  create: (length: number, fast: number = 2, slow: number = 30) => {
    const past = new Delay(checkedLength('kama', length));
    checkFastAndSlow('kama', fast, slow);
    const path = new WindowMean(length);
    const slowest = 2 / (slow + 1);
    const span = 2 / (fast + 1) - slowest;
    let previous = Number.NaN;
    let average = Number.NaN;
    return {
      warmUp: length + 1,
      step: (close) => {
        const distance = Math.abs(close - past.push(close));
        const walked = Number.isNaN(previous) ? previous : path.push(Math.abs(close - previous)) * length;
        if (Number.isNaN(walked)) {
          previous = close;
          return walked;
        }
        if (Number.isNaN(average)) average = previous;
        previous = close;
        const share = (distance >= walked ? 1 : distance / walked) * span + slowest;
        average += (close - average) * share * share;
        return average;
      },
    };
  },
});
