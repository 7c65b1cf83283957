import { defineIndicator } from '../indicator.js';
import { checkFastAndSlow } from './length.js';
import { closeLocation } from './range.js';

/**
 * Chaikin oscillator: the EMA over `fast` bars of the accumulation/distribution line minus the one over `slow`, both set out
 * from the line's first value (TA-Lib ADOSC). First value with bar `slow`. All history matters.
 */
export const chaikinOscillator = defineIndicator({
  name: 'chaikinOscillator',
  inputs: ['high', 'low', 'close', 'volume'],
  create: (fast: number = 3, slow: number = 10) => {
    checkFastAndSlow('chaikinOscillator', fast, slow);
    const fastShare = 2 / (fast + 1);
    const slowShare = 2 / (slow + 1);
    let line = 0;
    let quick = Number.NaN;
    let slowly = Number.NaN;
    let bars = 0;
    return {
      warmUp: slow,
      step: (high, low, close, volume) => {
        line += closeLocation(high, low, close) * volume;
        quick = bars === 0 ? line : (line - quick) * fastShare + quick;
        slowly = bars === 0 ? line : (line - slowly) * slowShare + slowly;
        if (bars < slow) bars++;
        return bars < slow ? Number.NaN : quick - slowly;
      },
    };
  },
});
