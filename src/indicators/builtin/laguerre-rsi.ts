import { defineIndicator } from '../indicator.js';
import { checkedFactor } from './factor.js';
import { isAbove } from './rounding.js';

/** Bars until what the filter starts from is below a hundredth at the default gamma. */
const SETTLING = 6;

/**
 * Laguerre RSI of the closes after J. Ehlers, 0 to 1: the share of rises between the four stages of a Laguerre filter, which
 * lags by `gamma`, from 0 (not at all) to below 1; 0.5 where all stages are equal. The stages set out from the first close, not
 * from 0 as in backtrader's LRSI, whose first values say nothing of the market. First value with bar 6. All history matters.
 */
export const laguerreRsi = defineIndicator({
  name: 'laguerreRsi',
  inputs: ['close'],
  create: (gamma: number = 0.5) => {
    checkedFactor('laguerreRsi', 'gamma', gamma, 0, 1 - Number.EPSILON);
    let first = Number.NaN;
    let second = Number.NaN;
    let third = Number.NaN;
    let fourth = Number.NaN;
    let bars = 0;
    return {
      warmUp: SETTLING,
      step: (close) => {
        if (bars === 0) {
          first = close;
          second = close;
          third = close;
          fourth = close;
        }
        const pastFirst = first;
        const pastSecond = second;
        const pastThird = third;
        // In this form equal stages stay equal to the last bit.
        first = close + gamma * (pastFirst - close);
        second = pastFirst + gamma * (second - first);
        third = pastSecond + gamma * (third - second);
        fourth = pastThird + gamma * (fourth - third);
        if (bars < SETTLING && ++bars < SETTLING) return Number.NaN;
        const rises = Math.max(first - second, 0) + Math.max(second - third, 0) + Math.max(third - fourth, 0);
        const falls = Math.max(second - first, 0) + Math.max(third - second, 0) + Math.max(fourth - third, 0);
        return isAbove(rises + falls, 0, close) ? rises / (rises + falls) : 0.5;
      },
    };
  },
});
