import { describe, expect, it } from 'vitest';
import { cpuCalls } from '../../../src/profiling/profile.js';
import { Recorder } from '../../../src/profiling/recorder.js';
import { everyCall } from '../../helpers/call-trees.js';

const settings = { sampleMicroseconds: 200, heapIntervalBytes: 8192 };

/** Makes `count` arrays of a hundred doubles, and keeps the last few. */
function makeArrays(count: number): number {
  const kept: number[][] = [];
  for (let i = 0; i < count; i++) {
    const made = new Array<number>(100);
    made[0] = i + 0.5;
    kept[i % 8] = made;
  }
  return kept.reduce((sum, [first = 0]) => sum + first, 0);
}

describe('Recorder', () => {
  it('finds the function that worked, and all that it allocated, also what was collected', async () => {
    const recorder = await Recorder.start(settings);
    const count = 100_000;
    const begun = performance.now();
    makeArrays(count);
    const ms = performance.now() - begun;
    const { cpu, heap } = recorder.stop();

    const found = everyCall(cpuCalls(cpu)).filter(({ frame }) => frame.name === 'makeArrays');
    const total = found.reduce((sum, each) => sum + each.total, 0);
    expect(total).toBeGreaterThan(0);
    expect(total).toBeLessThanOrEqual(ms + 2);

    const bytesIn = (node: typeof heap.head): number =>
      (node.callFrame.functionName === 'makeArrays' ? node.selfSize : 0) +
      node.children.reduce((sum, child) => sum + bytesIn(child), 0);
    // A hundred pointers or doubles and two headers: 800 bytes at least, 900 at most. Some 10,000 samples are 1 % off.
    expect(bytesIn(heap.head) / count).toBeGreaterThan(760);
    expect(bytesIn(heap.head) / count).toBeLessThan(1000);
  });

  it('can be ended for nobody, twice, and started again', async () => {
    const recorder = await Recorder.start(settings);
    recorder.discard();
    recorder.discard();
    const { cpu } = (await Recorder.start(settings)).stop();
    expect(cpu.nodes[0]!.callFrame.functionName).toBe('(root)');
  });
});
