import { defineIndicator } from '../indicator.js';
import { ExponentialChain } from './exponential-average.js';
import { checkedLength } from './length.js';

/**
 * Triple exponential moving average of the closes after P. Mulloy: 3 x EMA - 3 x EMA of EMA + EMA of EMA of EMA, every
 * EMA seeded with a simple average (TA-Lib TEMA). First value with bar `3 x length - 2`. All history matters.
 */
export const tema = defineIndicator({
  name: 'tema',
  inputs: ['close'],
  create: (length: number) => {
    const chain = new ExponentialChain(checkedLength('tema', length), 3);
    const { levels } = chain;
    return {
      warmUp: 3 * length - 2,
      step: (close) => {
        const last = chain.push(close);
        return 3 * levels[0]! - 3 * levels[1]! + last;
      },
    };
  },
});
