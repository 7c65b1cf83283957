import { defineIndicator } from '../indicator.js';
import { WindowMean } from '../window-mean.js';
import { Delay } from './delay.js';
import { checkedLength } from './length.js';
import { percentChange } from './share.js';

/**
 * "Know sure thing" of the closes after M. Pring: four rates of change in per cent, over `roc1` to `roc4` bars, each as
 * the simple average of `mean1` to `mean4` bars, weighted 1 to 4; `signal` is the simple average of the sum over so many
 * bars. The defaults are 10, 15, 20, 30 and 10, 10, 10, 15 and 9; backtrader's KST takes 10 for the last mean.
 */
export const kst = defineIndicator({
  name: 'kst',
  inputs: ['close'],
  outputs: ['kst', 'signal'],
  create: (
    roc1: number = 10,
    roc2: number = 15,
    roc3: number = 20,
    roc4: number = 30,
    mean1: number = 10,
    mean2: number = 10,
    mean3: number = 10,
    mean4: number = 15,
    signal: number = 9,
  ) => {
    const first = new SmoothedChange(roc1, mean1);
    const second = new SmoothedChange(roc2, mean2);
    const third = new SmoothedChange(roc3, mean3);
    const fourth = new SmoothedChange(roc4, mean4);
    const average = new WindowMean(checkedLength('kst', signal, 1, 'signal'));
    const bars = Math.max(roc1 + mean1, roc2 + mean2, roc3 + mean3, roc4 + mean4) + signal - 1;
    return {
      warmUp: bars,
      memory: bars,
      step: (out, close) => {
        const sum = first.push(close) + 2 * second.push(close) + 3 * third.push(close) + 4 * fourth.push(close);
        const line = Number.isNaN(sum) ? sum : average.push(sum);
        out.kst = Number.isNaN(line) ? line : sum;
        out.signal = line;
      },
    };
  },
});

/** The simple average of a rate of change. */
class SmoothedChange {
  readonly #past: Delay;
  readonly #mean: WindowMean;

  constructor(length: number, mean: number) {
    this.#past = new Delay(checkedLength('kst', length, 1, 'roc'));
    this.#mean = new WindowMean(checkedLength('kst', mean, 1, 'mean'));
  }

  push(close: number): number {
    const change = percentChange(close, this.#past.push(close));
    return Number.isNaN(change) ? change : this.#mean.push(change);
  }
}
