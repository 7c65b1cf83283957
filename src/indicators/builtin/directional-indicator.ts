import { defineIndicator } from '../indicator.js';
import { DirectionalMovement } from './directional-movement.js';
import { checkedLength } from './length.js';

/**
 * Directional indicators after Wilder, 0 to 100 each: the share of upward (`plus`) and of downward movement (`minus`) in the
 * true range (TA-Lib PLUS_DI and MINUS_DI); 0 where there was no range. First values with bar `length + 1`. All history
 * matters.
 */
export const directionalIndicator = defineIndicator({
  name: 'directionalIndicator',
  inputs: ['high', 'low', 'close'],
  outputs: ['plus', 'minus'],
  create: (length: number) => {
    const movement = new DirectionalMovement(checkedLength('directionalIndicator', length));
    return {
      warmUp: length + 1,
      step: (out, high, low, close) => {
        movement.push(high, low, close);
        out.plus = movement.plus;
        out.minus = movement.minus;
      },
    };
  },
});
