import { defineIndicator } from '../indicator.js';
import { ExponentialAverage } from './exponential-average.js';
import { checkedLength } from './length.js';
import { percentOf } from './share.js';

/**
 * True strength index of the closes, -100 to 100, after W. Blau: the change from bar to bar, averaged by an EMA over `slow`
 * bars and another over `fast` of it, over the same of the changes' sizes; 0 where no close changed. Every EMA is seeded
 * with a simple average (backtrader TSI). First value with bar `slow + fast`. All history matters.
 */
export const tsi = defineIndicator({
  name: 'tsi',
  inputs: ['close'],
  create: (slow: number = 25, fast: number = 13) => {
    const change = new DoubleAverage(checkedLength('tsi', slow, 1, 'slow'), checkedLength('tsi', fast, 1, 'fast'));
    const size = new DoubleAverage(slow, fast);
    let previous = Number.NaN;
    return {
      warmUp: slow + fast,
      step: (close) => {
        const moved = close - previous;
        previous = close;
        return Number.isNaN(moved) ? moved : percentOf(change.push(moved), size.push(Math.abs(moved)));
      },
    };
  },
});

/** An exponential average of an exponential average. */
class DoubleAverage {
  readonly #first: ExponentialAverage;
  readonly #second: ExponentialAverage;

  constructor(first: number, second: number) {
    this.#first = new ExponentialAverage(first);
    this.#second = new ExponentialAverage(second);
  }

  push(value: number): number {
    const average = this.#first.push(value);
    return Number.isNaN(average) ? average : this.#second.push(average);
  }
}
