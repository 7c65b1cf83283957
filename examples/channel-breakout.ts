// Buys a close above the highest high of the bars before it and sells below their lowest low: a Donchian channel, the entry's
// longer than the exit's. Both are read one bar ago, for today's bar is part of today's channel. Only markets that trend are
// entered: the average directional index must be above `strength`.
// Sample market, entry 55, exit 20, strength 20 (its defaults), commission percent:0.001:
// 521 fills, ending equity 458521.48265971 from 100000, Sharpe 0.995, maximum drawdown 12.6 %.
import { adx, defineStrategy, donchian, float, int } from 'hindcast';

export default defineStrategy({
  parameters: {
    entry: int(10, 200, { default: 55 }),
    exit: int(5, 100, { default: 20 }),
    strength: float(0, 40, { default: 20 }),
  },
  constraint: ({ entry, exit }) => exit < entry,
  sleeves: 'equal',
  module: import.meta.url,
  warmUp: ({ entry }) => Math.max(entry + 1, 28),
  initialize({ asset, portfolio, indicator, series }, { entry, exit }) {
    return {
      asset,
      position: portfolio.position(asset),
      close: series(asset, 'close'),
      entry: indicator(donchian(entry), asset).upper,
      exit: indicator(donchian(exit), asset).lower,
      trend: indicator(adx(14), asset),
    };
  },
  handleData({ state: { asset, position, close, entry, exit, trend }, order }, _data, { strength }) {
    if (position.isFlat) {
      if (close.value > entry.ago(1) && trend.value > strength) order.notional(asset, 'all');
    } else if (close.value < exit.ago(1)) {
      order.target(asset, 0);
    }
  },
});
