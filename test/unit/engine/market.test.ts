import { describe, expect, it, vi } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { BundleStore } from '../../../src/data/store.js';
import { writeBundle } from '../../../src/data/writer.js';
import { openMarket } from '../../../src/engine/market.js';
import { parseRatio, viewOf } from '../../../src/engine/market-view.js';
import { backtest, defineStrategy } from '../../../src/index.js';
import { assetDraft, days, temporaryFolder } from '../../helpers/bundle-draft.js';
import { dateOf, tinyBundle, tinyDraft } from '../../helpers/tiny-market.js';

const strategy = defineStrategy({
  parameters: {},
  handleData({ order, asset, portfolio }) {
    if (portfolio.position(asset).isFlat) order(asset, 1);
  },
});

describe('a bundle by its name', () => {
  it('is opened from the store, run on, and given back also when the view is refused', async () => {
    vi.stubEnv('HINDCAST_HOME', temporaryFolder());
    try {
      await writeBundle(new BundleStore(), 'tiny', tinyDraft({ assets: { A: '10 11 12', B: '5 5 5' } }));
      const result = await backtest(strategy, { bundle: 'tiny', symbols: ['A'], cash: 100 });
      expect(result.endingEquity.toString()).toBe('101');
      await expect(backtest(strategy, { bundle: 'tiny', symbols: ['C'] })).rejects.toMatchObject({
        code: 'UNKNOWN_SYMBOL',
      });
      await expect(backtest(strategy, { bundle: 'tine' })).rejects.toMatchObject({ exitCode: 2 });
      using market = openMarket({ bundle: 'tiny' });
      using again = openMarket({ bundle: 'tiny' });
      expect(again.view.bundle.assets[0]).toBe(market.view.bundle.assets[0]);
    } finally {
      vi.unstubAllEnvs();
    }
  });
});

describe('a view', () => {
  it('reaches from the first to the last bar of its symbols, within start and end', async () => {
    const bundle = await tinyBundle({ assets: { A: '- 1 2 3 4 -', B: '- - 5 6 7 8' } });
    const rows = (options: Parameters<typeof viewOf>[1]): number[] => {
      const { from, to } = viewOf(bundle, options);
      return [from, to];
    };
    expect(rows({})).toEqual([1, 6]);
    expect(rows({ symbols: ['B'] })).toEqual([2, 6]);
    expect(rows({ start: dateOf(3) })).toEqual([3, 6]);
    expect(rows({ end: dateOf(3) })).toEqual([1, 4]);
    expect(rows({ start: dateOf(3), end: dateOf(3) })).toEqual([3, 4]);
    expect(rows({ start: '1990-01-01', end: '2090-01-01' })).toEqual([1, 6]);
    expect(viewOf(bundle, { symbols: ['B', 'A'] }).assets.map(({ asset }) => asset.symbol)).toEqual(['B', 'A']);
  });

  it('marks missing bars at the close before them, and leaves the bundle as it is', async () => {
    const bundle = await tinyBundle({ assets: { A: '1 2 . . 5 .', B: '1 1 1 1 1 1' } });
    const { assets } = viewOf(bundle, {});
    expect([...assets[0]!.marks]).toEqual([1, 2, 2, 2, 5, 5]);
    expect([...assets[0]!.listing.column('close')]).toEqual([1, 2, Number.NaN, Number.NaN, 5, Number.NaN]);
    expect(assets[1]!.marks).toBe(assets[1]!.listing.column('close'));
  });

  it('refuses symbols that have no length of bars in common', async () => {
    using bundle = await bundleFromColumns({
      groups: [
        { calendar: '24/7', frequency: '1h', times: days(2), assets: [assetDraft('A', [1, 2])] },
        { calendar: 'XNYS', frequency: '1d', times: days(2, '2020-01-02'), assets: [assetDraft('B', [1, 2])] },
      ],
      splits: [],
      dividends: [],
    });
    expect(() => viewOf(bundle, {})).toThrowError(/No length of bars is there for all of A \(1h\) and B \(1d\)/);
    expect(viewOf(bundle, { symbols: ['B'] }).group.calendar).toBe('XNYS');
  });
});

it.each([
  ['4', 4n, 1n],
  ['0.05', 5n, 100n],
  ['1/3', 1n, 3n],
  ['1.5/2', 15n, 20n],
  ['3/1.5', 30n, 15n],
])('reads the ratio %s exactly', (text, numerator, denominator) => {
  expect(parseRatio(text)).toEqual({ numerator, denominator });
});

it.each([
  ['1d', 'XNYS', 252],
  ['1d', '24/7', 365],
] as const)('a year of %s bars of %s has about %i of them', async (frequency, calendar, expected) => {
  const times =
    calendar === 'XNYS'
      ? days(40, '2020-01-01').filter(
          (time) =>
            ![0, 6].includes(new Date(time).getUTCDay()) &&
            new Date(time).toISOString().slice(0, 10) !== '2020-01-01' &&
            new Date(time).toISOString().slice(0, 10) !== '2020-01-20',
        )
      : days(30);
  const closes = Array.from(times, (_, row) => 10 + (row % 3));
  using bundle = await bundleFromColumns({
    groups: [{ calendar, frequency, times, assets: [assetDraft('A', closes, { lot: 1 })] }],
    splits: [],
    dividends: [],
  });
  const own = await backtest(strategy, { bundle });
  const told = await backtest(strategy, { bundle, annualization: expected });
  expect(own.metrics.annualVolatility! / told.metrics.annualVolatility!).toBeCloseTo(1, 2);
});
