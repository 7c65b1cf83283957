// Buys what has fallen: after a close below the lower Bollinger band of a market above its long average, a limit order waits for the
// day below that close. It brings its own exits, a stop-loss some average true ranges below the fill and a take-profit above it; whichever
// fills cancels the other. What waits at the end of the session expires.
// Sample market, length 20, width 2, stop 3, target 2 (its defaults), commission percent:0.001:
// 518 fills, ending equity 112683.91987 from 100000, Sharpe 0.215, maximum drawdown 17.1 %.
import { atr, bollinger, defineStrategy, float, int, sma } from 'hindcast';

export default defineStrategy({
  parameters: {
    length: int(5, 60, { default: 20 }),
    width: float(1, 4, { step: 0.25, default: 2 }),
    stop: float(0.5, 10, { step: 0.5, default: 3 }),
    target: float(0.5, 10, { step: 0.5, default: 2 }),
  },
  sleeves: 'equal',
  module: import.meta.url,
  warmUp: ({ length }) => Math.max(length, 200),
  initialize({ asset, portfolio, indicator, series }, { length, width }) {
    return {
      asset,
      position: portfolio.position(asset),
      close: series(asset, 'close'),
      lower: indicator(bollinger(length, width), asset).lower,
      long: indicator(sma(200), asset),
      range: indicator(atr(14), asset),
    };
  },
  handleData({ state: { asset, position, close, lower, long, range }, order, portfolio }, _data, { stop, target }) {
    const price = close.value;
    if (!position.isFlat || price >= lower.value || price <= long.value) return;
    // A limit says how many units: what the free cash buys there, with the commission.
    const units = portfolio.cash / (price * 1.002);
    order(asset, units, {
      limit: price,
      timeInForce: 'day',
      stopLoss: { amount: stop * range.value },
      takeProfit: { amount: target * range.value },
    });
  },
});
