import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { RunOptions } from '../../../src/parallel/executor.js';
import { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import { tasksOf } from '../../../src/parallel/task-source.js';
import { inShort, RUNNER, testJob } from '../../contract/executor-contract.js';
import { temporaryFolder } from '../../helpers/bundle-draft.js';

const WORKERS = 3;
const count = (length: number): number[] => Array.from({ length }, (_, i) => i);

interface Ran {
  readonly values: readonly unknown[];
  /** Threads that were ever started. */
  readonly started: number;
  readonly elapsedMs: number;
}

/** Runs tasks that each hold their thread for so long. */
async function run(milliseconds: number, tasks: number, options: RunOptions): Promise<Ran> {
  await using pool = new PersistentWorkerPool({ workers: WORKERS });
  await pool.prepare(testJob('growing'), options);
  const list = count(tasks).map((x) => ({ act: 'block', x, milliseconds }));
  const begun = performance.now();
  const outcomes = await pool.runBatch(testJob('growing'), list, options);
  const elapsedMs = performance.now() - begun;
  return { values: outcomes.map(inShort), started: pool.statistics().threadsStarted, elapsedMs };
}

describe('a run that starts with fewer threads than its pool may have', () => {
  it('stays with them when it is over before others could help', async () => {
    const { values, started, elapsedMs } = await run(0, 40, { startWith: 1 });
    expect(values).toEqual(count(40).map((x) => 2 * x));
    // On a machine that is busy with other things it may take its time after all.
    expect(started === 1 || elapsedMs > 300).toBe(true);
  });

  it('gets all of them when it takes its time, also within its first task', async () => {
    for (const [milliseconds, tasks] of [
      [100, 12],
      [1500, 3],
    ] as const) {
      const { values, started } = await run(milliseconds, tasks, { startWith: 1 });
      expect(values).toEqual(count(tasks).map((x) => 2 * x));
      expect(started).toBe(WORKERS);
    }
  });

  it('stays with them when its only task takes its time: others would have nothing to do', async () => {
    expect((await run(800, 1, { startWith: 1 })).started).toBe(1);
  });

  it('starts all at once where nothing else is said', async () => {
    expect((await run(0, 1, {})).started).toBe(WORKERS);
  });

  it('goes on when its only thread dies', async () => {
    await using pool = new PersistentWorkerPool({ workers: WORKERS });
    const options = { startWith: 1, retries: 0 };
    const [died, lived] = await pool.runBatch(
      testJob('dies'),
      [
        { act: 'exit', code: 3 },
        { act: 'double', x: 4 },
      ],
      options,
    );
    expect([inShort(died!), inShort(lived!)]).toEqual(['WORKER_CRASHED', 8]);
    expect(pool.statistics().threadsLost).toBe(1);
  });

  it.each([0, -1, Number.NaN])('refuses %s threads to start with', async (startWith) => {
    await using pool = new PersistentWorkerPool({ workers: WORKERS });
    await expect(pool.run(testJob('none'), tasksOf([]), () => {}, { startWith })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
      message: expect.stringContaining('startWith'),
    });
  });
});

describe('threads that are begun ahead of a run', () => {
  it('load what the job will ask for, and are those of the run', async () => {
    const folder = temporaryFolder();
    const [mark, module] = [join(folder, 'loaded'), join(folder, 'module.mjs')];
    writeFileSync(
      module,
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(mark)}, '');
      export const createRunner = () => ({ run: (x) => x + 1 });`,
    );
    const url = pathToFileURL(module).href;
    await using pool = new PersistentWorkerPool({ workers: 2 });
    pool.begin(1, url);
    // Another job's answer comes after the message to load.
    await pool.prepare(testJob('other'), { startWith: 1 });
    expect(existsSync(mark)).toBe(true);
    const outcomes = await pool.runBatch({ key: 'own', module: url, setup: undefined }, [1, 2], { startWith: 1 });
    expect(outcomes.map(inShort)).toEqual([2, 3]);
    expect(pool.statistics().threadsStarted).toBe(1);
  });

  it('tell what is wrong with a module when a job asks for it, not before', async () => {
    const broken = pathToFileURL(join(temporaryFolder(), 'none.mjs')).href;
    await using pool = new PersistentWorkerPool({ workers: 1 });
    pool.begin(1, broken);
    expect((await pool.runBatch(testJob('sound'), [{ act: 'double', x: 2 }])).map(inShort)).toEqual([4]);
    await expect(pool.runBatch({ key: 'broken', module: broken, setup: undefined }, [1])).rejects.toThrow('none.mjs');
  });

  it('end with a pool that is closed before they are up', async () => {
    const pool = new PersistentWorkerPool({ workers: 2 });
    pool.begin(2, RUNNER);
    await pool.close();
    expect(pool.statistics().threadsStarted).toBe(2);
    expect(() => pool.begin(1, RUNNER)).toThrow('The pool is closed');
  });
});
