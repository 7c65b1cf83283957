import { describe, expect, it } from 'vitest';
import { RunError, UsageError } from '../../src/core/errors.js';
import { type Executor, type Job, NOT_YET, type TaskOutcome } from '../../src/parallel/executor.js';
import { runBatch, tasksOf } from '../../src/parallel/task-source.js';

/** File URL of the runner that the executor tests use. */
export const RUNNER = new URL('../fixtures/parallel-runner.mjs', import.meta.url).href;

/** A job over that runner. */
export const testJob = (key: string, setup: unknown = {}): Job => ({ key, module: RUNNER, setup });

/** The outcome of a task as one word: its value, or the error's code. */
export const inShort = (outcome: TaskOutcome<unknown>): unknown =>
  outcome.state === 'done' ? outcome.value : outcome.error.code;

/** What any executor must do, wherever its tasks run. */
export function executorContract(name: string, create: () => Executor): void {
  describe(`${name} honours the executor contract`, () => {
    it('gives every task one outcome, in the order of the list', async () => {
      await using executor = create();
      const tasks = Array.from({ length: 500 }, (_, i) => i);
      const outcomes = await runBatch<number, number>(executor, testJob('double'), tasks);
      expect(outcomes.map(inShort)).toEqual(tasks.map((task) => task * 2));
    });

    it('tells each outcome once with its task and index', async () => {
      await using executor = create();
      const told: number[] = [];
      await executor.run<{ act: string; x: number }, number>(
        testJob('told'),
        tasksOf([{ act: 'later', x: 30, milliseconds: 20 }, ...[1, 2, 3].map((x) => ({ act: 'double', x }))]),
        (task, index, outcome, worker) => {
          expect(inShort(outcome)).toBe(task.x * 2);
          expect(worker.id).toBeGreaterThanOrEqual(0);
          expect(worker.milliseconds).toBeGreaterThanOrEqual(0);
          told.push(index);
        },
      );
      expect(told.sort()).toEqual([0, 1, 2, 3]);
    });

    it('does nothing for no tasks', async () => {
      await using executor = create();
      expect(await runBatch(executor, testJob('none'), [])).toEqual([]);
    });

    it('awaits a promise', async () => {
      await using executor = create();
      const tasks = [5, 6].map((x) => ({ act: 'later', x, milliseconds: 2 }));
      expect((await runBatch(executor, testJob('later'), tasks)).map(inShort)).toEqual([10, 12]);
    });

    it.each([
      ['throw', 'UNEXPECTED', 'out of range'],
      ['reject', 'UNEXPECTED', 'rejected'],
      ['throwPlain', 'NON_ERROR_THROWN', 'plain text'],
      ['throwStrange', 'NON_ERROR_THROWN', 'cannot be shown'],
      ['throwUncloneable', 'ODD', 'with a function'],
    ])('fails the one task that does %s', async (act, code, message) => {
      await using executor = create();
      const [before, failed, after] = await runBatch(executor, testJob('failing'), [1, { act }, 2]);
      expect([before, after].map((outcome) => inShort(outcome!))).toEqual([2, 4]);
      expect(failed).toMatchObject({ state: 'failed', attempts: 1, error: { code } });
      expect(failed!.state === 'failed' && failed!.error.message).toContain(message);
    });

    it('rejects with what createRunner throws', async () => {
      await using executor = create();
      const run = runBatch(executor, testJob('refused', { refuse: true }), [1, 2, 3]);
      await expect(run).rejects.toThrow(/this setup is refused/);
      await expect(run).rejects.toMatchObject({ code: 'JOB_FAILED', exitCode: 1 });
      expect((await runBatch(executor, testJob('sound'), [1])).map(inShort)).toEqual([2]);
    });

    it('rejects for a module that is not there, or exports no createRunner', async () => {
      await using executor = create();
      const absent = { key: 'absent', module: new URL('absent.mjs', RUNNER).href, setup: {} };
      await expect(runBatch(executor, absent, [1])).rejects.toThrow(/absent\.mjs/);
      const wrong = { key: 'wrong', module: 'node:path', setup: {} };
      await expect(runBatch(executor, wrong, [1])).rejects.toMatchObject({ code: 'NOT_A_JOB_MODULE', exitCode: 2 });
    });

    it('rejects with what the source throws', async () => {
      await using executor = create();
      const full = new RunError('DISK_FULL', { message: 'no space left' });
      let given = 0;
      const next = (): number => {
        if (given === 40) throw full;
        return given++;
      };
      await expect(executor.run(testJob('source'), { next }, () => {})).rejects.toBe(full);
    });

    it('rejects with what the listener throws, and tells no more', async () => {
      await using executor = create();
      const full = new RunError('DISK_FULL', { message: 'no space left' });
      let told = 0;
      const tasks = Array.from({ length: 100 }, (_, i) => i);
      const run = executor.run(testJob('listener'), tasksOf(tasks), () => {
        told++;
        if (told === 3) throw full;
      });
      await expect(run).rejects.toBe(full);
      expect(told).toBe(3);
    });

    it('asks a waiting source again after each outcome', async () => {
      await using executor = create();
      let given = 0;
      let told = 0;
      // Task k may be given when task k - 2 is told: a sampler with a lag of two.
      const next = (): number | typeof NOT_YET | undefined => {
        if (given === 60) return undefined;
        return given - told < 2 ? given++ : NOT_YET;
      };
      await executor.run<number, number>(testJob('lag'), { next }, (_task, _index, outcome) => {
        expect(outcome.state).toBe('done');
        told++;
      });
      expect(told).toBe(60);
    });

    it('asks a waiting source again when it says so', async () => {
      await using executor = create();
      const waiting: number[] = [];
      const values: unknown[] = [];
      let open = true;
      let wake = (): void => {};
      const source = {
        next: () => waiting.shift() ?? (open ? NOT_YET : undefined),
        onReady: (ring: () => void) => {
          wake = ring;
        },
      };
      const run = executor.run<number, number>(testJob('wake'), source, (task, _index, outcome) => {
        values.push(inShort(outcome));
        setImmediate(() => {
          if (task < 5) waiting.push(task + 1);
          else open = false;
          wake();
        });
      });
      setImmediate(() => {
        waiting.push(1);
        wake();
      });
      await run;
      expect(values).toEqual([2, 4, 6, 8, 10]);
    });

    it('refuses to wait for ever', async () => {
      await using executor = create();
      let given = 0;
      const source = { next: () => (given < 3 ? given++ : NOT_YET) };
      const run = executor.run<number, number>(testJob('stalled'), source, () => {});
      await expect(run).rejects.toMatchObject({ code: 'SOURCE_STALLED' });
    });

    it('stops at a signal: nothing more is handed out, and no listener is left', async () => {
      await using executor = create();
      const controller = new AbortController();
      const { signal } = controller;
      let added = 0;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...rest: Parameters<typeof add>) => {
        added++;
        add(...rest);
      };
      signal.removeEventListener = (...rest: Parameters<typeof remove>) => {
        added--;
        remove(...rest);
      };
      let given = 0;
      let givenAtAbort = Number.POSITIVE_INFINITY;
      let told = 0;
      const run = executor.run<number, number>(
        testJob('signal'),
        { next: () => given++ },
        () => {
          if (++told !== 100) return;
          controller.abort(new Error('Ctrl-C'));
          givenAtAbort = given;
        },
        { signal },
      );
      await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED', cause: { message: 'Ctrl-C' } });
      expect(given).toBe(givenAtAbort);
      expect(added).toBe(0);
      const again = runBatch(executor, testJob('signal'), [1], { signal });
      await expect(again).rejects.toMatchObject({ code: 'INTERRUPTED' });
      expect((await runBatch(executor, testJob('signal'), [1])).map(inShort)).toEqual([2]);
    });

    it('waits for a running task no longer than the grace', async () => {
      await using executor = create();
      const controller = new AbortController();
      const run = runBatch(executor, testJob('grace'), [{ act: 'hang' }], { signal: controller.signal, graceMs: 10 });
      while (executor.activity().length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(executor.activity()).toMatchObject([{ job: 'grace', task: 0, fraction: 0 }]);
      controller.abort();
      await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED', details: { told: 0, lost: 1 } });
    });

    it('lets a running task finish within the grace, and tells it', async () => {
      await using executor = create();
      const controller = new AbortController();
      const values: unknown[] = [];
      const task = { act: 'later', x: 4, milliseconds: 30 };
      const run = executor.run(
        testJob('finish'),
        tasksOf([task]),
        (_task, _index, outcome) => values.push(inShort(outcome)),
        { signal: controller.signal, graceMs: 60_000 },
      );
      while (executor.activity().length === 0) await new Promise((resolve) => setImmediate(resolve));
      controller.abort();
      await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED', details: { told: 1, lost: 0 } });
      expect(values).toEqual([8]);
    });

    it('waits for a runner no longer than the grace after a signal, or than it may take', async () => {
      await using executor = create();
      const controller = new AbortController();
      const hanging = { ...testJob('hanging', { hangAtSetup: true }), subject: 'slow.ts' };
      const stopped = runBatch(executor, hanging, [1], { signal: controller.signal, graceMs: 10 });
      setImmediate(() => controller.abort());
      await expect(stopped).rejects.toMatchObject({ code: 'INTERRUPTED', details: { told: 0 } });
      const late = runBatch(executor, { ...hanging, key: 'late' }, [1], { setupTimeoutMs: 100 });
      await expect(late).rejects.toMatchObject({ code: 'SETUP_TIMEOUT', exitCode: 1, details: { subject: 'slow.ts' } });
      await expect(late).rejects.toThrow(/after 100 ms of loading slow\.ts/);
      expect((await runBatch(executor, testJob('sound'), [1])).map(inShort)).toEqual([2]);
    });

    it('fails a task that overruns its time, and no other', async () => {
      await using executor = create();
      const tasks = [1, { act: 'hang' }, 2, { act: 'later', x: 3, milliseconds: 1 }];
      const outcomes = await runBatch(executor, testJob('overdue'), tasks, { taskTimeoutMs: 500 });
      expect(outcomes.map(inShort)).toEqual([2, 'TASK_TIMEOUT', 4, 6]);
      expect(outcomes[1]).toMatchObject({ attempts: 1, error: { details: { task: 1, timeoutMs: 500 } } });
    });

    it('runs two jobs at the same time', async () => {
      await using executor = create();
      const tasks = Array.from({ length: 200 }, (_, i) => i);
      const runs = ['first', 'second'].map((key) => runBatch<number, number>(executor, testJob(key), tasks));
      for (const outcomes of await Promise.all(runs)) {
        expect(outcomes.map(inShort)).toEqual(tasks.map((task) => task * 2));
      }
    });

    it('refuses a closed executor and wrong options', async () => {
      const executor = create();
      await runBatch(executor, testJob('open'), [1]);
      await expect(runBatch(executor, testJob('options'), [1], { retries: -1 })).rejects.toThrow(UsageError);
      await expect(runBatch(executor, testJob('options'), [1], { taskTimeoutMs: 0 })).rejects.toThrow(UsageError);
      await expect(runBatch(executor, testJob('options'), [1], { setupTimeoutMs: 0 })).rejects.toThrow(UsageError);
      const misspelt = { taskTimeout: 5 } as object;
      await expect(runBatch(executor, testJob('options'), [1], misspelt)).rejects.toThrow(/taskTimeoutMs/);
      await expect(runBatch(executor, testJob('undefined'), [1, undefined])).rejects.toThrow(/Task 1 is undefined/);
      await executor.close();
      await executor.close();
      await expect(runBatch(executor, testJob('closed'), [1])).rejects.toMatchObject({ code: 'POOL_CLOSED' });
      expect(executor.activity()).toEqual([]);
    });

    it('shows itself in a line', async () => {
      await using executor = create();
      expect(String(executor)).toMatch(/^\w+\(.+\)$/);
    });
  });
}
