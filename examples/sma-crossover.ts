// Moving-average level rule over all symbols of the run in equal sleeves: long while the fast average stands above
// the slow one, entered only when it does so by a margin. All free cash in, the whole position out.
// Sample market, fast 10, slow 50, threshold 0.005, commission percent:0.001:
// 926 fills, ending equity 424200.08489874 from 100000, Sharpe 0.694, maximum drawdown 32.6 %.
import { defineStrategy, float, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 50, { step: 5 }),
    slow: int(50, 200, { step: 15 }),
    threshold: float(0.001, 0.01, { step: 0.001 }),
  },
  constraint: ({ fast, slow }) => fast <= slow,
  sleeves: 'equal',
  module: import.meta.url,
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
