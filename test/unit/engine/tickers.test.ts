import { describe, expect, it } from 'vitest';
import { asEpochMs } from '../../../src/core/brand.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { parseDateLabel } from '../../../src/market/civil-date.js';

const day = (date: string) => asEpochMs(parseDateLabel(date));
const column = Float64Array.of(10, 10, 10);
const columns = { open: column, high: column, low: column, close: column, volume: column };
const decimals = { first: 0, columns, priceDecimals: 2, volumeDecimals: 0 };

describe('symbols of a run', () => {
  it("are assets' own, or the tickers that they had when it begins", async () => {
    using bundle = await bundleFromColumns({
      groups: [
        {
          calendar: 'XNYS',
          frequency: '1d',
          times: Float64Array.of(day('2022-06-07'), day('2022-06-08'), day('2022-06-09')),
          assets: [
            {
              symbol: 'META',
              tickers: [
                { ticker: 'FB', to: day('2022-06-08') },
                { ticker: 'META', from: day('2022-06-09') },
              ],
              ...decimals,
            },
            { symbol: 'OTHER', ...decimals },
          ],
        },
      ],
      splits: [],
      dividends: [],
    });
    const named = (symbol: string, start?: string) =>
      viewOf(bundle, { symbols: [symbol], start }).assets[0]!.asset.symbol;
    expect(named('META')).toBe('META');
    expect(named('FB')).toBe('META');
    expect(named('FB', '2022-06-08')).toBe('META');
    expect(() => named('FB', '2022-06-09')).toThrow(/has no symbol 'FB'/);
    expect(() => named('FBX')).toThrow(/has no symbol 'FBX'/);
  });
});
