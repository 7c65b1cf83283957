import { defineIndicator } from '../indicator.js';
import { ExponentialChain } from './exponential-average.js';
import { checkedLength } from './length.js';

/**
 * Double exponential moving average of the closes after P. Mulloy: 2 x EMA - EMA of EMA, every EMA seeded with a simple
 * average (TA-Lib DEMA). First value with bar `2 x length - 1`. All history matters.
 */
export const dema = defineIndicator({
  name: 'dema',
  inputs: ['close'],
  create: (length: number) => {
    const chain = new ExponentialChain(checkedLength('dema', length), 2);
    const { levels } = chain;
    return {
      warmUp: 2 * length - 1,
      step: (close) => {
        const last = chain.push(close);
        return 2 * levels[0]! - last;
      },
    };
  },
});
