import { describe, expect, it } from 'vitest';
import { bundleFromColumns } from '../../../src/data/ephemeral.js';
import type { SearchName } from '../../../src/optimize/samplers/names.js';
import { searchStrategy } from '../../../src/optimize/study-run.js';
import { assetDraft, dailyDraft } from '../../helpers/bundle-draft.js';
import { crossoverWith, emptyHome, file } from '../../helpers/command-line.js';
import { walk } from '../../helpers/walk-market.js';

interface Found {
  readonly trials: readonly unknown[];
  /** Threads that were started. */
  readonly threads: number;
  readonly seconds: number;
}

async function found(search: SearchName, jobs: number, growing: boolean, bars = 200, count = 12): Promise<Found> {
  using bundle = await bundleFromColumns(
    dailyDraft([assetDraft('AAA', walk(bars, 3)), assetDraft('BBB', walk(bars, 4))]),
  );
  let threads = 0;
  const report = await searchStrategy({
    file: file(emptyHome(), 'cross.ts', crossoverWith('int(12, 40)')),
    market: { bundle },
    search,
    trials: count,
    jobs,
    growing,
    onCaches: (caches) => {
      threads = caches.find(({ flag }) => flag === 'persistentPool')!.loads;
    },
  });
  const trials: unknown[] = [];
  for await (const { seconds: _time, worker: _who, ...trial } of report.allTrials()) trials.push(trial);
  return { trials, threads, seconds: report.seconds };
}

describe('a small search', () => {
  it.each(['random', 'tpe'] as const)(
    'by %s finds the same with one thread, some, all at once, and none',
    async (search) => {
      const alone = await found(search, 1, false);
      expect(alone.trials).toHaveLength(12);
      const growing = await found(search, 3, true);
      const all = await found(search, 3, false);
      expect(growing.trials).toEqual(alone.trials);
      expect(all.trials).toEqual(alone.trials);
      expect(all.threads).toBe(3);
      expect(growing.threads === 1 || growing.seconds > 0.2).toBe(true);
    },
  );

  it('is told from a large one by its bars and trials', async () => {
    expect((await found('random', 2, true, 10_000, 201)).threads).toBe(2);
  });
});
