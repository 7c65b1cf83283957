import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { checkFastAndSlow } from './length.js';

/**
 * Awesome oscillator after B. Williams: the simple average of the middles of the bars, (high + low) / 2, over `fast` bars
 * minus the one over `slow` (backtrader AO). First value with bar `slow`.
 */
export const awesomeOscillator = defineIndicator({
  name: 'awesomeOscillator',
  inputs: ['high', 'low'],
  create: (fast: number = 5, slow: number = 34) => {
    checkFastAndSlow('awesomeOscillator', fast, slow);
    const oscillator = new MiddleOscillator(fast, slow);
    return { warmUp: slow, memory: slow, step: (high, low) => oscillator.push(high, low) };
  },
});

/** The difference of two simple averages of the middles of the bars. Highs and lows are averaged apart, exactly. */
export class MiddleOscillator {
  readonly #fastHigh: WindowMean;
  readonly #fastLow: WindowMean;
  readonly #slowHigh: WindowMean;
  readonly #slowLow: WindowMean;

  constructor(fast: number, slow: number) {
    this.#fastHigh = new WindowMean(fast);
    this.#fastLow = new WindowMean(fast);
    this.#slowHigh = new WindowMean(slow);
    this.#slowLow = new WindowMean(slow);
  }

  /** Takes the next bar and returns the difference; NaN before there are `slow` bars. */
  push(high: number, low: number): number {
    const fast = (this.#fastHigh.push(high) + this.#fastLow.push(low)) / 2;
    const slow = (this.#slowHigh.push(high) + this.#slowLow.push(low)) / 2;
    return fast - slow;
  }
}
