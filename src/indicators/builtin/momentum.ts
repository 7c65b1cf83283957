import { defineIndicator } from '../indicator.js';
import { Delay } from './delay.js';
import { checkedLength } from './length.js';

/** The close minus the close `length` bars ago (TA-Lib MOM). First value with bar `length + 1`. */
export const momentum = defineIndicator({
  name: 'momentum',
  inputs: ['close'],
  create: (length: number) => {
    const past = new Delay(checkedLength('momentum', length));
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (close) => close - past.push(close),
      column: ({ value }, close) => {
        value.fill(Number.NaN, 0, length);
        for (let row = length; row < value.length; row++) value[row] = close[row]! - close[row - length]!;
      },
    };
  },
});
