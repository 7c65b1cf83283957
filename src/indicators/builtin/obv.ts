import { defineIndicator } from '../indicator.js';

/**
 * On-balance volume after J. Granville: the volume of each bar added where its close rose and taken away where it fell,
 * beginning with the first bar's volume (TA-Lib OBV). All history matters.
 */
export const obv = defineIndicator({
  name: 'obv',
  inputs: ['close', 'volume'],
  create: () => {
    let previous = Number.NaN;
    let balance = 0;
    return {
      warmUp: 1,
      step: (close, volume) => {
        if (close > previous || Number.isNaN(previous)) balance += volume;
        else if (close < previous) balance -= volume;
        previous = close;
        return balance;
      },
    };
  },
});
