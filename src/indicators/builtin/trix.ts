import { defineIndicator } from '../indicator.js';
import { Delay } from './delay.js';
import { ExponentialChain } from './exponential-average.js';
import { checkedLength } from './length.js';
import { percentChange } from './share.js';

/**
 * TRIX of the closes after J. Hutson: the change of an EMA of an EMA of an EMA from the bar before, in per cent, every
 * EMA seeded with a simple average (TA-Lib TRIX). First value with bar `3 x length - 1`. All history matters.
 */
export const trix = defineIndicator({
  name: 'trix',
  inputs: ['close'],
  create: (length: number) => {
    const chain = new ExponentialChain(checkedLength('trix', length), 3);
    const previous = new Delay(1);
    return {
      warmUp: 3 * length - 1,
      step: (close) => {
        const average = chain.push(close);
        return percentChange(average, previous.push(average));
      },
    };
  },
});
