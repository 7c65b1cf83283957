import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bundleFromColumns, resampledDraft, sampleMarket } from '../../src/data/index.js';
import { backtest } from '../../src/engine/backtest.js';
import { OptimizationConfig } from '../../src/engine/optimization-config.js';
import { loadStrategy } from '../../src/engine/strategy-loader.js';
import { asha } from '../../src/optimize/samplers/asha.js';
import { bohb } from '../../src/optimize/samplers/bohb.js';
import { halving, hyperband } from '../../src/optimize/samplers/hyperband.js';
import type { Search } from '../../src/optimize/samplers/registry.js';
import { readStudyRecord } from '../../src/optimize/study-record.js';
import { searchStrategy } from '../../src/optimize/study-run.js';
import { openExecutor } from '../../src/parallel/open-executor.js';
import { crossoverWith } from '../helpers/command-line.js';
import { makeFolder } from '../helpers/folders.js';
import { canonicalJournal } from '../helpers/optuna-journal.js';

const folder = makeFolder();
const bundle = await bundleFromColumns(sampleMarket({ symbols: 6, sessions: 400, seed: 6 }));
const pools = new Map([1, 2, 4].map((workers) => [workers, openExecutor({ workers })]));
afterAll(async () => {
  for (const pool of pools.values()) await pool.close();
  bundle[Symbol.dispose]();
  folder.remove();
});

/** A crossover in equal sleeves, of 90 points. */
const strategy = join(folder.path, 'cross.ts');
writeFileSync(strategy, crossoverWith('int(11, 20)').replace('initialize(', "sleeves: 'equal',\n  initialize("));

const CASES: readonly { readonly name: string; readonly search: Search }[] = [
  { name: 'halving by symbols', search: halving({ part: 'symbols' }) },
  { name: 'hyperband by frequency', search: hyperband({ part: 'frequency', eta: 5, minBudget: 0.04 }) },
  { name: 'asha by frequency', search: asha({ part: 'frequency' }) },
  { name: 'bohb by symbols', search: bohb({ part: 'symbols', eta: 2, minBudget: 0.2 }) },
];
const TRIALS = 40;

describe('searches over fewer symbols or longer bars', () => {
  it.each(CASES)(
    '$name make the same journal for 1, 2 and 4 workers, without caches and after a stop',
    async ({ name, search }) => {
      const pathOf = (kind: string): string => join(folder.path, `${name}-${kind}.log`.replaceAll(' ', '-'));
      const study = async (path: string, workers: number, more: object = {}) =>
        searchStrategy({
          ...{ file: strategy, search, trials: TRIALS, seed: 5, study: path, pool: pools.get(workers)! },
          ...{ market: { bundle, commission: 'percent:0.001' }, ...more },
        });
      const trialsOf = (path: string): unknown =>
        (canonicalJournal(path) as readonly { readonly trials: unknown }[])[0]!.trials;
      const whole = pathOf('1');
      const { trials, best } = await study(whole, 1);
      expect(trials).toMatchObject({ total: TRIALS, failed: 0 });
      expect(trials.pruned).toBeGreaterThan(10);
      expect(best?.budget).toBe(1);
      const expected = trialsOf(whole);
      for (const workers of [2, 4]) {
        await study(pathOf(`${workers}`), workers);
        expect(trialsOf(pathOf(`${workers}`))).toEqual(expected);
      }
      await study(pathOf('plain'), 1, { optimization: OptimizationConfig.disableAll() });
      expect(trialsOf(pathOf('plain'))).toEqual(expected);

      const stopped = pathOf('stopped');
      const stop = new AbortController();
      let ended = 0;
      const onTrial = (): void => {
        if (++ended === 9) stop.abort();
      };
      expect((await study(stopped, 4, { onTrial, signal: stop.signal })).stopped).toBe('interrupted');
      await study(stopped, 2);
      expect(trialsOf(stopped)).toEqual(expected);
    },
  );

  it.each(CASES)('$name run each trial as a backtest of what its share is', async ({ search }) => {
    const { strategy: cross } = await loadStrategy(strategy);
    const path = join(folder.path, `${search.name}-${JSON.stringify(search.settings)}.log`.replaceAll(/[^\w.-]/g, '-'));
    const run = { commission: 'percent:0.001', cash: 12_345 };
    await searchStrategy({
      file: strategy,
      search,
      trials: TRIALS,
      study: path,
      pool: pools.get(1)!,
      market: { bundle, ...run },
    });
    const { facts, trials } = readStudyRecord(path);
    using longer = await bundleFromColumns(resampledDraft(bundle, ['1w', '1mo']));
    const { fidelity } = facts;
    const budgets = new Set<number>();
    for (const { number, params, budget = 1, ending } of trials()) {
      budgets.add(budget);
      const share =
        budget === 1
          ? { bundle }
          : fidelity?.part === 'symbols'
            ? { bundle, symbols: fidelity.order.slice(0, Math.round(budget * 6)).sort() }
            : { bundle: longer, frequency: budget > 0.1 ? ('1w' as const) : ('1mo' as const) };
      const result = await backtest(cross, { ...share, ...run, params: params as never, seed: facts.seed });
      expect(ending, `trial ${number}`).toMatchObject({
        orderStreamHash: result.orderStreamHash,
        endingEquity: result.endingEquity.toString(),
        metrics: Object.fromEntries(Object.entries(result.metrics).map(([name, value]) => [name, value ?? null])),
      });
    }
    expect(budgets.size).toBeGreaterThan(1);
    expect(budgets).toContain(1);
  });
});
