import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { RelativeStrength } from './relative-strength.js';
import { percentOf } from './share.js';

/**
 * Chande momentum oscillator of the closes, -100 to 100: gains minus losses in per cent of their sum, both as Wilder's
 * averages as in `rsi` (TA-Lib CMO; T. Chande himself adds up the last `length` changes); 0 where no close has changed.
 * First value with bar `length + 1`. All history matters.
 */
export const cmo = defineIndicator({
  name: 'cmo',
  inputs: ['close'],
  create: (length: number) => {
    const strength = new RelativeStrength(checkedLength('cmo', length));
    return {
      warmUp: length + 1,
      step: (close) => {
        strength.push(close);
        return percentOf(strength.gain - strength.loss, strength.gain + strength.loss);
      },
    };
  },
});
