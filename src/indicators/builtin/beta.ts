import { defineIndicator } from '../indicator.js';
import { checkedLength } from './length.js';
import { WindowPairs } from './window-pairs.js';

/**
 * Beta of the first series to the second, the market: the covariance of their simple returns from bar to bar over the variance
 * of the market's, over `length` returns; 0 where the market does not move. A return from 0 counts as 0. Made for two
 * series: `indicator(beta(60), [series(asset, 'close'), series(market, 'close')])`. TA-Lib BETA takes the market first. First
 * value with bar `length + 1`; `length` is at least 2. Time grows with `length`.
 */
export const beta = defineIndicator({
  name: 'beta',
  inputs: ['close', 'close'],
  create: (length: number) => {
    const window = new WindowPairs(checkedLength('beta', length, 2));
    let lastAsset = Number.NaN;
    let lastMarket = Number.NaN;
    return {
      warmUp: length + 1,
      memory: length + 1,
      step: (asset, market) => {
        const change = lastAsset === 0 ? 0 : asset / lastAsset - 1;
        const marketChange = lastMarket === 0 ? 0 : market / lastMarket - 1;
        lastAsset = asset;
        lastMarket = market;
        if (Number.isNaN(change)) return change;
        window.push(change, marketChange);
        return window.yy === 0 ? 0 : window.xy / window.yy;
      },
    };
  },
});
