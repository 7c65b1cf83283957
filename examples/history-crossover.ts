// The level rule of sma-crossover.ts without declared indicators: it asks for its windows bar by bar through
// data.history. Slower, and what the history cache is for. A missing bar is NaN in a window while an indicator skips it,
// so on an asset with gaps it sits out where sma-crossover.ts trades; without gaps the two do the same.
// Sample market, fast 20, slow 50, threshold 0.005 (its defaults), commission percent:0.001:
// 742 fills, ending equity 502967.76172282 from 100000, Sharpe 0.783, maximum drawdown 29.1 %.
import { defineStrategy, float, int, mean } from 'hindcast';

export default defineStrategy({
  parameters: {
    fast: int(5, 50, { step: 5, default: 20 }),
    slow: int(50, 200, { step: 15, default: 50 }),
    threshold: float(0.001, 0.01, { step: 0.001, default: 0.005 }),
  },
  constraint: ({ fast, slow }) => fast <= slow,
  sleeves: 'equal',
  module: import.meta.url,
  warmUp: ({ fast, slow }) => Math.max(fast, slow),
  initialize({ asset, portfolio }) {
    return { asset, position: portfolio.position(asset) };
  },
  handleData({ state: { asset, position }, order }, data, params) {
    const fast = mean(data.history(asset, 'close', params.fast, '1d', { returnType: 'array' }));
    const slow = mean(data.history(asset, 'close', params.slow, '1d', { returnType: 'array' }));
    if (position.isFlat) {
      if (fast > slow * (1 + params.threshold)) order.notional(asset, 'all');
    } else if (fast < slow) {
      order.target(asset, 0);
    }
  },
});
