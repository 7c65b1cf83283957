import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { DirectHistory } from '../../../src/data/history.js';
import { HistoryCache } from '../../../src/data/history-cache.js';
import { GatheredColumns, PreGroupedData } from '../../../src/data/pre-grouped-data.js';
import { runOnce } from '../../../src/engine/backtest.js';
import { CacheLedger } from '../../../src/engine/cache-ledger.js';
import { CachedAssetList } from '../../../src/engine/cached-asset-list.js';
import {
  Fallback,
  FallbackAssets,
  FallbackColumns,
  FallbackHistory,
  FallbackIndicators,
} from '../../../src/engine/fallbacks.js';
import { viewOf } from '../../../src/engine/market-view.js';
import { OptimizationConfig } from '../../../src/engine/optimization-config.js';
import { chooseCaches } from '../../../src/engine/run-caches.js';
import { resolveRunOptions } from '../../../src/engine/run-options.js';
import { defineStrategy, definitionOf } from '../../../src/engine/strategy.js';
import { DirectIndicators, MemoIndicators } from '../../../src/indicators/columns.js';
import { mean, sma } from '../../../src/indicators/index.js';
import { searchStrategy } from '../../../src/optimize/study-run.js';
import type { FinishedTrial } from '../../../src/optimize/trial.js';
import { assetDraft, dailyDraft } from '../../helpers/bundle-draft.js';
import { walk } from '../../helpers/walk-market.js';

const strategy = defineStrategy({
  parameters: {},
  initialize: ({ assets, indicator }) => ({ asset: assets[0]!, slow: indicator(sma(12), assets[0]!) }),
  handleData({ state: { asset, slow }, order }, data) {
    const fast = mean(data.history(asset, 'close', 5, '1d', { returnType: 'array' }));
    order.targetPercent(asset, fast > slow.value ? 0.9 : 0);
  },
});

/** Throws at every third call: a fault that comes and goes. */
function faulty<A extends unknown[], R>(work: (...given: A) => R): (...given: A) => R {
  let calls = 0;
  return (...given) => {
    if (++calls % 3 === 0) throw new Error('the memory of this cache is gone');
    return work(...given);
  };
}

describe('a cache that fails', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await bundleFromColumns(dailyDraft([assetDraft('AAA', walk(120, 5)), assetDraft('BBB', walk(120, 6))]));
  });
  afterAll(() => bundle[Symbol.dispose]());

  const definition = definitionOf(strategy as never);
  const options = resolveRunOptions({}, definition.costs);
  const input = { params: {}, seed: 0, trial: 0 };

  /** A run whose every cache is faulty. */
  function runFaulty(rule: 'fall-back' | 'throw', ledger: CacheLedger) {
    const fallback = new Fallback(ledger, rule);
    const history = new HistoryCache();
    const memo = new MemoIndicators();
    const columns = new PreGroupedData(1e6);
    const assets = new CachedAssetList();
    const sources = {
      assets: new FallbackAssets({ statistics: assets.statistics, list: faulty(assets.list.bind(assets)) }, fallback),
      columns: new FallbackColumns(
        { statistics: columns.statistics, column: faulty(columns.column.bind(columns)) },
        fallback,
      ),
    };
    let result: ReturnType<typeof runOnce> | undefined;
    for (let time = 0; time < 3; time++) {
      const view = viewOf(bundle, {}, sources);
      result = runOnce(definition, view, options, input, {
        settings: OptimizationConfig.fromDefaults().settings,
        indicators: new FallbackIndicators(
          { columns: faulty(memo.columns.bind(memo)) },
          new DirectIndicators(),
          fallback,
        ),
        history: new FallbackHistory({ window: faulty(history.window.bind(history)) }, new DirectHistory(), fallback),
      });
    }
    return result!.result;
  }

  it('is done without: the results are the same, and a warning says so', () => {
    const expected = runOnce(definition, viewOf(bundle, {}), options, input).result;
    expect(expected.orders).toBeGreaterThan(10);
    const ledger = CacheLedger.create(false);
    const found = runFaulty('fall-back', ledger);
    expect(found.equity).toEqual(expected.equity);
    expect(found.orderStreamHash).toBe(expected.orderStreamHash);
    expect(found.metrics).toEqual(expected.metrics);
    const warnings = ledger.warnings();
    expect(warnings.map((warning) => warning.split(' ')[0])).toEqual([
      'assetCache',
      'pregroupedColumns',
      'historyCache',
    ]);
    expect(warnings[0]).toBe(
      'assetCache failed once and was done without, so results are right but slower: the memory of this cache is gone. HINDCAST_ASSET_CACHE=0 switches it off.',
    );
    expect(ledger.countsOf('historyCache').failures).toBe(3 * Math.floor((120 - 11) / 3));
  });

  it('ends the run where tests ask for it', () => {
    expect(() => runFaulty('throw', CacheLedger.create(false))).toThrow(
      expect.objectContaining({
        name: 'RunError',
        message: expect.stringContaining(
          'pregroupedColumns failed where the plain way does not: the memory of this cache is gone',
        ),
      }),
    );
  });

  it('is not blamed for what a strategy asks wrongly', () => {
    const ledger = CacheLedger.create(false);
    const { settings } = OptimizationConfig.fromDefaults().with({ onFailure: 'fall-back' });
    const { history } = chooseCaches({ settings, bundle, indicators: { kind: 'memo' }, ledger });
    const listing = bundle.groups[0]!.listings[0]!;
    expect(() => history.window(listing, undefined, 'close', 9, -1, false)).toThrow(
      expect.objectContaining({ code: 'LOOKAHEAD' }),
    );
    expect(() => history.window(listing, undefined, 'clsoe', 9, 2, false)).toThrow(
      expect.objectContaining({ code: 'FIELD_UNKNOWN' }),
    );
    expect(ledger.warnings()).toEqual([]);
  });

  it('gives way to columns that are computed, where memory of indicators is not that of an arena', () => {
    const ledger = CacheLedger.create(false);
    const choose = (onFailure: 'fall-back' | 'throw') =>
      chooseCaches({
        settings: OptimizationConfig.fromDefaults().with({ onFailure }).settings,
        bundle,
        indicators: { kind: 'shared', arena: new SharedArrayBuffer(64) },
        ledger,
      });
    const caches = choose('fall-back');
    const found = runOnce(definition, viewOf(bundle, {}), options, input, caches).result;
    expect(found.orderStreamHash).toBe(runOnce(definition, viewOf(bundle, {}), options, input).result.orderStreamHash);
    expect(ledger.warnings()).toEqual([expect.stringMatching(/^indicatorCache failed once and was done without/)]);
    expect(() => choose('throw')).toThrow(expect.objectContaining({ code: 'CACHE_FAILED' }));
  });

  describe('in a worker that cannot map the bundle', () => {
    const file = fileURLToPath(new URL('../../../examples/sma-crossover.ts', import.meta.url));
    afterEach(() => {
      delete process.env.HINDCAST_NO_MMAP;
    });

    async function search(jobs: number, onFailure: 'fall-back' | 'throw') {
      const warnings: string[] = [];
      const { allTrials } = await searchStrategy({
        ...{ file, jobs, market: { bundle }, search: 'grid', trials: 10 },
        optimization: OptimizationConfig.fromDefaults().with({ onFailure }),
        onWarning: (warning) => void warnings.push(warning),
      });
      const trials: object[] = [];
      for await (const { seconds, worker, ...trial } of allTrials() as AsyncIterable<FinishedTrial<never>>) {
        trials.push(trial);
      }
      return { trials, warnings };
    }

    it.runIf(process.platform === 'linux')('is a copy, with a warning', async () => {
      expect(bundle.sharing).toBe('mapped');
      const expected = await search(1, 'throw');
      expect(expected.warnings).toEqual([]);
      process.env.HINDCAST_NO_MMAP = '1';
      const found = await search(2, 'fall-back');
      expect(found.trials).toEqual(expected.trials);
      expect(found.warnings).toEqual([
        expect.stringMatching(/^sharedBundle failed 2 times and was done without.*Files cannot be mapped here/),
      ]);
      await expect(search(2, 'throw')).rejects.toThrow(/sharedBundle failed where the plain way does not/);
    });
  });

  it('columns gathered for each run need no cache', () => {
    const sources = { assets: new CachedAssetList(), columns: new GatheredColumns() };
    const { result } = runOnce(definition, viewOf(bundle, {}, sources), options, input);
    expect(result.orderStreamHash).toBe(runOnce(definition, viewOf(bundle, {}), options, input).result.orderStreamHash);
  });
});
