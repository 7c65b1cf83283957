import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { Bundle } from '../../../src/data/bundle.js';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import { type SearchControl, searchStrategy } from '../../../src/optimize/study-run.js';
import type { FinishedTrial } from '../../../src/optimize/trial.js';
import { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import { assetDraft, dailyDraft, temporaryFolder } from '../../helpers/bundle-draft.js';

const file = fileURLToPath(new URL('../../../examples/sma-crossover.ts', import.meta.url));
const closes = Array.from({ length: 400 }, (_, row) => (5000 + ((row * 7919) % 1009)) / 100);

/** The trials of a grid search, in order, without what the machine decides. */
async function trialsOf(bundle: Bundle, control: SearchControl): Promise<object[]> {
  const { allTrials } = await searchStrategy({ ...control, file, market: { bundle }, search: 'grid', trials: 40 });
  const trials: object[] = [];
  for await (const { seconds, worker, ...trial } of allTrials() as AsyncIterable<FinishedTrial<never>>) {
    trials.push(trial);
  }
  return trials;
}

it('searches on a pool that was given use its threads again, and give the trials of a search without threads', async () => {
  using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', closes)]));
  const expected = await trialsOf(bundle, { jobs: 1 });
  expect(expected).toHaveLength(40);
  await using pool = new PersistentWorkerPool({ workers: 2 });
  const threads = async (): Promise<number[]> => {
    expect(await trialsOf(bundle, { pool })).toEqual(expected);
    return pool.statistics().perWorker.map(({ threadId }) => threadId);
  };
  const first = await threads();
  expect(await threads()).toEqual(first);
  expect(await threads()).toEqual(first);
  expect(pool.statistics()).toMatchObject({ threadsStarted: 2, tasksCompleted: 120 });
});

it('a search after another on one pool finds the indicator columns of the first, unless the strategy is another', async () => {
  using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', closes)]));
  await using pool = new PersistentWorkerPool({ workers: 2 });
  const computedBy = async (strategy: string): Promise<number> => {
    let computed = Number.NaN;
    const onCaches: SearchControl['onCaches'] = (reports) => {
      computed = reports.find(({ flag }) => flag === 'indicatorCache')!.misses;
    };
    await searchStrategy({ file: strategy, market: { bundle }, search: 'grid', trials: 40, pool, onCaches });
    return computed;
  };
  expect(await computedBy(file)).toBeGreaterThan(0);
  expect(await computedBy(file)).toBe(0);
  const folder = temporaryFolder();
  // The same rule, of which one line differs: what an indicator may refer to is not part of its own source.
  const other = join(folder, 'other.ts');
  writeFileSync(other, `import rule from '${file}';\nexport const factor = 2;\nexport default rule;\n`);
  expect(await computedBy(other)).toBeGreaterThan(0);
});

it('searches on one pool at the same time do not mix, though their studies have one name', async () => {
  using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', closes)]));
  using other = await bundleFromColumns(dailyDraft([assetDraft('B', closes.toReversed())]));
  await using pool = new PersistentWorkerPool({ workers: 2 });
  const alone = [await trialsOf(bundle, { jobs: 1 }), await trialsOf(other, { jobs: 1 })];
  expect(alone[0]).not.toEqual(alone[1]);
  expect(await Promise.all([trialsOf(bundle, { pool }), trialsOf(other, { pool })])).toEqual(alone);
});

it('a pool of one thread runs a search in that thread', async () => {
  using bundle = await bundleFromColumns(dailyDraft([assetDraft('A', closes)]));
  await using pool = new PersistentWorkerPool({ workers: 1 });
  expect(await trialsOf(bundle, { pool })).toEqual(await trialsOf(bundle, { jobs: 1 }));
  expect(pool.statistics().tasksCompleted).toBe(40);
});
