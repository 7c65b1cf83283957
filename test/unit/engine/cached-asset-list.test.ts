import { describe, expect, it } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { GatheredColumns } from '../../../src/data/pre-grouped-data.js';
import { openBundle } from '../../../src/data/reader.js';
import { CachedAssetList, LookedUpAssets } from '../../../src/engine/cached-asset-list.js';
import { type MarketView, viewOf } from '../../../src/engine/market-view.js';
import { smallDraft } from '../../helpers/bundle-draft.js';

/** What a view says of its assets, but for the objects that carry it. */
const described = ({ assets, from, to }: MarketView) => ({
  from,
  to,
  assets: assets.map(({ asset, listing, key, marks, schedule, events }) => ({
    ...{ asset, key, schedule, events },
    marks: [...marks],
    columns: listing.fields.map((field) => [field, [...listing.column(field)]]),
    rows: [listing.first, listing.end],
  })),
});

describe('CachedAssetList', () => {
  it('looks a run up once for a hundred backtests, and gives the assets, schedules and events of the bundle itself', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { name: 'us' });
    const assets = new CachedAssetList();
    const expected = described(viewOf(bundle, {}));
    expect(expected.assets.some(({ schedule, events }) => schedule !== undefined && events.length > 0)).toBe(true);
    for (let run = 0; run < 100; run++) {
      expect(described(viewOf(bundle, {}, { assets, columns: new GatheredColumns() }))).toEqual(expected);
    }
    expect(assets.statistics).toEqual({ hits: 99, misses: 1 });
    // Another opening of the same version is the same data.
    using again = openBundle(bundle.handle);
    expect(described(viewOf(again, {}, { assets, columns: new GatheredColumns() }))).toEqual(expected);
    expect(assets.statistics).toEqual({ hits: 100, misses: 1 });
  });

  it('tells runs apart by symbols, their order, and the first date, which says whose a ticker was', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { name: 'us' });
    const sources = { assets: new CachedAssetList(), columns: new GatheredColumns() };
    const symbolsOf = (options: Parameters<typeof viewOf>[1]): string[] =>
      viewOf(bundle, options, sources).assets.map(({ asset }) => asset.symbol);
    expect(symbolsOf({ symbols: ['AAA', 'BBB'] })).toEqual(['AAA', 'BBB']);
    expect(symbolsOf({ symbols: ['BBB', 'AAA'] })).toEqual(['BBB', 'AAA']);
    expect(symbolsOf({ symbols: ['AAA'] })).toEqual(['AAA']);
    expect(symbolsOf({ symbols: ['AAA'], start: '2020-01-03' })).toEqual(['AAA']);
    expect(sources.assets.statistics).toEqual({ hits: 0, misses: 4 });
    expect(viewOf(bundle, { end: '2020-01-03' }, sources).to).toBe(3);
    expect(viewOf(bundle, { end: '2020-01-04' }, sources).to).toBe(4);
    expect(sources.assets.statistics).toEqual({ hits: 1, misses: 5 });
  });

  it('remembers no mistake', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { name: 'us' });
    const sources = { assets: new CachedAssetList(), columns: new GatheredColumns() };
    for (let time = 0; time < 2; time++) {
      expect(() => viewOf(bundle, { symbols: ['AAB'] }, sources)).toThrow(/has no symbol 'AAB'/);
    }
    expect(sources.assets.statistics).toEqual({ hits: 0, misses: 2 });
  });

  it('keeps the lists used last', async () => {
    using bundle = await bundleFromColumns(smallDraft(), { name: 'us' });
    const assets = new CachedAssetList();
    const looked = new LookedUpAssets();
    const look = (start: number): void => {
      const options = { start: `2020-01-01`, symbols: ['AAA', ...Array.from({ length: start }, () => 'BBB')] };
      for (const list of [assets, looked]) list.list(bundle, options, () => ({ groups: [0], assets: [] }));
    };
    for (let start = 0; start < 65; start++) look(start);
    look(64);
    look(1);
    look(0);
    expect(assets.statistics).toEqual({ hits: 2, misses: 66 });
    expect(looked.statistics).toEqual({ hits: 0, misses: 68 });
  });
});
