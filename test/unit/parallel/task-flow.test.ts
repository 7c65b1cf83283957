import { describe, expect, it } from 'vitest';
import { NOT_YET } from '../../../src/parallel/executor.js';
import { InlineExecutor } from '../../../src/parallel/inline-executor.js';
import { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import { inShort, testJob } from '../../contract/executor-contract.js';

interface Span {
  readonly start: number;
  readonly end: number;
  readonly threadId: number;
}

/** Durations from 2 to 100 ms, the long ones rare and last: the worst case for a queue. */
const durations = [...Array.from({ length: 120 }, (_, i) => 2 + ((i * 7) % 11)), 40, 60, 80, 100];

describe('the flow of tasks', () => {
  it("counts as the time of a task that of its runner alone, in the caller's thread too", async () => {
    await using inline = new InlineExecutor();
    let spent = 0;
    const spend = (): void => {
      const begun = performance.now();
      while (performance.now() - begun < 20);
      spent += performance.now() - begun;
    };
    let counted = 0;
    let given = 0;
    const next = (): object | undefined => {
      spend();
      return given++ === 5 ? undefined : { act: 'double', x: 1 };
    };
    await inline.run(testJob('time'), { next }, (_task, _index, _outcome, { milliseconds }) => {
      spend();
      counted += milliseconds;
    });
    expect(counted).toBeLessThan(spent / 3);
  });

  it.each([true, false])('leaves no worker idle while tasks remain (number of tasks known: %s)', async (known) => {
    const workers = 4;
    await using pool = new PersistentWorkerPool({ workers });
    const warmUp = durations.map(() => ({ act: 'span', milliseconds: 1 }));
    await pool.ready();
    await pool.runBatch(testJob('makespan'), warmUp);
    const spans: Span[] = [];
    let given = 0;
    const next = (): object | undefined => {
      const milliseconds = durations[given++];
      return milliseconds === undefined ? undefined : { act: 'span', milliseconds };
    };
    const remaining = (): number => durations.length - given;
    await pool.run<object, Span>(
      testJob('makespan'),
      known ? { next, remaining } : { next },
      (_task, _index, outcome) => spans.push(inShort(outcome) as Span),
    );
    expect(spans).toHaveLength(durations.length);
    // Graham's bound for greedy scheduling, on the durations as they came out.
    const times = spans.map(({ start, end }) => end - start);
    const sum = times.reduce((total, time) => total + time, 0);
    const greedy = sum / workers + (1 - 1 / workers) * Math.max(...times);
    const makespan = Math.max(...spans.map(({ end }) => end)) - Math.min(...spans.map(({ start }) => start));
    expect(makespan / greedy).toBeLessThanOrEqual(1.15);
    expect(new Set(spans.map(({ threadId }) => threadId)).size).toBe(workers);
  });

  it('takes tasks back that a busy worker has not begun', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    // Quick tasks make leases long; one among them ends only when all others are told.
    const counter = new SharedArrayBuffer(32);
    const words = new Int32Array(counter);
    const job = testJob('stealing', { counter });
    let told = 0;
    let given = 0;
    let waited = false;
    const last = 5000;
    const next = (): unknown => {
      if (given > last) return undefined;
      // A source that has waited is owed each result at once, also those before the long task in its lease.
      if (given === 100 && !waited) {
        waited = true;
        return NOT_YET;
      }
      return given++ === 3000 ? { act: 'progress', fraction: 0 } : given;
    };
    await pool.run(job, { next }, () => {
      told++;
      if (told !== last) return;
      Atomics.store(words, 3, 1);
      Atomics.notify(words, 3);
    });
    expect(told).toBe(last + 1);
  });

  it('streams a million tiny tasks with few of them in flight', async () => {
    await using pool = new PersistentWorkerPool({ workers: 2 });
    const total = 1_000_000;
    let given = 0;
    let told = 0;
    let sum = 0;
    let mostInFlight = 0;
    const next = (): number | undefined => {
      if (given === total) return undefined;
      mostInFlight = Math.max(mostInFlight, given - told);
      return given++;
    };
    await pool.run<number, number>(
      testJob('million'),
      { next, remaining: () => total - given },
      (task, index, outcome) => {
        told++;
        if (outcome.state === 'done' && index === task) sum += outcome.value;
      },
    );
    expect(told).toBe(total);
    expect(sum).toBe(total * (total - 1));
    // Two leases of at most 1024 for each of two workers, and a round of the queue.
    expect(mostInFlight).toBeLessThanOrEqual(3 * 2 * 1024);
  });

  it('in this thread lets timers and signals through between tasks', async () => {
    await using inline = new InlineExecutor();
    const controller = new AbortController();
    let given = 0;
    const next = (): number => {
      if (given === 0) setTimeout(() => controller.abort(), 0);
      return given++;
    };
    const run = inline.run(testJob('turns'), { next }, () => {}, { signal: controller.signal });
    await expect(run).rejects.toMatchObject({ code: 'INTERRUPTED' });
  });
});
