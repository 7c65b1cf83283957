import { defineIndicator } from '../indicator.js';
import { Delay } from './delay.js';
import { checkedLength } from './length.js';
import { WindowRange } from './window-range.js';

/**
 * Ichimoku lines after G. Hosoda: middles between the highest high and the lowest low of the last `conversion` bars, of
 * the last `base` bars, and of the last `span` bars. The spans are drawn `base` bars ahead, so the cloud over the current bar
 * is that of `base` bars ago: `spanA`, the mean of conversion and base line, and `spanB`. The lagging line of the chart
 * is the close drawn backward: compare `close` with `ago(base)` instead. First values with bar `span + base`.
 */
export const ichimoku = defineIndicator({
  name: 'ichimoku',
  inputs: ['high', 'low'],
  outputs: ['conversion', 'base', 'spanA', 'spanB'],
  create: (conversion: number = 9, base: number = 26, span: number = 52) => {
    const short = new WindowRange(checkedLength('ichimoku', conversion, 1, 'conversion'));
    const middle = new WindowRange(checkedLength('ichimoku', base, 1, 'base'));
    const long = new WindowRange(checkedLength('ichimoku', span, 1, 'span'));
    const pastA = new Delay(base);
    const pastB = new Delay(base);
    const bars = Math.max(conversion, base, span) + base;
    let count = 0;
    return {
      warmUp: bars,
      memory: bars,
      step: (out, high, low) => {
        short.push(high, low);
        middle.push(high, low);
        long.push(high, low);
        const spanA = pastA.push((short.middle + middle.middle) / 2);
        const spanB = pastB.push(long.middle);
        if (count < bars) count++;
        const isReady = count === bars;
        out.conversion = isReady ? short.middle : Number.NaN;
        out.base = isReady ? middle.middle : Number.NaN;
        out.spanA = isReady ? spanA : Number.NaN;
        out.spanB = isReady ? spanB : Number.NaN;
      },
    };
  },
});
