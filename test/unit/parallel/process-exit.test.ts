import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { workerEntry } from '../../../src/parallel/worker-entry-url.js';
import { RUNNER } from '../../contract/executor-contract.js';

const doors = workerEntry(new URL('../../../src/parallel/index.ts', import.meta.url).href, './index.js').href;

/** Runs a script over the built doors in a process of its own; a process that does not end is killed and fails. */
function script(body: string): { stdout: string; stderr: string; status: number | null } {
  const head = `import { PersistentWorkerPool, InlineExecutor, defaultPool, runBatch } from '${doors}';
    const job = (key) => ({ key, module: '${RUNNER}', setup: {} });`;
  const options = { encoding: 'utf8', timeout: 30_000 } as const;
  return spawnSync(process.execPath, ['--input-type=module', '-e', head + body], options);
}

describe('a process with a pool', () => {
  it('ends by itself after close, whatever happened before', () => {
    const { stdout, stderr, status } = script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      const controller = new AbortController();
      const tasks = [1, { act: 'exit' }, { act: 'loop' }, 2];
      const outcomes = await pool.runBatch(job('a'), tasks, { taskTimeoutMs: 300, signal: controller.signal });
      await pool.close();
      console.log(JSON.stringify(outcomes.map(({ state }) => state)));
      console.log(process.getActiveResourcesInfo().filter((name) => /Worker|MessagePort|Timeout/.test(name)).length);`);
    expect([stderr, stdout, status]).toEqual(['', '["done","failed","failed","done"]\n0\n', 0]);
  });

  it('stays alive until its pool is closed', () => {
    const { stdout, status } = script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      await pool.runBatch(job('a'), [1, 2]);
      setTimeout(() => pool.close().then(() => console.log('closed')), 50).unref();`);
    expect([stdout, status]).toEqual(['closed\n', 0]);
  });

  it('ends by itself with the default pool left open', () => {
    const { stdout, status } = script(`
      const run = async () => (await defaultPool(2).runBatch(job('a'), [1, 2])).map(({ value }) => value);
      console.log(JSON.stringify([await run(), await run()]));`);
    expect([stdout, status]).toEqual(['[[2,4],[2,4]]\n', 0]);
  });

  it('stays alive during a run of the default pool', () => {
    const { stdout, status } = script(`
      defaultPool(2).runBatch(job('a'), [{ act: 'later', x: 3, milliseconds: 50 }])
        .then(([{ value }]) => console.log(value));`);
    expect([stdout, status]).toEqual(['6\n', 0]);
  });

  it('keeps what workers print out of its standard output', () => {
    const { stdout, stderr, status } = script(`
      const pool = new PersistentWorkerPool({ workers: 2 });
      await pool.runBatch(job('a'), [{ act: 'print', text: 'from a worker' }]);
      await pool.close();
      console.log('{"json":true}');`);
    expect([stdout, stderr, status]).toEqual(['{"json":true}\n', 'from a worker\n', 0]);
  });

  it('gets no warning of leaking listeners from a dozen workers', () => {
    const { stderr, status } = script(`
      const pool = new PersistentWorkerPool({ workers: 12 });
      await pool.ready();
      for (let i = 0; i < 12; i++) await pool.runBatch(job('a'), [{ act: 'print', text: '' }, 2, 3]);
      await pool.close();`);
    expect([stderr.trim(), status]).toEqual(['', 0]);
  });
});
