// Buys below the lower band and sells above the middle one.
import { bollinger, defineStrategy, float, int } from 'hindcast';

export default defineStrategy({
  parameters: { length: int(10, 120, { step: 10 }), width: float(1, 2.75, { step: 0.25 }) },
  sleeves: 'equal',
  module: import.meta.url,
  initialize({ asset, portfolio, indicator, series }, { length, width }) {
    const { lower, middle } = indicator(bollinger(length, width), asset);
    return { asset, position: portfolio.position(asset), close: series(asset, 'close'), lower, middle };
  },
  handleData({ state: { asset, position, close, lower, middle }, order }) {
    if (position.isFlat) {
      if (close.value < lower.value) order.notional(asset, 'all');
    } else if (close.value > middle.value) {
      order.target(asset, 0);
    }
  },
});
