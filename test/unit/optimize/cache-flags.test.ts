import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import historyCrossover from '../../../examples/history-crossover.js';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { backtest } from '../../../src/engine/backtest.js';
import type { CacheReport } from '../../../src/engine/cache-ledger.js';
import { CACHE_FLAGS, type CacheFlag, OptimizationConfig } from '../../../src/engine/optimization-config.js';
import { int } from '../../../src/engine/parameters.js';
import { defineStrategy } from '../../../src/engine/strategy.js';
import { ema, mean, sma } from '../../../src/indicators/index.js';
import { optimize } from '../../../src/optimize/optimize.js';
import { searchStrategy } from '../../../src/optimize/study-run.js';
import type { FinishedTrial } from '../../../src/optimize/trial.js';
import { walkForward } from '../../../src/validate/walk-forward.js';
import { assetDraft, dailyDraft, days } from '../../helpers/bundle-draft.js';
import { walk } from '../../helpers/walk-market.js';

const BARS = 90;

/** Two assets with a gap, a late listing, a split and dividends: what restates and pads windows. */
async function smallBundle(): Promise<Bundle> {
  const first = walk(BARS, 3);
  first[40] = Number.NaN;
  const second = walk(BARS - 5, 4);
  const draft = dailyDraft([assetDraft('AAA', first), assetDraft('BBB', second, { first: 5 })], {
    splits: [{ symbol: 'AAA', exDate: days(BARS)[30]!, ratio: '2' }],
    dividends: [
      { symbol: 'AAA', exDate: days(BARS)[45]!, amount: '0.50' },
      { symbol: 'BBB', exDate: days(BARS)[60]!, amount: '0.25' },
    ],
  });
  return bundleFromColumns(draft, { name: 'small' });
}

/** Reads the past in every way that there is: arrays of both tiers, several fields, frames, views, longer bars, indicators. */
const reader = defineStrategy({
  parameters: { length: int(5, 35, { step: 30 }), slow: int(40, 60, { step: 20, default: 40 }) },
  initialize({ assets, indicator }, { length, slow }) {
    return { lines: assets.map((asset) => [indicator(sma(length), asset), indicator(ema(slow), asset)] as const) };
  },
  handleData({ assets, state, order, record }, data, { length, slow }) {
    const array = { returnType: 'array' } as const;
    const windows = data.history(assets, ['close', 'volume'], length, '1d', array);
    const seen = data.history(assets[0]!, 'close', 3, '1d', { returnType: 'array', view: true });
    const weeks = data.history(assets[0]!, 'close', 2, '1w', array);
    const frame = data.history(assets, ['high', 'low'], slow);
    record('past', mean(windows.close[0]!) + mean(windows.volume[1]!) + seen[0]! + weeks[1]!);
    for (const [index, asset] of assets.entries()) {
      const [fast, level] = state.lines[index]!;
      const range = frame.column(asset, 'high')[slow - 1]! - frame.column(asset, 'low')[0]!;
      if (fast.value > level.value && mean(windows.close[index]!) > 0)
        order.targetPercent(asset, range > 0 ? 0.3 : 0.6);
      else if (fast.value < level.value) order.target(asset, 0);
    }
  },
  analyze: (result) => ({ past: [...result.recorded('past')].reduce((sum, value) => sum + (value || 0), 0) }),
});

const combination = (bits: number): OptimizationConfig =>
  OptimizationConfig.disableAll().with({
    ...Object.fromEntries(CACHE_FLAGS.map((flag, place) => [flag, (bits & (1 << place)) !== 0])),
    onFailure: 'throw',
    // Small enough that both tiers and the columns leave and come back.
    limits: { historyWindows: [10, 30], historyEntries: 4, columnBytes: 4000 },
  });

const ALL = 2 ** CACHE_FLAGS.length - 1;

/** Trials in order, without what the machine decides. */
const settled = (trials: readonly FinishedTrial<never>[]): object[] =>
  trials.map(({ seconds, worker, ...trial }) => trial);

describe('flags of caches', () => {
  let bundle: Bundle;
  beforeAll(async () => {
    bundle = await smallBundle();
  });
  afterAll(() => bundle[Symbol.dispose]());

  const search = async (optimization: OptimizationConfig) => {
    const trials: FinishedTrial<never>[] = [];
    const onTrial = (trial: unknown): void => void trials.push(trial as FinishedTrial<never>);
    await using study = await optimize(reader, { bundle, search: 'grid', trials: 2, jobs: 1, optimization, onTrial });
    expect(study.counts.failed).toBe(0);
    return settled(trials);
  };

  it('give the same trials in every one of the 256 combinations', async () => {
    const expected = await search(combination(0));
    expect(expected).toHaveLength(2);
    expect(new Set(expected.map((trial) => JSON.stringify((trial as FinishedTrial<never>).metrics))).size).toBe(2);
    for (let bits = 1; bits <= ALL; bits++) expect(await search(combination(bits)), `flags ${bits}`).toEqual(expected);
  });

  it('give the same backtest and walk-forward: all, none, and each one off', async () => {
    const run = async (optimization: OptimizationConfig) => {
      const { custom, equity, orderStreamHash } = await backtest(reader, {
        bundle,
        params: { length: 35, slow: 40 },
        optimization,
      });
      const walked = await walkForward(reader, { bundle, jobs: 1, optimization, train: 60, test: 10, search: 'grid' });
      return { custom, equity, orderStreamHash, stitched: walked.stitched, windows: walked.windows };
    };
    const expected = await run(combination(0));
    expect(expected.stitched.orders).toBeGreaterThan(0);
    for (const bits of [ALL, ...CACHE_FLAGS.map((_, place) => ALL - (1 << place))]) {
      expect(await run(combination(bits)), `flags ${bits}`).toEqual(expected);
    }
  });

  const file = fileURLToPath(new URL('../../../examples/history-crossover.ts', import.meta.url));

  it('give the same trials in workers, however these and the bundle are shared', async () => {
    const market = { bundle, cash: 50_000 };
    const searched = async (jobs: number, optimization: OptimizationConfig) => {
      const { allTrials } = await searchStrategy({ file, market, search: 'grid', trials: 12, jobs, optimization });
      const trials: FinishedTrial<never>[] = [];
      for await (const trial of allTrials()) trials.push(trial as FinishedTrial<never>);
      return settled(trials);
    };
    const expected = await searched(1, combination(0));
    expect(expected).toHaveLength(12);
    const off = (...flags: CacheFlag[]): number =>
      flags.reduce((bits, flag) => bits - (1 << CACHE_FLAGS.indexOf(flag)), ALL);
    const combinations = [0, ALL, off('persistentPool'), off('bundlePool', 'sharedBundle')];
    for (const bits of combinations) expect(await searched(2, combination(bits)), `flags ${bits}`).toEqual(expected);
  });

  describe('say what they chose and how often it helped', () => {
    const reports = async (optimization: OptimizationConfig, jobs = 1): Promise<Record<CacheFlag, CacheReport>> => {
      let heard: readonly CacheReport[] = [];
      const onCaches = (given: readonly CacheReport[]): void => {
        heard = given;
      };
      const market = { bundle, cash: 50_000 };
      await searchStrategy({ file, market, search: 'grid', trials: 12, jobs, optimization, onCaches });
      expect(heard.map(({ flag }) => flag)).toEqual([...CACHE_FLAGS]);
      expect(heard.every((report) => report.bundle === 'small' && report.failures === 0)).toBe(true);
      return Object.fromEntries(heard.map((report) => [report.flag, report])) as Record<CacheFlag, CacheReport>;
    };

    it('with all on', async () => {
      const found = await reports(OptimizationConfig.fromDefaults());
      expect(CACHE_FLAGS.map((flag) => [found[flag].layer, found[flag].enabled, found[flag].choice])).toEqual([
        [1, true, 'CachedAssetList'],
        [1, true, 'PreGroupedData'],
        [1, true, 'MemoIndicators'],
        [2, true, 'arrays'],
        [2, true, 'HistoryCache'],
        [3, true, 'BundlePool'],
        [3, true, bundle.sharing],
        [3, true, 'this thread'],
      ]);
      // Once for the search itself, and once for all of its trials.
      expect(found.assetCache).toMatchObject({ misses: 2 });
      // Close and marks of two assets; opens, highs, lows and volumes where the engine reads them.
      expect(found.pregroupedColumns.bytes).toBeGreaterThanOrEqual(4 * 85 * 8);
      expect(found.pregroupedColumns.misses).toBeGreaterThanOrEqual(4);
      expect(found.historyCache.hits).toBeGreaterThan(found.historyCache.misses);
    });

    it('with all off', async () => {
      const found = await reports(OptimizationConfig.disableAll());
      expect(CACHE_FLAGS.map((flag) => [found[flag].enabled, found[flag].choice, found[flag].hits])).toEqual([
        [false, 'LookedUpAssets', 0],
        [false, 'GatheredColumns', 0],
        [false, 'DirectIndicators', 0],
        [false, 'labelled rows', 0],
        [false, 'DirectHistory', 0],
        [false, 'opened for each run', 0],
        [false, bundle.sharing, 0],
        [false, 'this thread', 0],
      ]);
      // Once for the search itself, once to make sure of the market, and once for each of its twelve trials.
      expect(found.assetCache.misses).toBe(14);
      expect(found.bundlePool.loads).toBe(13);
      expect(found.pregroupedColumns.misses).toBeGreaterThanOrEqual(13 * 4);
      expect(found.pregroupedColumns.bytes).toBe(0);
    });

    it.each([
      ['assetCache', { misses: 14, hits: 0 }],
      ['bundlePool', { loads: 13, hits: 0 }],
      ['historyCache', { hits: 0, misses: 0 }],
    ] as const)('with %s off alone, the others go on', async (flag, counts) => {
      const found = await reports(OptimizationConfig.fromDefaults().with({ [flag]: false }));
      expect(found[flag]).toMatchObject({ enabled: false, ...counts });
      expect(CACHE_FLAGS.filter((other) => !found[other].enabled)).toEqual([flag]);
      if (flag !== 'historyCache') expect(found.pregroupedColumns.hits).toBeGreaterThan(10);
    });

    it('over all workers together', async () => {
      const found = await reports(OptimizationConfig.fromDefaults(), 2);
      expect(found.persistentPool).toMatchObject({ choice: 'PersistentWorkerPool', loads: 2 });
      expect(found.indicatorCache.choice).toBe('SharedIndicators');
      expect(found.bundlePool).toMatchObject({ loads: 2 });
      const off = await reports(OptimizationConfig.disableAll(), 2);
      expect(off.persistentPool).toMatchObject({ choice: 'EphemeralPool' });
      expect(off.sharedBundle.choice).toBe(bundle.sharing === 'shared' ? 'shared' : 'copied');
      // One more for each worker, which makes sure of the market before the first trial.
      expect(off.bundlePool.loads).toBeGreaterThanOrEqual(13);
    });
  });

  it('say so of a walk-forward too, once all windows are traded', async () => {
    const heard: (readonly CacheReport[])[] = [];
    const onCaches = (reports: readonly CacheReport[]): void => void heard.push(reports);
    await walkForward(reader, { bundle, jobs: 1, train: 60, test: 10, search: 'grid', onCaches });
    expect(heard).toHaveLength(1);
    const history = heard[0]!.find(({ flag }) => flag === 'historyCache')!;
    expect(history).toMatchObject({ enabled: true, choice: 'HistoryCache', bundle: 'small', layer: 2 });
    expect(history.hits).toBeGreaterThan(history.misses);
    expect(heard[0]!.find(({ flag }) => flag === 'indicatorCache')!.hitRate).toBeGreaterThan(0.5);
  });

  it('have a hit rate of the history cache above 60 % on a strategy that asks for windows', async () => {
    let rate: number | undefined;
    const onCaches = (reports: readonly CacheReport[]): void => {
      rate = reports.find(({ flag }) => flag === 'historyCache')!.hitRate;
    };
    await backtest(historyCrossover, { bundle, params: { fast: 10, slow: 50 }, onCaches });
    expect(rate).toBeGreaterThan(0.6);
  });
});
