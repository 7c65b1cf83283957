import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { typicalPriceOf } from './range.js';
import { isAbove } from './rounding.js';
import { percentOf } from './share.js';

/**
 * Money flow index, 0 to 100, after G. Quong and A. Soudack: typical price x volume of the bars whose typical price rose, in
 * per cent of all that rose or fell, over the last `length` changes (TA-Lib MFI); 50 where none did, where TA-Lib prints 0.
 * First value with bar `length + 1`.
 */
export const mfi = defineIndicator({
  name: 'mfi',
  inputs: ['high', 'low', 'close', 'volume'],
  create: (length: number) => {
    const inflow = new WindowMean(checkedLength('mfi', length));
    const outflow = new WindowMean(length);
    let previous = Number.NaN;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (high, low, close, volume) => {
        const price = typicalPriceOf(high, low, close);
        const last = previous;
        previous = price;
        if (Number.isNaN(last)) return last;
        const flowedIn = inflow.push(isAbove(price, last, price) ? price * volume : 0);
        const flowedOut = outflow.push(isAbove(last, price, price) ? price * volume : 0);
        return percentOf(flowedIn, flowedIn + flowedOut, 50);
      },
    };
  },
});
