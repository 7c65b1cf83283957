import { describe, expect, it } from 'vitest';
import { RUNNER } from '../../contract/executor-contract.js';
import { type ModuleRun, runModule } from '../../helpers/run-module.js';

/** Runs a script over the pools in a process of its own; one that does not end fails by the test's time. */
function script(body: string): Promise<ModuleRun> {
  return runModule(`import { defaultPool } from './src/parallel/default-pool.ts';
    import { PersistentWorkerPool } from './src/parallel/persistent-worker-pool.ts';
    const job = (key) => ({ key, module: '${RUNNER}', setup: {} });
    ${body}`);
}

describe('a process with a pool', () => {
  it('ends by itself after close, whatever happened before', async () => {
    const { stdout, stderr, code } = await script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      const controller = new AbortController();
      const tasks = [1, { act: 'exit' }, { act: 'loop' }, 2];
      const outcomes = await pool.runBatch(job('a'), tasks, { taskTimeoutMs: 300, signal: controller.signal });
      await pool.close();
      console.log(JSON.stringify(outcomes.map(({ state }) => state)));
      console.log(process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name)).length);`);
    expect([stderr, stdout, code]).toEqual(['', '["done","failed","failed","done"]\n0\n', 0]);
  });

  it('stays alive until its pool is closed', async () => {
    const { stdout, code } = await script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      await pool.runBatch(job('a'), [1, 2]);
      setTimeout(() => pool.close().then(() => console.log('closed')), 50).unref();`);
    expect([stdout, code]).toEqual(['closed\n', 0]);
  });

  it('ends by itself with the default pool left open', async () => {
    const { stdout, code } = await script(`
      const run = async () => (await defaultPool(2).runBatch(job('a'), [1, 2])).map(({ value }) => value);
      console.log(JSON.stringify([await run(), await run()]));`);
    expect([stdout, code]).toEqual(['[[2,4],[2,4]]\n', 0]);
  });

  it('stays alive during a run of the default pool', async () => {
    const { stdout, code } = await script(`
      defaultPool(2).runBatch(job('a'), [{ act: 'later', x: 3, milliseconds: 50 }])
        .then(([{ value }]) => console.log(value));`);
    expect([stdout, code]).toEqual(['6\n', 0]);
  });

  it('keeps what workers print out of its standard output', async () => {
    const { stdout, stderr, code } = await script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      await pool.runBatch(job('a'), [{ act: 'print', text: 'from a worker' }]);
      await pool.close();
      console.log('{"json":true}');`);
    expect([stdout, stderr, code]).toEqual(['{"json":true}\n', 'from a worker\n', 0]);
  });

  it('gets no warning of leaking listeners from a dozen workers', async () => {
    const { stderr, code } = await script(`
      const pool = new PersistentWorkerPool({ workers: 12 });
      await pool.ready();
      for (let i = 0; i < 12; i++) await pool.runBatch(job('a'), [{ act: 'print', text: '' }, 2, 3]);
      await pool.close();`);
    expect([stderr.trim(), code]).toEqual(['', 0]);
  });
});
