import { atr, defineIndicator, ema, highest, lowest, rsi, sma, standardDeviation } from '../../src/indicators/index.js';
import { indicatorContract, lengthContract } from './indicator-contract.js';

indicatorContract('sma', sma);
lengthContract('sma', sma);
indicatorContract('ema', ema);
lengthContract('ema', ema);
indicatorContract('standardDeviation', (length) => standardDeviation(length));
lengthContract('standardDeviation', (length) => standardDeviation(length));
indicatorContract('standardDeviation of a sample', (length) => standardDeviation(length, 1));
indicatorContract('highest', highest);
lengthContract('highest', highest);
indicatorContract('lowest', lowest);
lengthContract('lowest', lowest);
indicatorContract('rsi', rsi);
lengthContract('rsi', rsi);
indicatorContract('atr', atr);
lengthContract('atr', atr);

/** The example of docs/concepts/indicators.md. */
const momentum = defineIndicator({
  name: 'momentum',
  inputs: ['close'],
  create: (length: number) => {
    const ring = new Float64Array(length);
    let count = 0;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (close) => {
        const past = ring[count % length]!;
        ring[count % length] = close;
        return count++ < length ? Number.NaN : close - past;
      },
    };
  },
});
indicatorContract('momentum, an indicator of a user', momentum);
