import { defineIndicator } from '../indicator.js';
import { ExponentialChain } from './exponential-average.js';
import { checkedFactor } from './factor.js';
import { checkedLength } from './length.js';

/**
 * T3 of the closes after T. Tillson: the generalised double EMA, (1 + v) x EMA - v x EMA of EMA, taken three times over,
 * where v is `volumeFactor`, 0.7 by default (TA-Lib T3). First value with bar `6 x length - 5`. All history matters.
 */
export const t3 = defineIndicator({
  name: 't3',
  inputs: ['close'],
  create: (length: number, volumeFactor: number = 0.7) => {
    const chain = new ExponentialChain(checkedLength('t3', length), 6);
    const v = checkedFactor('t3', 'volumeFactor', volumeFactor, 0, 1);
    const { levels } = chain;
    // The product of the three, by powers of the EMA.
    const third = (1 + v) * (1 + v) * (1 + v);
    const fourth = -3 * v * (1 + v) * (1 + v);
    const fifth = 3 * v * v * (1 + v);
    const sixth = -v * v * v;
    return {
      warmUp: 6 * length - 5,
      step: (close) => {
        const last = chain.push(close);
        return third * levels[2]! + fourth * levels[3]! + fifth * levels[4]! + sixth * last;
      },
    };
  },
});
