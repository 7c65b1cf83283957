import { describe, expect, it } from 'vitest';
import { EphemeralPool } from '../../../src/parallel/ephemeral-pool.js';
import { PersistentWorkerPool } from '../../../src/parallel/persistent-worker-pool.js';
import { Profiler } from '../../../src/profiling/profiler.js';
import type { RecordingSink } from '../../../src/profiling/recorder.js';
import { inShort, testJob } from '../../contract/executor-contract.js';

/** Collects who handed over and who did not. */
function collector() {
  const seen = { recorded: [] as number[], lost: [] as number[], functions: new Set<string>() };
  const profile: RecordingSink = {
    settings: { sampleMicroseconds: 200, heapIntervalBytes: 4096 },
    onRecording: (worker, { cpu, heap }) => {
      seen.recorded.push(worker);
      expect(heap.head.callFrame.functionName).toBe('(root)');
      for (const { callFrame } of cpu.nodes) seen.functions.add(callFrame.functionName);
    },
    onLost: (worker) => seen.lost.push(worker),
  };
  return { seen, profile };
}

describe('a pool whose threads are recorded', () => {
  it('hands over what each thread did when it ends, and gives the same results', async () => {
    const { seen, profile } = collector();
    await using pool = new PersistentWorkerPool({ workers: 2, profile });
    expect((await pool.runBatch(testJob('double'), [1, 2, 3])).map(inShort)).toEqual([2, 4, 6]);
    expect(seen.recorded).toEqual([]);
    await pool.close();
    expect(seen.recorded.sort()).toEqual([0, 1]);
    expect(seen.lost).toEqual([]);
    expect([...seen.functions]).toContain('handleInbox');
  });

  it('says which threads died without handing over', async () => {
    const { seen, profile } = collector();
    await using pool = new PersistentWorkerPool({ workers: 2, profile });
    const outcomes = await pool.runBatch(testJob('exit'), [1, { act: 'exit' }, 3], { retries: 0 });
    expect(outcomes.map(inShort)).toEqual([2, 'WORKER_CRASHED', 6]);
    await pool.close();
    expect(seen.lost).toHaveLength(1);
    expect(new Set([...seen.recorded, ...seen.lost]).size).toBe(seen.recorded.length + 1);
  });

  it('hears of threads that are replaced, and of every pool that is made for a run', async () => {
    using profiler = await Profiler.start({ sampleMicroseconds: 200, heapIntervalBytes: 4096 });
    await using pool = new EphemeralPool({ workers: 1, profile: profiler.sink });
    for (const x of [1, 2]) await pool.runBatch(testJob('double'), [x]);
    await using replacing = new PersistentWorkerPool({ workers: 1, profile: profiler.sink });
    await replacing.ready();
    await replacing.resetWorkers();
    await replacing.close();
    const { threads } = profiler.finish();
    expect(threads.map(({ name }) => name)).toEqual(['main', 'worker 0', 'worker 0 (2)', 'worker 0 (3)', 'worker 1']);
  });
});
