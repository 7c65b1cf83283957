import { defineIndicator } from '../indicator.js';

/** The middle of each bar, (high + low) / 2 (TA-Lib MEDPRICE): for averages over something else than closes. */
export const medianPrice = defineIndicator({
  name: 'medianPrice',
  inputs: ['high', 'low'],
  create: () => ({ warmUp: 1, memory: 1, step: (high, low) => (high + low) / 2 }),
});
