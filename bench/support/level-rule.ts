// The rule of examples/sma-crossover.ts over the 36 combinations of W3.
import { defineStrategy, float, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 20, { step: 5 }),
    slow: int(30, 60, { step: 15 }),
    threshold: float(0.01, 0.05, { step: 0.02 }),
  },
  sleeves: 'equal',
  initialize({ asset, portfolio, indicator }, params) {
    return {
      asset,
      position: portfolio.position(asset),
      fast: indicator(sma(params.fast), asset),
      slow: indicator(sma(params.slow), asset),
    };
  },
  handleData({ state: { asset, position, fast, slow }, order }, _data, params) {
    if (position.isFlat) {
      if (fast.value > slow.value * (1 + params.threshold)) order.notional(asset, 'all');
    } else if (fast.value < slow.value) {
      order.target(asset, 0);
    }
  },
});
