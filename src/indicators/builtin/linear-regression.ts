import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowSums } from './window-sums.js';

/**
 * The straight line through the last `length` closes with the least squared distances: `line` is its value at the current bar
 * (TA-Lib LINEARREG), `slope` its rise for each bar (LINEARREG_SLOPE), `intercept` its value at the oldest bar of the window
 * (LINEARREG_INTERCEPT); `line + slope` is the forecast for the next one (TSF). First values with bar `length`, at least 2.
 */
export const linearRegression = defineIndicator({
  name: 'linearRegression',
  inputs: ['close'],
  outputs: ['line', 'slope', 'intercept'],
  create: (length: number) => {
    const window = new WindowSums(checkedLength('linearRegression', length, 2));
    const squares = (length * (length * length - 1)) / 6;
    return {
      warmUp: length,
      memory: length,
      step: (out, close) => {
        const isReady = window.push(close);
        const { sum, weighted, scale } = window;
        // Weights around their middle: a constant window has a slope of exactly 0.
        const slope = isReady ? (2 * weighted - (length + 1) * sum) / (squares * scale) : Number.NaN;
        const mean = sum / (length * scale);
        const reach = (slope * (length - 1)) / 2;
        out.line = mean + reach;
        out.slope = slope;
        out.intercept = mean - reach;
      },
    };
  },
});
