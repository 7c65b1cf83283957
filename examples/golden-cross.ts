// Enters when the fast average crosses above the slow one and leaves when it crosses below. Unlike the level rule it
// needs yesterday's averages too, so its first look comes one bar later.
// Sample market, fast 50, slow 200 (its defaults), commission percent:0.001:
// 208 fills, ending equity 469458.23130266 from 100000, Sharpe 0.754, maximum drawdown 35.3 %.
import { crossedAbove, crossedBelow, defineStrategy, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 100, { default: 50 }),
    slow: int(10, 400, { default: 200 }),
  },
  constraint: ({ fast, slow }) => fast < slow,
  sleeves: 'equal',
  module: import.meta.url,
  warmUp: ({ slow }) => slow + 1,
  initialize({ asset, portfolio, indicator }, params) {
    return {
      asset,
      position: portfolio.position(asset),
      fast: indicator(sma(params.fast), asset),
      slow: indicator(sma(params.slow), asset),
    };
  },
  handleData({ state: { asset, position, fast, slow }, order }) {
    if (position.isFlat) {
      if (crossedAbove(fast, slow)) order.notional(asset, 'all');
    } else if (crossedBelow(fast, slow)) {
      order.target(asset, 0);
    }
  },
});
