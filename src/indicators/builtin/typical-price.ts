import { defineIndicator } from '../indicator.js';
import { typicalPriceOf } from './range.js';

/** The mean of high, low and close of each bar (TA-Lib TYPPRICE): for averages over something else than closes. */
export const typicalPrice = defineIndicator({
  name: 'typicalPrice',
  inputs: ['high', 'low', 'close'],
  create: () => ({ warmUp: 1, memory: 1, step: typicalPriceOf }),
});
