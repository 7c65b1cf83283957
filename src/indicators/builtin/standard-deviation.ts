import { UsageError } from '../../core/errors.js';
import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';

/**
 * Standard deviation of the closes over `length` bars, in price units. The population's (divided by `length`) by
 * default, as TA-Lib STDDEV and Bollinger bands take it; `ddof` 1 gives the sample's (divided by `length - 1`), as
 * pandas `rolling().std()` does.
 *
 * Each value takes two passes over its window, around the exact mean: time grows with `length`, but nothing cancels,
 * nothing drifts, and a constant window is exactly 0.
 */
export const standardDeviation = defineIndicator({
  name: 'standardDeviation',
  inputs: ['close'],
  create: (length: number, ddof: 0 | 1 = 0) => {
    if (ddof !== 0 && ddof !== 1) {
      throw new UsageError('INVALID_ARGUMENT', {
        message: `standardDeviation(${length}, ${String(ddof)}): the second argument is 0 (population) or 1 (sample).`,
        details: { length, ddof },
      });
    }
    const mean = new WindowMean(checkedLength('standardDeviation', length, 1 + ddof));
    const ring = new Float64Array(length);
    const divisor = length - ddof;
    let at = 0;
    return {
      warmUp: length,
      memory: length,
      step: (close) => {
        ring[at] = close;
        at = at + 1 === length ? 0 : at + 1;
        const centre = mean.push(close);
        if (Number.isNaN(centre)) return centre;
        let squares = 0;
        // From the oldest to the newest, so that the sum depends on the window alone and not on where the ring stands.
        for (let i = at; i < length; i++) squares += (ring[i]! - centre) * (ring[i]! - centre);
        for (let i = 0; i < at; i++) squares += (ring[i]! - centre) * (ring[i]! - centre);
        return Math.sqrt(squares / divisor);
      },
    };
  },
});
