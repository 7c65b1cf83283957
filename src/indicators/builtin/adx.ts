import { defineIndicator } from '../indicator.js';
import { DirectionalIndex } from './directional-movement.js';
import { checkedLength } from './length.js';

/**
 * Average directional index after Wilder, 0 to 100: how strong a trend is, whichever way it goes (TA-Lib ADX). First value
 * with bar `2 x length`. All history matters.
 */
export const adx = defineIndicator({
  name: 'adx',
  inputs: ['high', 'low', 'close'],
  create: (length: number) => {
    const index = new DirectionalIndex(checkedLength('adx', length));
    return { warmUp: 2 * length, step: (high, low, close) => index.push(high, low, close) };
  },
});
