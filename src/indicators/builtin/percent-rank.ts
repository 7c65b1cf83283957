import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowRank } from './window-rank.js';

/**
 * Percentage of the last `length` closes, the current one included, that lie below the current one: 0 for the lowest,
 * 100 - 100 / length for a new high (backtrader PercentRank, which gives it as a fraction). First value with bar `length`.
 * Time grows with `length`.
 */
export const percentRank = defineIndicator({
  name: 'percentRank',
  inputs: ['close'],
  create: (length: number) => {
    const rank = new WindowRank(checkedLength('percentRank', length));
    return { warmUp: length, memory: length, step: (close) => rank.push(close) };
  },
});
