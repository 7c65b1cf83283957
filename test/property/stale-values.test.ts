import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { BundlePool } from '../../src/data/bundle-pool.js';
import type { BundleDraft } from '../../src/data/draft.js';
import { HistoryCache } from '../../src/data/history-cache.js';
import { openBundle } from '../../src/data/reader.js';
import { BundleStore } from '../../src/data/store.js';
import { writeBundle } from '../../src/data/writer.js';
import { runOnce } from '../../src/engine/backtest.js';
import { indicatorSource, sharedIndicators } from '../../src/engine/indicator-sharing.js';
import { openMarket } from '../../src/engine/market.js';
import { viewOf } from '../../src/engine/market-view.js';
import { OptimizationConfig } from '../../src/engine/optimization-config.js';
import { resolveRunOptions } from '../../src/engine/run-options.js';
import { defineStrategy, definitionOf } from '../../src/engine/strategy.js';
import { MemoIndicators } from '../../src/indicators/columns.js';
import { mean, sma } from '../../src/indicators/index.js';
import { assetDraft, dailyDraft } from '../helpers/bundle-draft.js';
import { makeFolder } from '../helpers/folders.js';

const ROWS = 30;
const FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;

/** Two assets whose every value says where it is, and one value changed. */
function draftWith(asset: number, field: (typeof FIELDS)[number], row: number, value: number): BundleDraft {
  const assets = [0, 1].map((place) => {
    const draft = assetDraft(
      `A${place}`,
      Array.from({ length: ROWS }, (_, i) => 1000 * (place + 1) + i),
    );
    if (place !== asset) return draft;
    const column = draft.columns[field]!.slice();
    column[row] = value;
    return { ...draft, columns: { ...draft.columns, [field]: column } };
  });
  // One value changed for any other need be no bar of a market.
  return dailyDraft(assets, { judged: true });
}

describe('when a bundle changes', () => {
  const folder = makeFolder();
  const store = new BundleStore(folder.path);
  afterAll(() => folder.remove());

  it('no layer gives a value of the version before: store, pool, columns, windows, cached windows', async () => {
    // One pool and one cache for all runs: what they remember is the danger.
    using pool = new BundlePool({ store });
    const cache = new HistoryCache({ windows: [5, 20], entries: 16 });
    const change = fc.tuple(
      fc.nat({ max: 1 }),
      fc.constantFrom(...FIELDS),
      fc.nat({ max: ROWS - 1 }),
      fc.integer({ min: 1, max: 9 }),
    );
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(
        change,
        fc.nat({ max: ROWS - 1 }),
        fc.integer({ min: 1, max: ROWS }),
        async (changed, endRow, count) => {
          const draft = draftWith(...changed);
          const { version } = await writeBundle(store, 'us', draft, { durable: false });
          using lease = pool.acquire('us');
          expect(lease.bundle.version).toBe(version);
          for (const [sid, listing] of lease.bundle.groups[0]!.listings.entries()) {
            for (const field of FIELDS) {
              const written = draft.groups[0]!.assets[sid]!.columns[field]!;
              expect([...listing.column(field)]).toEqual([...written]);
              const window = cache.window(listing, undefined, field, endRow, count, false);
              const from = endRow - count + 1;
              const expected = Array.from({ length: count }, (_, i) => written[from + i] ?? Number.NaN);
              expect([...window]).toEqual(expected);
            }
          }
          if (++runs % 50 === 0) store.clean();
        },
      ),
      { numRuns: 1000 },
    );
    expect(pool.statistics).toMatchObject({ open: 1, users: 0 });
    expect(pool.statistics.loads).toBeGreaterThan(900);
  });

  /** Its account depends on every close and volume, through marks, indicators, windows and fills. */
  const watcher = defineStrategy({
    parameters: {},
    warmUp: () => 5,
    initialize: ({ assets, indicator }) => ({ assets, lines: assets.map((asset) => indicator(sma(3), asset)) }),
    handleData({ state: { assets, lines }, order }, data) {
      for (const [index, asset] of assets.entries()) {
        const volumes = data.history(asset, 'volume', 25, '1d', { returnType: 'array' });
        const traded = [...volumes].reduce((sum, volume) => sum + (volume || 0), 0);
        const past = mean(data.history(asset, 'close', 5, '1d', { returnType: 'array' })) + lines[index]!.value;
        order.targetPercent(asset, ((past + traded) % 7) / 20);
      }
    },
  });

  it('no run gives one either, with all that a thread keeps: assets, columns, indicators, windows, bundles', async () => {
    const definition = definitionOf(watcher as never);
    const options = resolveRunOptions({ commission: 'percent:0.001' }, definition.costs);
    const input = { params: {}, seed: 0, trial: 0 };
    const { settings } = OptimizationConfig.fromDefaults();
    const history = new HistoryCache({ windows: [10, 20] });
    const sources = [new MemoIndicators(), indicatorSource(sharedIndicators())];
    const home = process.env.HINDCAST_HOME;
    process.env.HINDCAST_HOME = folder.path;
    const named = new BundleStore();
    const seen = new Set<string>();
    const change = fc.tuple(
      fc.nat({ max: 1 }),
      fc.constantFrom(...FIELDS),
      fc.nat({ max: ROWS - 1 }),
      fc.integer({ min: 1, max: 9 }),
    );
    try {
      await fc.assert(
        fc.asyncProperty(change, async ([asset, field, row, value]) => {
          const written = draftWith(asset, field, row, 1000 + value);
          const { directory } = await writeBundle(named, 'fresh', written, { durable: false });
          using plain = openBundle(directory, { sharing: 'copied' });
          const expected = runOnce(definition, viewOf(plain, {}), options, input).result;
          seen.add(expected.orderStreamHash);
          using market = openMarket({ bundle: 'fresh' }, settings);
          for (const indicators of sources) {
            const found = runOnce(definition, market.view, options, input, { settings, indicators, history }).result;
            expect(found.orderStreamHash).toBe(expected.orderStreamHash);
            expect(found.equity).toEqual(expected.equity);
          }
          if (seen.size % 50 === 0) named.clean();
        }),
        { numRuns: 1000 },
      );
    } finally {
      if (home === undefined) delete process.env.HINDCAST_HOME;
      else process.env.HINDCAST_HOME = home;
    }
    expect(seen.size).toBeGreaterThan(300);
  });
});
