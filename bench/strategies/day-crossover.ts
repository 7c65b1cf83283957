// The level rule of examples/sma-crossover.ts over averages of days, whatever the run's bars: its parameters mean the same on bars of another length.
import { defineStrategy, float, int } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 50, { step: 5 }),
    slow: int(50, 200, { step: 15 }),
    threshold: float(0.001, 0.01, { step: 0.001 }),
  },
  constraint: ({ fast, slow }) => fast <= slow,
  sleeves: 'equal',
  module: import.meta.url,
  initialize: ({ asset, portfolio }) => ({ asset, position: portfolio.position(asset) }),
  handleData({ state: { asset, position }, order }, data, { fast, slow, threshold }) {
    const closes = data.history(asset, 'close', slow, '1d', { returnType: 'array' });
    if (Number.isNaN(closes[0]!)) return;
    const [quick, calm] = [meanOf(closes, slow - fast), meanOf(closes, 0)];
    if (position.isFlat) {
      if (quick > calm * (1 + threshold)) order.notional(asset, 'all');
    } else if (quick < calm) {
      order.target(asset, 0);
    }
  },
});

/** The mean of the values from a place on. */
function meanOf(values: ArrayLike<number>, from: number): number {
  let sum = 0;
  for (let at = from; at < values.length; at++) sum += values[at]!;
  return sum / (values.length - from);
}
