// Buys the highest close of some bars with a stop-loss order some average true ranges below the fill, and sells on the lowest close of a quarter of them.
import { atr, defineStrategy, float, highest, int, lowest } from 'hindcast';

export default defineStrategy({
  parameters: {
    entry: int(20, 200, { step: 20 }),
    length: int(10, 20, { step: 10 }),
    width: float(2, 4, { step: 0.5 }),
  },
  sleeves: 'equal',
  module: import.meta.url,
  initialize({ asset, portfolio, indicator, series }, { entry, length }) {
    const close = series(asset, 'close');
    const position = portfolio.position(asset);
    const top = indicator(highest(entry), [close]);
    const bottom = indicator(lowest(entry / 4), [close]);
    return { asset, position, close, top, bottom, range: indicator(atr(length), asset) };
  },
  handleData({ state: { asset, position, close, top, bottom, range }, order }, _data, { width }) {
    if (position.isFlat) {
      if (close.value >= top.value) order.notional(asset, 'all', { stopLoss: { amount: width * range.value } });
    } else if (close.value <= bottom.value) {
      order.close(asset);
    }
  },
});
