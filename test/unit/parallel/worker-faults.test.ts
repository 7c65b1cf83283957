import { describe, expect, it } from 'vitest';
import { EphemeralPool } from '../../../src/parallel/ephemeral-pool.js';
import type { Job, WorkDone } from '../../../src/parallel/executor.js';
import { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import { runBatch, tasksOf } from '../../../src/parallel/task-source.js';
import { inShort, testJob } from '../../contract/executor-contract.js';

const count = (length: number): number[] => Array.from({ length }, (_, i) => i);
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Tasks 0 to 99 that double themselves, with this one in place 40. */
const around = (act: object): unknown[] => count(100).map((x) => (x === 40 ? act : x));
const expectedAround = (code: unknown): unknown[] => count(100).map((x) => (x === 40 ? code : 2 * x));

describe('a task that breaks its worker', () => {
  it.each([
    ['exits the thread', { act: 'exit' }, /task 40: it exited with code 3/],
    ['exits the thread with code 0', { act: 'exit', code: 0 }, /exited with code 0/],
    ['throws in a timer', { act: 'crashLater' }, /thrown in a timer/],
  ])('that %s is tried once more, then fails; nothing else is lost', async (_name, act, message) => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const outcomes = await pool.runBatch(testJob('crash'), around(act));
    expect(outcomes.map(inShort)).toEqual(expectedAround('WORKER_CRASHED'));
    expect(outcomes[40]).toMatchObject({
      attempts: 2,
      error: { name: 'RunError', details: { task: 40, attempts: 2 } },
    });
    expect(outcomes[40]!.state === 'failed' && outcomes[40]!.error.message).toMatch(message);
    expect(pool.statistics()).toMatchObject({ threadsLost: 2, tasksRetried: 1, tasksFailed: 1, tasksCompleted: 99 });
    expect((await pool.runBatch(testJob('crash'), [7])).map(inShort)).toEqual([14]);
  });

  it('fails at once without retries, and later with more', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    for (const retries of [0, 3]) {
      const outcomes = await pool.runBatch(testJob('retries'), around({ act: 'exit' }), { retries });
      expect(outcomes[40]).toMatchObject({ state: 'failed', attempts: retries + 1 });
    }
  });

  it('succeeds when only the first worker died', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const job = testJob('once', { counter: new SharedArrayBuffer(32) });
    const outcomes = await pool.runBatch(job, around({ act: 'exitOnce', x: 40 }));
    expect(outcomes.map(inShort)).toEqual(expectedAround(80));
    expect(pool.statistics()).toMatchObject({ threadsLost: 1, tasksRetried: 1, tasksFailed: 0 });
  });

  it('that loops for ever is ended at its deadline; its lease goes on elsewhere', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const outcomes = await pool.runBatch(testJob('loop'), around({ act: 'loop' }), { taskTimeoutMs: 500 });
    expect(outcomes.map(inShort)).toEqual(expectedAround('TASK_TIMEOUT'));
    expect(outcomes[40]).toMatchObject({ attempts: 1 });
    expect(pool.statistics()).toMatchObject({ threadsLost: 1, tasksRetried: 0 });
  });

  it('is counted as busy time up to its end, each time that it was begun', async () => {
    await using pool = new PersistentWorkerPool({ workers: 1 });
    const took: number[] = [];
    const tell = (_task: unknown, _index: number, _outcome: unknown, { milliseconds }: WorkDone): void => {
      took.push(milliseconds);
    };
    await pool.run(testJob('killed'), tasksOf([{ act: 'loop' }]), tell, { taskTimeoutMs: 300 });
    expect(took[0]).toBeGreaterThanOrEqual(300);
    expect(pool.statistics().busyMs).toBeCloseTo(took[0]!, -2);
    const before = pool.statistics().busyMs;
    await pool.run(testJob('crashed'), tasksOf([{ act: 'exitAfter', milliseconds: 60 }]), tell);
    expect(took[1]).toBeGreaterThanOrEqual(60);
    expect(pool.statistics().busyMs - before).toBeGreaterThanOrEqual(120);
  });

  it('that exhausts the heap fails with the reason, once it has done so twice', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2, maxOldGenerationSizeMb: 24 });
    const outcomes = await pool.runBatch(testJob('heap'), around({ act: 'heap' }));
    expect(outcomes.map(inShort)).toEqual(expectedAround('HEAP_EXHAUSTED'));
    expect(outcomes[40]).toMatchObject({ attempts: 2 });
  });

  it('is survived by a pool made per batch, too', async () => {
    await using pool = new EphemeralPool({ workers: 2 });
    const outcomes = await pool.runBatch(testJob('crash'), around({ act: 'exit' }));
    expect(outcomes.map(inShort)).toEqual(expectedAround('WORKER_CRASHED'));
  });

  it('only after it was reported costs nothing but a thread', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const tasks = count(30).map((x) => ({ act: 'exitLater', x }));
    expect((await pool.runBatch(testJob('late'), tasks)).map(inShort)).toEqual(count(30));
  });

  it('fails no neighbour that it took down with it', async () => {
    await using pool = new PersistentWorkerPool({ workers: 1 });
    // Quick tasks first, so that those that do not get on travel in one lease.
    const quick = count(40);
    const slow = [2, 3, 4].map((x) => ({ act: 'later', x, milliseconds: 20 }));
    const tasks = [...quick, { act: 'exitLater', x: 1 }, ...slow];
    const outcomes = await pool.runBatch(testJob('neighbour'), [...tasks, ...quick, ...quick]);
    expect(outcomes.slice(40, 44).map(inShort)).toEqual([1, 4, 6, 8]);
    expect(outcomes.every(({ state }) => state === 'done')).toBe(true);
  });

  it('does not stop other runs on the same threads', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const [broken, sound] = await Promise.all([
      pool.runBatch(testJob('broken'), around({ act: 'exit' })),
      pool.runBatch(testJob('sound'), count(500)),
    ]);
    expect(broken.map(inShort)).toEqual(expectedAround('WORKER_CRASHED'));
    expect(sound.map(inShort)).toEqual(count(500).map((x) => 2 * x));
  });
});

describe('what cannot cross threads', () => {
  it('fails the one task whose result it is', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const outcomes = await pool.runBatch(testJob('result'), around({ act: 'uncloneable' }));
    expect(outcomes.map(inShort)).toEqual(expectedAround('RESULT_NOT_CLONEABLE'));
    expect(pool.statistics().threadsLost).toBe(0);
  });

  it('is told to its own task among others that failed', async () => {
    await using pool = new PersistentWorkerPool({ workers: 1 });
    const tasks = count(100).map((x) => ({ act: x % 2 === 0 ? 'uncloneable' : 'throw' }));
    const expected = count(100).map((x) => (x % 2 === 0 ? 'RESULT_NOT_CLONEABLE' : 'UNEXPECTED'));
    expect((await pool.runBatch(testJob('mixed'), tasks)).map(inShort)).toEqual(expected);
  });

  it('fails the one task that it is', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const outcomes = await pool.runBatch(testJob('task'), around({ act: 'double', f: () => 1 }));
    expect(outcomes.map(inShort)).toEqual(expectedAround('TASK_NOT_CLONEABLE'));
  });

  it('refuses a setup with a closure, and says what to pass instead', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const run = pool.runBatch(testJob('closure', { strategy: () => 1 }), [1]);
    await expect(run).rejects.toMatchObject({ code: 'JOB_NOT_CLONEABLE', exitCode: 2 });
    await expect(run).rejects.toThrow(/path of a module, never functions/);
    expect((await pool.runBatch(testJob('closure'), [1])).map(inShort)).toEqual([2]);
  });
});

describe('a job that breaks its worker', () => {
  it.each([
    ['exits', { exitAtSetup: true }, 'WORKER_CRASHED', /while it set up the job/],
    ['throws', { refuse: true }, 'JOB_FAILED', /this setup is refused/],
  ])('that %s at setup ends the run on all workers, and the pool goes on', async (_name, setup, code, message) => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const run = pool.runBatch(testJob('setup', setup), count(50));
    await expect(run).rejects.toMatchObject({ code });
    await expect(run).rejects.toThrow(message);
    expect((await pool.runBatch(testJob('setup'), count(50))).map(inShort)).toEqual(count(50).map((x) => 2 * x));
  });
});

describe('a job that never comes to an end of its setup', () => {
  const FOR_EVER = 2 ** 30;
  const blocking = (key: string): { readonly job: Job; readonly begun: () => number } => {
    const counter = new SharedArrayBuffer(32);
    return {
      job: testJob(key, { counter, blockAtSetup: FOR_EVER }),
      begun: () => Atomics.load(new Int32Array(counter), 5),
    };
  };

  it('is left by a preparation that is stopped, and its threads end', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const { job, begun } = blocking('blocking');
    const controller = new AbortController();
    const prepared = pool.prepare(job, { signal: controller.signal, graceMs: 20 });
    while (begun() < 2) await turn();
    controller.abort();
    await expect(prepared).rejects.toMatchObject({ code: 'INTERRUPTED' });
    while (pool.statistics().threadsLost < 2) await turn();
    expect((await pool.runBatch(testJob('next'), [1, 2])).map(inShort)).toEqual([2, 4]);
  });

  it('costs nothing where it comes to one within the grace', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const counter = new SharedArrayBuffer(32);
    const job = testJob('slow', { counter, blockAtSetup: 50 });
    const controller = new AbortController();
    const prepared = pool.prepare(job, { signal: controller.signal, graceMs: 60_000 });
    while (Atomics.load(new Int32Array(counter), 5) < 2) await turn();
    controller.abort();
    await expect(prepared).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await pool.runBatch(job, [1, 2])).map(inShort)).toEqual([2, 4]);
    expect(pool.statistics()).toMatchObject({ threadsStarted: 2, threadsLost: 0 });
  });

  it('does not keep whoever releases it waiting, not even where its turn comes after that', async () => {
    await using pool = new PersistentWorkerPool({ workers: 1, graceMs: 20 });
    const words = new Int32Array(new SharedArrayBuffer(32));
    const busy = pool.runBatch(testJob('busy', { counter: words.buffer }), [{ act: 'progress', fraction: 1 }]);
    while (Atomics.load(words, 2) === 0) await turn();
    const { job, begun } = blocking('behind');
    const controller = new AbortController();
    const prepared = pool.prepare(job, { signal: controller.signal, graceMs: 0 });
    controller.abort();
    await expect(prepared).rejects.toMatchObject({ code: 'INTERRUPTED' });
    const released = pool.release(job.key);
    expect(begun()).toBe(0);
    Atomics.store(words, 3, 1);
    Atomics.notify(words, 3);
    expect((await busy).map(inShort)).toEqual([1]);
    await released;
    expect(begun()).toBe(1);
    // The end of a thread is heard of after whoever released it.
    while (pool.statistics().threadsLost === 0) await turn();
  });

  it('ends at the deadline of a preparation, which names what is loaded', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const { job } = blocking('late');
    const prepared = pool.prepare({ ...job, subject: 'endless.ts' }, { setupTimeoutMs: 200 });
    await expect(prepared).rejects.toMatchObject({ code: 'SETUP_TIMEOUT', details: { job: 'late', timeoutMs: 200 } });
    await expect(prepared).rejects.toThrow(/after 200 ms of loading endless\.ts/);
    await expect(pool.prepare(testJob('late'))).resolves.toBeUndefined();
  });

  it('ends at the deadline of a run whose other threads are busy, and leaves other runs alone', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const sound = pool.runBatch(
      testJob('sound'),
      count(100).map((x) => ({ act: 'block', x, milliseconds: 4 })),
    );
    const { job } = blocking('late');
    await expect(pool.runBatch(job, [1], { setupTimeoutMs: 100 })).rejects.toMatchObject({ code: 'SETUP_TIMEOUT' });
    expect((await sound).map(inShort)).toEqual(count(100).map((x) => 2 * x));
  });
});

describe('stopping', () => {
  it('ends a loop after the grace, and the pool goes on with fresh threads', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const controller = new AbortController();
    const told: unknown[] = [];
    const run = pool.run(
      testJob('stop'),
      tasksOf([{ act: 'loop' }, { act: 'loop' }, 1, 2]),
      (task) => told.push(task),
      {
        signal: controller.signal,
        graceMs: 20,
      },
    );
    while (pool.activity().length < 2) await turn();
    controller.abort();
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED', details: { told: 0 } });
    expect(told).toEqual([]);
    expect((await pool.runBatch(testJob('stop'), [1, 2])).map(inShort)).toEqual([2, 4]);
  });

  it('one run leaves another on the same threads unharmed', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const controller = new AbortController();
    const { signal } = controller;
    const stopped = pool.runBatch(testJob('stopped'), [{ act: 'loop' }, ...count(50)], { signal, graceMs: 20 });
    while (pool.activity().length === 0) await turn();
    const sound = pool.runBatch(testJob('unharmed'), count(400));
    controller.abort();
    await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED' });
    expect((await sound).map(inShort)).toEqual(count(400).map((x) => 2 * x));
  });

  it('a run whose tasks only wait behind another run takes no time, and costs no thread', async () => {
    const counter = new SharedArrayBuffer(32);
    const words = new Int32Array(counter);
    await using pool = new PersistentWorkerPool({ workers: 1 });
    const busy = pool.runBatch(testJob('busy', { counter }), [{ act: 'progress', fraction: 1 }]);
    while (Atomics.load(words, 2) === 0) await turn();
    const controller = new AbortController();
    const waiting = pool.runBatch(testJob('waiting'), count(5), { signal: controller.signal, graceMs: 60_000 });
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'INTERRUPTED', details: { told: 0 } });
    Atomics.store(words, 3, 1);
    Atomics.notify(words, 3);
    expect((await busy).map(inShort)).toEqual([1]);
    expect(pool.statistics().threadsLost).toBe(0);
  });

  it('by closing the pool rejects its runs and ends threads that loop', async () => {
    const pool = new PersistentWorkerPool({ workers: 2, graceMs: 20 });
    const run = pool.runBatch(testJob('closing'), [{ act: 'loop' }, { act: 'loop' }, 1]);
    const rejected = expect(run).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    while (pool.activity().length < 2) await turn();
    await Promise.all([pool.close(), pool.close(), rejected]);
    expect(pool.statistics().perWorker).toEqual([]);
  });

  it('before the threads are ready rejects whoever waits for them', async () => {
    const pool = new PersistentWorkerPool({ workers: 2 });
    const ready = expect(pool.ready()).rejects.toMatchObject({ code: 'POOL_CLOSED' });
    await Promise.all([pool.close(), ready]);
  });
});

describe('progress inside a task', () => {
  it('is seen while the task runs', async () => {
    const counter = new SharedArrayBuffer(32);
    const words = new Int32Array(counter);
    await using pool = new PersistentWorkerPool({ workers: 1 });
    const before = Date.now();
    const run = runBatch(pool, testJob('progress', { counter }), [{ act: 'progress', fraction: 0.625 }]);
    while (Atomics.load(words, 2) === 0) await turn();
    const [activity] = pool.activity();
    expect(activity).toMatchObject({ worker: 0, job: 'progress', task: 0, fraction: 0.625 });
    expect(Math.abs(activity!.startedAt - before)).toBeLessThan(60_000);
    Atomics.store(words, 3, 1);
    Atomics.notify(words, 3);
    expect((await run).map(inShort)).toEqual([0.625]);
    expect(pool.activity()).toEqual([]);
  });
});
