import { defineIndicator } from '../indicator.js';
import { checkedFactor } from './factor.js';
import { isAbove } from './rounding.js';

/**
 * Parabolic stop and reverse after Wilder, in price units: below the price in an uptrend, above it in a downtrend. The stop
 * goes a share of the way to the trend's extreme with each bar; the share begins at `acceleration` and grows by it with
 * each new extreme, up to `maximum`. The first trend is up unless the second bar's directional movement is down, and
 * the first value is that of the second bar (TA-Lib SAR). All history matters.
 */
export const parabolicSar = defineIndicator({
  name: 'parabolicSar',
  inputs: ['high', 'low'],
  create: (acceleration: number = 0.02, maximum: number = 0.2) => {
    checkedFactor('parabolicSar', 'acceleration', acceleration, 0, 1);
    checkedFactor('parabolicSar', 'maximum', maximum, 0, 1);
    const first = Math.min(acceleration, maximum);
    let share = first;
    let bars = 0;
    let isUp = true;
    let stop = Number.NaN;
    let extreme = Number.NaN;
    let lastHigh = Number.NaN;
    let lastLow = Number.NaN;
    return {
      warmUp: 2,
      step: (high, low) => {
        if (++bars === 1) {
          lastHigh = high;
          lastLow = low;
          return Number.NaN;
        }
        if (bars === 2) {
          isUp = !(low < lastLow && isAbove(lastLow - low, high - lastHigh, high));
          stop = isUp ? lastLow : lastHigh;
          extreme = isUp ? high : low;
          // The first stop is held clear of this bar alone: it comes from the one before.
          lastHigh = high;
          lastLow = low;
        }
        const isHit = isUp ? low <= stop : high >= stop;
        if (isHit) {
          isUp = !isUp;
          stop = isUp ? Math.min(extreme, lastLow, low) : Math.max(extreme, lastHigh, high);
          extreme = isUp ? high : low;
          share = first;
        } else if (isUp ? high > extreme : low < extreme) {
          extreme = isUp ? high : low;
          share = Math.min(share + first, maximum);
        }
        const value = stop;
        // On to the next bar's stop, which stays clear of this bar and the one before.
        stop += share * (extreme - stop);
        stop = isUp ? Math.min(stop, lastLow, low) : Math.max(stop, lastHigh, high);
        lastHigh = high;
        lastLow = low;
        return value;
      },
    };
  },
});
