import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { NOT_YET } from '../../src/parallel/executor.js';
import { PersistentWorkerPool } from '../../src/parallel/persistent-worker-pool.js';
import { MAX_LEASE, WorkerSlot } from '../../src/parallel/worker-slot.js';
import { inShort, testJob } from '../contract/executor-contract.js';

interface Act {
  readonly act: string;
  readonly x: number;
  readonly milliseconds?: number;
  readonly expected: (x: number) => unknown;
}

const fates: readonly [weight: number, act: string, expected: (x: number) => unknown, longest: number][] = [
  [40, 'double', (x) => 2 * x, 0],
  [10, 'block', (x) => 2 * x, 4],
  [10, 'later', (x) => 2 * x, 4],
  [6, 'throw', () => 'UNEXPECTED', 0],
  [3, 'uncloneable', () => 'RESULT_NOT_CLONEABLE', 0],
  [1, 'exit', () => 'WORKER_CRASHED', 0],
  [1, 'crashLater', () => 'WORKER_CRASHED', 0],
];

const acts = fc.array(
  fc.oneof(
    ...fates.map(([weight, act, expected, longest]) => ({
      weight,
      arbitrary: fc
        .record({ x: fc.nat(1000), milliseconds: fc.nat(longest) })
        .map((rest): Act => ({ act, ...rest, expected })),
    })),
  ),
  { maxLength: 60 },
);

describe('a worker pool, whatever its tasks do', () => {
  const pools = [1, 2, 3].map((workers) => new PersistentWorkerPool({ workers }));
  afterAll(() => Promise.all(pools.map((pool) => pool.close())));

  it('tells every task once, with its own outcome, under any lag of the source', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(acts, fc.nat(2), fc.integer({ min: 1, max: 40 }), async (tasks, which, lag) => {
        const told = new Array<unknown>(tasks.length).fill('untold');
        let given = 0;
        let count = 0;
        const next = (): object | typeof NOT_YET | undefined => {
          if (given === tasks.length) return undefined;
          if (given - count >= lag) return NOT_YET;
          const { expected: _, ...task } = tasks[given++]!;
          return task;
        };
        await pools[which]!.run(testJob(`any-${run++ % 5}`), { next }, (_task, index, outcome) => {
          expect(told[index]).toBe('untold');
          told[index] = inShort(outcome);
          count++;
        });
        expect(told).toEqual(tasks.map(({ x, expected }) => expected(x)));
      }),
      { numRuns: 150 },
    );
  });
});

describe('a lease in shared memory', () => {
  it('is split between worker and parent without loss or overlap', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_LEASE }),
        fc.nat(100_000),
        fc.array(fc.oneof(fc.constant('claim' as const), fc.nat(MAX_LEASE)), { maxLength: 60 }),
        (size, lease, steps) => {
          const slot = new WorkerSlot().clear();
          slot.open(lease, size);
          const claimed: number[] = [];
          let end = size;
          for (const step of steps) {
            if (step === 'claim') {
              const index = slot.claim(lease);
              if (index >= 0) claimed.push(index);
              else expect(claimed.length).toBe(end);
            } else {
              const next = slot.revoke(lease, step);
              expect(next).toBe(Math.max(claimed.length, end - step));
              end = next;
            }
          }
          expect(claimed).toEqual(Array.from({ length: claimed.length }, (_, i) => i));
          expect([slot.claimed(lease), slot.unclaimed(lease)]).toEqual([claimed.length, end - claimed.length]);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
