// The rule of examples/sma-crossover.ts over seven averages and any threshold: as many different trials as are asked for.
import { defineStrategy, float, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 20, { step: 5 }),
    slow: int(30, 60, { step: 15 }),
    threshold: float(0, 0.05),
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
