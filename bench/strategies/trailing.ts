// Buys the highest close of some bars and follows it with a stop some average true ranges below, which the handler itself keeps.
import { atr, defineStrategy, float, highest, int } from 'hindcast';

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
    return { asset, position, close, top, range: indicator(atr(length), asset), stop: 0 };
  },
  handleData({ state, order }, _data, { width }) {
    const { asset, position, close, top, range } = state;
    const stop = close.value - width * range.value;
    if (position.isFlat) {
      if (close.value >= top.value) {
        order.notional(asset, 'all');
        state.stop = stop;
      }
    } else {
      state.stop = Math.max(state.stop, stop);
      if (close.value < state.stop) order.target(asset, 0);
    }
  },
});
