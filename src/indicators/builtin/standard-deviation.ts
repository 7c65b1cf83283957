import { UsageError } from '../../core/errors.js';
import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowDeviation } from './window-deviation.js';

/**
 * Standard deviation of the closes over `length` bars, in price units. The population's (divided by `length`) by
 * default, as TA-Lib STDDEV and Bollinger bands take it; `ddof` 1 gives the sample's (divided by `length - 1`), as
 * pandas `rolling().std()` does. Time grows with `length` ({@link WindowDeviation}).
 */
export const standardDeviation = defineIndicator({
  name: 'standardDeviation',
  inputs: ['close'],
  create: (length: number, ddof: 0 | 1 = 0) => {
    const deviation = new WindowDeviation(
      checkedLength('standardDeviation', length, 1 + checkedDdof('standardDeviation', length, ddof)),
      ddof,
    );
    return {
      warmUp: length,
      memory: length,
      step: (close) => deviation.push(close),
      column: ({ value }, close) => deviation.fill(close, new Float64Array(close.length), value),
    };
  },
});

/** Returns `ddof` as it is. Throws UsageError `INVALID_ARGUMENT` unless it is 0 or 1. */
export function checkedDdof(indicator: string, length: number, ddof: 0 | 1): 0 | 1 {
  if (ddof !== 0 && ddof !== 1) {
    throw new UsageError('INVALID_ARGUMENT', {
      message: `${indicator}(${length}, ${String(ddof)}): the second argument is 0 (population) or 1 (sample).`,
      details: { length, ddof },
    });
  }
  return ddof;
}
