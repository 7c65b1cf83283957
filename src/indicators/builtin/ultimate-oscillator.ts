import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkedLength } from './length.js';
import { trueRangeOf } from './range.js';

/**
 * Ultimate oscillator, 0 to 100, after L. Williams: buying pressure (close minus the lower of low and previous close) over
 * true range, each summed over `short`, `middle` and `long` bars, the three quotients weighted 4, 2 and 1 (TA-Lib ULTOSC).
 * A span of bars without any range counts as 0.5, where TA-Lib counts 0. First value with bar `long + 1`, where `long` is
 * the largest of the three.
 */
export const ultimateOscillator = defineIndicator({
  name: 'ultimateOscillator',
  inputs: ['high', 'low', 'close'],
  create: (short: number = 7, middle: number = 14, long: number = 28) => {
    const first = new PressureShare(checkedLength('ultimateOscillator', short, 1, 'short'));
    const second = new PressureShare(checkedLength('ultimateOscillator', middle, 1, 'middle'));
    const third = new PressureShare(checkedLength('ultimateOscillator', long, 1, 'long'));
    const bars = Math.max(short, middle, long) + 1;
    let previous = Number.NaN;
    return {
      warmUp: bars,
      memory: bars,
      step: (high, low, close) => {
        const range = trueRangeOf(high, low, previous);
        const pressure = close - Math.min(low, previous);
        previous = close;
        if (Number.isNaN(range)) return Number.NaN;
        return (
          (100 * (4 * first.push(pressure, range) + 2 * second.push(pressure, range) + third.push(pressure, range))) / 7
        );
      },
    };
  },
});

/** Buying pressure over true range of the last bars. */
class PressureShare {
  readonly #pressure: WindowMean;
  readonly #range: WindowMean;

  constructor(length: number) {
    this.#pressure = new WindowMean(length);
    this.#range = new WindowMean(length);
  }

  push(pressure: number, range: number): number {
    const bought = this.#pressure.push(pressure);
    const ranged = this.#range.push(range);
    return ranged === 0 ? 0.5 : bought / ranged;
  }
}
